// Preview and restore by strategy over REST, with a real engine behind it.
import { expect, test } from 'vitest';
import type { Restore } from '../../shared/contract/restores.ts';
import type { PreviewState } from '../../shared/contract/previews.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { startHttpServer } from '../../electron/transport/http.ts';
import { makeEngine } from '../support/engine.ts';
import { temporaryDirectory } from '../support/home.ts';
import { ask } from '../support/http-request.ts';
import { createDatabase, dropDatabase, sql } from '../support/server.ts';

test('a preview is made, judged and carried out; one that no longer holds is not', async () => {
  const engine = await makeEngine();
  const server = await startHttpServer({
    engine: engine.engine,
    port: 0,
    pageDirectory: temporaryDirectory('page'),
    homeDirectory: engine.home,
    version: '1',
    log: engine.ports.log,
  });
  const call = async <T>(method: string, path: string, body?: unknown): Promise<{ status: number; json: T }> => {
    const answer = await ask(server.origin, `/api${path}`, {
      method,
      headers: { authorization: `Bearer ${server.apiToken}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: answer.json as T };
  };
  const database = await createDatabase("create table t (id int primary key, v text); insert into t values (1, 'a'), (2, 'b'), (3, 'c')");
  const profile = await engine.addProfile({ database });
  const backup = await engine.backUpWell(profile.id);
  await sql(database, 'update t set v = null where id = 1; delete from t where id = 2');
  const source = { kind: 'backup', id: backup.id };

  const started = await call<{ jobId: string; previewId: string }>('POST', '/previews', { source, profileId: profile.id });
  expect(started.status).toBe(200);
  await engine.ended(started.json.jobId);
  const { json: state } = await call<PreviewState>('GET', `/previews/${started.json.previewId}`);
  if (state.status !== 'ready') throw new Error(JSON.stringify(state));
  expect(state.preview.strategies.merge).toEqual({ created: 1, updated: 1, deleted: 0, skipped: 1 });
  const judged = await call('POST', `/previews/${state.id}/judge`, { strategy: 'merge' });
  expect(judged).toMatchObject({ status: 200, json: { effects: { created: 1, updated: 1 }, blockers: [], verdict: { safe: true } } });

  const order = { source, profileId: profile.id, strategy: 'merge', previewId: state.id, fingerprint: state.preview.fingerprint };
  expect(await call<{ error: ErrorReport }>('POST', '/restores', { ...order, confirm: 'another' })).toMatchObject({ status: 428 });
  const restoring = await call<{ jobId: string; restoreId: string }>('POST', '/restores', { ...order, confirm: database });
  expect(restoring.status).toBe(200);
  await engine.ended(restoring.json.jobId);
  const { json: restore } = await call<Restore>('GET', `/restores/${restoring.json.restoreId}`);
  expect(restore).toMatchObject({ status: 'succeeded', mode: 'merge', rows: { created: 1, updated: 1, deleted: 0, skipped: 1 } });
  expect((await call('GET', `/previews/${state.id}`)).status).toBe(404);

  const again = await call<{ jobId: string; restoreId: string }>('POST', '/restores', { ...order, confirm: database });
  await engine.ended(again.json.jobId);
  expect((await call<Restore>('GET', `/restores/${again.json.restoreId}`)).json).toMatchObject({
    status: 'failed',
    error: { code: 'PLAN_STALE' },
  });
  expect(await sql(database, 'select * from t order by id')).toEqual([
    { id: 1, v: 'a' },
    { id: 2, v: 'b' },
    { id: 3, v: 'c' },
  ]);
  await server.close();
  await engine.close();
  await dropDatabase(database);
});
