// Who is let in by the browser host, and by what: docs/decisions/0007.
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startHttpServer } from '../../electron/transport/http.ts';
import { ask } from '../support/http-request.ts';
import { bearer, serveStub, session } from './stub-server.ts';

const here = serveStub();

describe('the one-time address', () => {
  test('becomes a strict, script-proof cookie and leads to the page without the token', async () => {
    const { pathname, search } = new URL(here.server.url);
    const answer = await ask(here.server.origin, pathname + search);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    const page = await ask(here.server.origin, '/', { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(page).toMatchObject({ status: 200, text: '<p>the page</p>' });
  });

  test('works once: a second browser with it stays outside, the first may reload it', async () => {
    const { pathname, search } = new URL(here.server.url);
    const cookie = await session(here);
    expect((await ask(here.server.origin, pathname + search)).status).toBe(403);
    expect((await ask(here.server.origin, pathname + search, { headers: { cookie } })).status).toBe(303);
  });

  test('expires after ten minutes', async () => {
    here.now += 10 * 60_000 + 1;
    const { pathname, search } = new URL(here.server.url);
    expect((await ask(here.server.origin, pathname + search)).status).toBe(403);
  });

  test('a wrong token is refused and does not use it up', async () => {
    expect((await ask(here.server.origin, '/?token=wrong')).status).toBe(403);
    await session(here);
  });
});

describe('who gets in', () => {
  test('nobody without a session or token, neither to the page nor to any call', async () => {
    for (const path of ['/', '/assets/a.js', '/api/app', '/api/openapi.json'])
      expect((await ask(here.server.origin, path)).status).toBe(401);
    for (const path of ['/rpc/app/info', '/upload?name=a'])
      expect((await ask(here.server.origin, path, { method: 'POST' })).status).toBe(401);
    expect(here.stub.lastCaller()).toBeNull();
  });

  test('a foreign Host header is refused, whatever else is right (DNS rebinding)', async () => {
    const cookie = await session(here);
    const port = new URL(here.server.origin).port;
    for (const host of [`evil.example:${port}`, '127.0.0.1', `127.0.0.1:${Number(port) + 1}`]) {
      expect((await ask(here.server.origin, '/api/app', { headers: { ...bearer(here), host } })).status).toBe(403);
      expect((await ask(here.server.origin, '/', { headers: { cookie, host } })).status).toBe(403);
    }
    expect((await ask(here.server.origin, '/api/app', { headers: { ...bearer(here), host: `localhost:${port}` } })).status).toBe(200);
  });

  test('a foreign Origin is refused, also with the right token', async () => {
    const cookie = await session(here);
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1']) {
      expect((await ask(here.server.origin, '/api/app', { headers: { ...bearer(here), origin } })).status).toBe(403);
      expect((await ask(here.server.origin, '/api/app', { headers: { cookie, origin } })).status).toBe(403);
    }
  });

  test('with a cookie, what changes something must name our origin', async () => {
    const cookie = await session(here);
    const send = (headers: Record<string, string>) =>
      ask(here.server.origin, '/api/app/quit', {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: '{"answer":"stay"}',
      });
    expect((await send({})).status).toBe(403);
    expect((await send({ origin: here.server.origin })).status).toBe(200);
  });

  test('with a cookie, a page on another port of this machine may not even read', async () => {
    const cookie = await session(here);
    expect((await ask(here.server.origin, '/api/app', { headers: { cookie, 'sec-fetch-site': 'same-site' } })).status).toBe(403);
    expect((await ask(here.server.origin, '/api/app', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
  });

  test('a forged cookie or token is refused', async () => {
    const cookie = await session(here);
    const forged = `${cookie.slice(0, -1)}${cookie.endsWith('A') ? 'B' : 'A'}`;
    expect((await ask(here.server.origin, '/', { headers: { cookie: forged } })).status).toBe(401);
    expect((await ask(here.server.origin, '/api/app', { headers: { authorization: `Bearer ${here.server.apiToken}x` } })).status).toBe(401);
    expect((await ask(here.server.origin, '/api/app', { headers: { authorization: 'Basic Zm9v' } })).status).toBe(401);
  });
});

test('what is not HTTP at all is answered with 400 and does not end the server', async () => {
  for (const text of [
    '\x16\x03\x01\x02garbage\r\n\r\n',
    'GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  ]) {
    const socket = connect(Number(new URL(here.server.origin).port), '127.0.0.1');
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
  expect((await ask(here.server.origin, '/api/app', { headers: bearer(here) })).status).toBe(200);
});

test('a port that is taken is BAD_INPUT', async () => {
  const second = startHttpServer({
    engine: here.stub.engine,
    port: Number(new URL(here.server.origin).port),
    pageDirectory: here.home,
    homeDirectory: here.home,
    version: '1',
    log: here.stub.log,
  });
  await expect(second).rejects.toMatchObject({ code: 'BAD_INPUT' });
});
