import { connect } from 'node:net';
import { get, type IncomingMessage } from 'node:http';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Contract } from '../../shared/contract/index.ts';
import { fromWireError } from '../../electron/transport/errors.ts';
import { startHttpServer, type HttpServer } from '../../electron/transport/http.ts';
import { temporaryDirectory } from '../support/home.ts';
import { ask } from '../support/http-request.ts';
import { createStubEngine, type StubEngine } from '../support/stub-engine.ts';
import { until } from '../support/wait.ts';

let stub: StubEngine;
let server: HttpServer;
let home: string;
let now: number;

beforeEach(async () => {
  stub = createStubEngine();
  home = temporaryDirectory();
  const pageDirectory = join(home, 'page');
  mkdirSync(join(pageDirectory, 'assets'), { recursive: true });
  writeFileSync(join(pageDirectory, 'index.html'), '<p>the page</p>');
  writeFileSync(join(pageDirectory, 'assets', 'a.js'), '1');
  writeFileSync(join(home, 'secret.html'), 'outside');
  now = Date.now();
  server = await startHttpServer({
    engine: stub.engine,
    port: 0,
    pageDirectory,
    homeDirectory: home,
    version: '1.2.3',
    log: stub.log,
    clock: () => now,
  });
});

afterEach(async () => {
  await server.close();
});

async function session(): Promise<string> {
  const answer = await ask(server.origin, new URL(server.url).pathname + new URL(server.url).search);
  expect(answer.status).toBe(303);
  return String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
}

const bearer = (): Record<string, string> => ({ authorization: `Bearer ${server.apiToken}` });

describe('the one-time address', () => {
  test('becomes a strict, script-proof cookie and leads to the page without the token', async () => {
    const { pathname, search } = new URL(server.url);
    const answer = await ask(server.origin, pathname + search);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    const page = await ask(server.origin, '/', { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(page).toMatchObject({ status: 200, text: '<p>the page</p>' });
  });

  test('works once: a second browser with it stays outside, the first may reload it', async () => {
    const { pathname, search } = new URL(server.url);
    const cookie = await session();
    expect((await ask(server.origin, pathname + search)).status).toBe(403);
    expect((await ask(server.origin, pathname + search, { headers: { cookie } })).status).toBe(303);
  });

  test('expires after ten minutes', async () => {
    now += 10 * 60_000 + 1;
    const { pathname, search } = new URL(server.url);
    expect((await ask(server.origin, pathname + search)).status).toBe(403);
  });

  test('a wrong token is refused and does not use it up', async () => {
    expect((await ask(server.origin, '/?token=wrong')).status).toBe(403);
    await session();
  });
});

describe('who gets in', () => {
  test('nobody without a session or token, neither to the page nor to any call', async () => {
    for (const path of ['/', '/assets/a.js', '/api/app', '/api/openapi.json']) expect((await ask(server.origin, path)).status).toBe(401);
    for (const path of ['/rpc/app/info', '/upload?name=a']) expect((await ask(server.origin, path, { method: 'POST' })).status).toBe(401);
    expect(stub.lastCaller()).toBeNull();
  });

  test('a foreign Host header is refused, whatever else is right (DNS rebinding)', async () => {
    const cookie = await session();
    const port = new URL(server.origin).port;
    for (const host of [`evil.example:${port}`, '127.0.0.1', `127.0.0.1:${Number(port) + 1}`]) {
      expect((await ask(server.origin, '/api/app', { headers: { ...bearer(), host } })).status).toBe(403);
      expect((await ask(server.origin, '/', { headers: { cookie, host } })).status).toBe(403);
    }
    expect((await ask(server.origin, '/api/app', { headers: { ...bearer(), host: `localhost:${port}` } })).status).toBe(200);
  });

  test('a foreign Origin is refused, also with the right token', async () => {
    const cookie = await session();
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1']) {
      expect((await ask(server.origin, '/api/app', { headers: { ...bearer(), origin } })).status).toBe(403);
      expect((await ask(server.origin, '/api/app', { headers: { cookie, origin } })).status).toBe(403);
    }
  });

  test('with a cookie, what changes something must name our origin', async () => {
    const cookie = await session();
    const send = (headers: Record<string, string>) =>
      ask(server.origin, '/api/app/quit', {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: '{"answer":"stay"}',
      });
    expect((await send({})).status).toBe(403);
    expect((await send({ origin: server.origin })).status).toBe(200);
  });

  test('with a cookie, a page on another port of this machine may not even read', async () => {
    const cookie = await session();
    expect((await ask(server.origin, '/api/app', { headers: { cookie, 'sec-fetch-site': 'same-site' } })).status).toBe(403);
    expect((await ask(server.origin, '/api/app', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
  });

  test('a forged cookie or token is refused', async () => {
    const cookie = await session();
    const forged = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`;
    expect((await ask(server.origin, '/', { headers: { cookie: forged } })).status).toBe(401);
    expect((await ask(server.origin, '/api/app', { headers: { authorization: `Bearer ${server.apiToken}x` } })).status).toBe(401);
    expect((await ask(server.origin, '/api/app', { headers: { authorization: 'Basic Zm9v' } })).status).toBe(401);
  });
});

describe('REST', () => {
  test('the token opens it, and the engine knows who asks', async () => {
    const answer = await ask(server.origin, '/api/app', { headers: bearer() });
    expect(answer).toMatchObject({ status: 200, json: { version: '0.0.0' } });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(stub.lastCaller()).toBe('rest');
  });

  test('failures carry code, message and hint under `error`', async () => {
    const answer = await ask(server.origin, '/api/profiles/pro_x', { headers: bearer() });
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual({
      error: { code: 'NOT_FOUND', message: 'There is no profile pro_x.', hint: 'List them.', detail: 'looked everywhere' },
    });
  });

  test('wrong input is BAD_INPUT and names the fields', async () => {
    const answer = await ask(server.origin, '/api/profiles', {
      method: 'POST',
      headers: { ...bearer(), 'content-type': 'application/json' },
      body: JSON.stringify({ profile: { name: 'a', port: 70000 } }),
    });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ error: { code: 'BAD_INPUT', message: expect.stringContaining('profile.port') as string } });
  });

  test('a body that is not JSON, an unknown path and an unknown method are refused in the same shape', async () => {
    const headers = { ...bearer(), 'content-type': 'application/json' };
    expect(await ask(server.origin, '/api/profiles', { method: 'POST', headers, body: '{' })).toMatchObject({
      status: 400,
      json: { error: { code: 'BAD_INPUT' } },
    });
    expect(await ask(server.origin, '/api/nothing', { headers })).toMatchObject({ status: 404, json: { error: { code: 'NOT_FOUND' } } });
    expect(await ask(server.origin, '/api/app', { method: 'PATCH', headers })).toMatchObject({
      status: 404,
      json: { error: { code: 'NOT_FOUND' } },
    });
  });

  test('a fault shows neither stack nor cause, and the log has it', async () => {
    const answer = await ask(server.origin, '/api/profiles', { headers: bearer() });
    expect(answer).toMatchObject({ status: 500, json: { error: { code: 'INTERNAL' } } });
    expect(answer.text).not.toContain('stack');
    expect(stub.log.lines.join('\n')).toContain('a fault with secrets in its cause');
  });

  test('a body beyond the limit is refused', async () => {
    const answer = await ask(server.origin, '/api/profiles', {
      method: 'POST',
      headers: { ...bearer(), 'content-type': 'application/json' },
      body: `"${'x'.repeat(5 * 1024 * 1024)}"`,
    });
    expect(answer).toMatchObject({ status: 413, json: { error: { code: 'BAD_INPUT' } } });
    expect((await ask(server.origin, '/api/app', { headers: bearer() })).status).toBe(200);
  });

  test('openapi.json describes every call with its failures', async () => {
    const answer = await ask(server.origin, '/api/openapi.json', { headers: bearer() });
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
    const request = get(`${server.origin}/api/app/events`, { headers: bearer() });
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    expect(response.headers['content-type']).toContain('text/event-stream');
    await new Promise((resolve) => response.once('data', resolve));
    expect(stub.openStreams()).toBe(1);
    request.destroy();
    await until('the stream to end', () => stub.openStreams() === 0);
  });

  test('a failure in the middle arrives with its code', async () => {
    const answer = await ask(server.origin, '/api/jobs/job_x/watch', { headers: bearer() });
    expect(answer.text).toContain('event: error');
    expect(answer.text).toContain('CONNECTION_LOST');
  });

  test('close does not wait for open streams', async () => {
    const request = get(`${server.origin}/api/app/events`, { headers: bearer() });
    request.on('error', () => undefined);
    const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    response.on('error', () => undefined);
    await server.close();
    await until('the stream to end', () => stub.openStreams() === 0);
  });
});

test('the page’s own client reads answers, errors and streams over /rpc', async () => {
  const cookie = await session();
  const client: ContractRouterClient<Contract> = createORPCClient(
    new RPCLink({ url: `${server.origin}/rpc`, headers: { cookie, origin: server.origin } }),
  );
  expect(await client.app.info()).toMatchObject({ version: '0.0.0' });
  expect(stub.lastCaller()).toBe('page');
  const failure = await client.profiles.get({ id: 'pro_x' }).catch((thrown: unknown) => fromWireError(thrown));
  expect(failure).toEqual({ code: 'NOT_FOUND', message: 'There is no profile pro_x.', hint: 'List them.', detail: 'looked everywhere' });
  for await (const event of await client.app.events()) {
    expect(event).toEqual({ kind: 'catalogChanged' });
    break;
  }
  await until('the stream to end', () => stub.openStreams() === 0);
});

describe('the page’s files', () => {
  test('carry the headers that fence the page in', async () => {
    const cookie = await session();
    const page = await ask(server.origin, '/', { headers: { cookie } });
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    });
    expect((await ask(server.origin, '/assets/a.js', { headers: { cookie } })).headers['cache-control']).toContain('immutable');
  });

  test('nothing outside their folder is ever served', async () => {
    const cookie = await session();
    for (const path of [
      '/../secret.html',
      '/..%2fsecret.html',
      '/%2e%2e/secret.html',
      '/assets/..%5c..%5csecret.html',
      '/%00',
      '/%zz',
      '//secret.html',
      '/assets',
    ]) {
      const answer = await ask(server.origin, path, { headers: { cookie } });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.text).not.toContain('outside');
    }
  });
});

describe('upload', () => {
  const incoming = (): string[] =>
    existsSync(join(home, 'incoming')) ? readdirSync(join(home, 'incoming'), { recursive: true, encoding: 'utf8' }) : [];

  test('lands in a private file and is opened', async () => {
    const body = Buffer.alloc(3_000_000, 'x');
    const answer = await ask(server.origin, '/upload?name=shop%20%C3%BC.dump', { method: 'POST', headers: bearer(), body });
    expect(answer).toMatchObject({ status: 200, json: { id: 'fil_1', name: 'shop ü.dump' } });
    const path = stub.opened[0] ?? '';
    expect(readFileSync(path).equals(body)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  });

  test('a name that climbs stays below the folder', async () => {
    await ask(server.origin, `/upload?name=${encodeURIComponent('../../../etc/passwd')}`, { method: 'POST', headers: bearer(), body: 'x' });
    await ask(server.origin, `/upload?name=${encodeURIComponent('C:\\temp\\a.dump')}`, { method: 'POST', headers: bearer(), body: 'x' });
    expect(stub.opened.map((path) => path.startsWith(join(home, 'incoming')))).toEqual([true, true]);
    expect(stub.opened.map((path) => path.split('/').at(-1))).toEqual(['passwd', 'a.dump']);
  });

  test('without a usable name it is refused', async () => {
    for (const name of ['', '..', '/']) {
      const answer = await ask(server.origin, `/upload?name=${encodeURIComponent(name)}`, { method: 'POST', headers: bearer(), body: 'x' });
      expect(answer).toMatchObject({ status: 400, json: { error: { code: 'BAD_INPUT' } } });
    }
    expect(incoming()).toEqual([]);
  });

  test('one that breaks off leaves nothing and opens nothing', async () => {
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    const head = [
      'POST /upload?name=a.dump HTTP/1.1',
      `Host: ${new URL(server.origin).host}`,
      `Authorization: ${bearer()['authorization']}`,
      'Content-Length: 1000',
      '',
      'half',
    ];
    socket.write(head.join('\r\n'));
    await until('the partial file', () => incoming().some((name) => name.endsWith('.partial')));
    socket.destroy();
    await until('the partial file to go', () => incoming().length === 0);
    expect(stub.opened).toEqual([]);
  });
});

test('what is not HTTP at all is answered with 400 and does not end the server', async () => {
  for (const text of [
    '\x16\x03\x01\x02garbage\r\n\r\n',
    'GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  ]) {
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    const answer = await new Promise<string>((resolve, reject) => {
      let got = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        got += chunk;
        if (got.includes('\r\n\r\n')) socket.destroy();
      });
      socket.once('close', () => resolve(got));
      socket.once('error', reject);
      socket.write(text);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  }
  expect((await ask(server.origin, '/api/app', { headers: bearer() })).status).toBe(200);
});

test('a port that is taken is BAD_INPUT', async () => {
  const second = startHttpServer({
    engine: stub.engine,
    port: Number(new URL(server.origin).port),
    pageDirectory: home,
    homeDirectory: home,
    version: '1',
    log: stub.log,
  });
  await expect(second).rejects.toMatchObject({ code: 'BAD_INPUT' });
});
