// Retention over REST: scopes and rules in bodies, whole numbers in queries, errors with their status.
import { expect, test } from 'vitest';
import { startHttpServer } from '../../electron/transport/http.ts';
import { profileFields } from '../../shared/contract/profiles.ts';
import { makeEngine } from '../support/engine.ts';
import { temporaryDirectory } from '../support/home.ts';
import { ask } from '../support/http-request.ts';

test('a rule is set, tried, applied and removed', async () => {
  const engine = await makeEngine();
  const server = await startHttpServer({
    engine: engine.engine,
    port: 0,
    pageDirectory: temporaryDirectory('page'),
    homeDirectory: engine.home,
    version: '1',
    log: engine.ports.log,
  });
  const call = async (method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> => {
    // Node leaves the length out where a DELETE has a body.
    const text = JSON.stringify(body);
    const answer = await ask(server.origin, `/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.apiToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      },
      ...(body === undefined ? {} : { body: text }),
    });
    return { status: answer.status, json: answer.json };
  };
  const { id } = await engine.client.profiles.create({ profile: profileFields.parse({ name: 'shop', host: 'db.test' }) });
  const scope = { kind: 'profile', profileId: id };

  expect(await call('PUT', '/retention', { scope, rule: { keepLast: 3 } })).toMatchObject({
    status: 200,
    json: { words: 'keeps the last 3' },
  });
  expect(await call('PUT', '/retention', { scope, rule: { keepLast: 0 } })).toMatchObject({ status: 400 });
  expect(await call('PUT', '/retention', { scope: { ...scope, profileId: 'pro_x' }, rule: {} })).toMatchObject({ status: 404 });
  expect(await call('GET', '/retention')).toMatchObject({ status: 200, json: [{ scope, rule: { keepLast: 3, keepAtLeast: 1 } }] });
  const nothing = { keep: [], delete: [], keepBytes: 0, deleteBytes: 0 };
  expect(await call('POST', '/retention/preview', { profileId: id, instead: { scope, rule: { keepDays: 1 } } })).toMatchObject({
    status: 200,
    json: nothing,
  });
  expect(await call('POST', '/retention/apply', { confirm: 2 })).toMatchObject({ status: 409 });
  const applied = await call('POST', '/retention/apply', { confirm: 0 });
  expect(await engine.ended((applied.json as { jobId: string }).jobId)).toMatchObject({
    status: 'succeeded',
    result: { removed: 0, freedBytes: 0 },
  });
  expect(await call('GET', '/retention/deletions?limit=5&offset=0')).toMatchObject({ status: 200, json: { deletions: [], total: 0 } });
  expect(await call('DELETE', '/retention', { scope })).toMatchObject({ status: 200, json: { removed: true } });
  await server.close();
  await engine.close();
});
