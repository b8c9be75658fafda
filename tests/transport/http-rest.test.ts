// REST and the page's own calls over HTTP: answers, failures, streams.
import { get, type IncomingMessage } from 'node:http';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import { describe, expect, test } from 'vitest';
import type { Contract } from '../../shared/contract/index.ts';
import { fromWireError } from '../../electron/transport/errors.ts';
import { ask } from '../support/http-request.ts';
import { until } from '../support/wait.ts';
import { bearer, serveStub, session } from './stub-server.ts';

const here = serveStub();

describe('REST', () => {
  test('the token opens it, and the engine knows who asks', async () => {
    const answer = await ask(here.server.origin, '/api/app', { headers: bearer(here) });
    expect(answer).toMatchObject({ status: 200, json: { version: '0.0.0' } });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(here.stub.lastCaller()).toBe('rest');
  });

  test('failures carry code, message and hint under `error`', async () => {
    const answer = await ask(here.server.origin, '/api/profiles/pro_x', { headers: bearer(here) });
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual({
      error: { code: 'NOT_FOUND', message: 'There is no profile pro_x.', hint: 'List them.', detail: 'looked everywhere' },
    });
  });

  test('wrong input is BAD_INPUT and names the fields', async () => {
    const answer = await ask(here.server.origin, '/api/profiles', {
      method: 'POST',
      headers: { ...bearer(here), 'content-type': 'application/json' },
      body: JSON.stringify({ profile: { name: 'a', port: 70000 } }),
    });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ error: { code: 'BAD_INPUT', message: expect.stringContaining('profile.port') as string } });
  });

  test('a body that is not JSON, an unknown path and an unknown method are refused in the same shape', async () => {
    const headers = { ...bearer(here), 'content-type': 'application/json' };
    expect(await ask(here.server.origin, '/api/profiles', { method: 'POST', headers, body: '{' })).toMatchObject({
      status: 400,
      json: { error: { code: 'BAD_INPUT' } },
    });
    expect(await ask(here.server.origin, '/api/nothing', { headers })).toMatchObject({
      status: 404,
      json: { error: { code: 'NOT_FOUND' } },
    });
    expect(await ask(here.server.origin, '/api/app', { method: 'PATCH', headers })).toMatchObject({
      status: 404,
      json: { error: { code: 'NOT_FOUND' } },
    });
  });

  test('a fault shows neither stack nor cause, and the log has it', async () => {
    const answer = await ask(here.server.origin, '/api/profiles', { headers: bearer(here) });
    expect(answer).toMatchObject({ status: 500, json: { error: { code: 'INTERNAL' } } });
    expect(answer.text).not.toContain('stack');
    expect(here.stub.log.lines.join('\n')).toContain('a fault with secrets in its cause');
  });

  test('a body beyond the limit is refused', async () => {
    const answer = await ask(here.server.origin, '/api/profiles', {
      method: 'POST',
      headers: { ...bearer(here), 'content-type': 'application/json' },
      body: `"${'x'.repeat(5 * 1024 * 1024)}"`,
    });
    expect(answer).toMatchObject({ status: 413, json: { error: { code: 'BAD_INPUT' } } });
    expect((await ask(here.server.origin, '/api/app', { headers: bearer(here) })).status).toBe(200);
  });

  test('openapi.json describes every call with its failures', async () => {
    const answer = await ask(here.server.origin, '/api/openapi.json', { headers: bearer(here) });
    expect(answer.status).toBe(200);
    const document = answer.json as {
      openapi: string;
      info: { version: string };
      paths: Record<string, Record<string, { responses: object }>>;
    };
    expect(document.openapi).toMatch(/^3\.1/);
    expect(document.info.version).toBe('1.2.3');
    expect(document.paths['/backups']?.['post']?.responses).toHaveProperty('default');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/profiles/{id}', '/restores/{id}/undo', '/jobs/{id}/watch', '/upload']),
    );
  });
});

describe('event streams', () => {
  test('end on the engine’s side when the client goes', async () => {
    const request = get(`${here.server.origin}/api/app/events`, { headers: bearer(here) });
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    expect(response.headers['content-type']).toContain('text/event-stream');
    await new Promise((resolve) => response.once('data', resolve));
    expect(here.stub.openStreams()).toBe(1);
    request.destroy();
    await until('the stream to end', () => here.stub.openStreams() === 0);
  });

  test('a failure in the middle arrives with its code', async () => {
    const answer = await ask(here.server.origin, '/api/jobs/job_x/watch', { headers: bearer(here) });
    expect(answer.text).toContain('event: error');
    expect(answer.text).toContain('CONNECTION_LOST');
  });

  test('close does not wait for open streams', async () => {
    const request = get(`${here.server.origin}/api/app/events`, { headers: bearer(here) });
    request.on('error', () => undefined);
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    response.on('error', () => undefined);
    await here.server.close();
    await until('the stream to end', () => here.stub.openStreams() === 0);
  });
});

test('the page’s own client reads answers, errors and streams over /rpc', async () => {
  const cookie = await session(here);
  const client: ContractRouterClient<Contract> = createORPCClient(
    new RPCLink({ url: `${here.server.origin}/rpc`, headers: { cookie, origin: here.server.origin } }),
  );
  expect(await client.app.info()).toMatchObject({ version: '0.0.0' });
  expect(here.stub.lastCaller()).toBe('page');
  const failure = await client.profiles.get({ id: 'pro_x' }).catch((thrown: unknown) => fromWireError(thrown));
  expect(failure).toEqual({ code: 'NOT_FOUND', message: 'There is no profile pro_x.', hint: 'List them.', detail: 'looked everywhere' });
  for await (const event of await client.app.events()) {
    expect(event).toEqual({ kind: 'catalogChanged' });
    break;
  }
  await until('the stream to end', () => here.stub.openStreams() === 0);
});
