// Files over HTTP: the page's own, which are fenced in, and dumps that are uploaded.
import { connect } from 'node:net';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask } from '../support/http-request.ts';
import { until } from '../support/wait.ts';
import { bearer, serveStub, session } from './stub-server.ts';

const here = serveStub();

describe('the page’s files', () => {
  test('carry the headers that fence the page in', async () => {
    const cookie = await session(here);
    const page = await ask(here.server.origin, '/', { headers: { cookie } });
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    });
    expect((await ask(here.server.origin, '/assets/a.js', { headers: { cookie } })).headers['cache-control']).toContain('immutable');
  });

  test('nothing outside their folder is ever served', async () => {
    const cookie = await session(here);
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
      const answer = await ask(here.server.origin, path, { headers: { cookie } });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.text).not.toContain('outside');
    }
  });
});

describe('upload', () => {
  const incoming = (): string[] =>
    existsSync(join(here.home, 'incoming')) ? readdirSync(join(here.home, 'incoming'), { recursive: true, encoding: 'utf8' }) : [];

  test('lands in a private file and is opened', async () => {
    const body = Buffer.alloc(3_000_000, 'x');
    const answer = await ask(here.server.origin, '/upload?name=shop%20%C3%BC.dump', { method: 'POST', headers: bearer(here), body });
    expect(answer).toMatchObject({ status: 200, json: { id: 'fil_1', name: 'shop ü.dump' } });
    const path = here.stub.opened[0] ?? '';
    expect(readFileSync(path).equals(body)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
  });

  test('a name that climbs stays below the folder', async () => {
    await ask(here.server.origin, `/upload?name=${encodeURIComponent('../../../etc/passwd')}`, {
      method: 'POST',
      headers: bearer(here),
      body: 'x',
    });
    await ask(here.server.origin, `/upload?name=${encodeURIComponent('C:\\temp\\a.dump')}`, {
      method: 'POST',
      headers: bearer(here),
      body: 'x',
    });
    expect(here.stub.opened.map((path) => path.startsWith(join(here.home, 'incoming')))).toEqual([true, true]);
    expect(here.stub.opened.map((path) => path.split('/').at(-1))).toEqual(['passwd', 'a.dump']);
  });

  test('without a usable name it is refused', async () => {
    for (const name of ['', '..', '/']) {
      const answer = await ask(here.server.origin, `/upload?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: bearer(here),
        body: 'x',
      });
      expect(answer).toMatchObject({ status: 400, json: { error: { code: 'BAD_INPUT' } } });
    }
    expect(incoming()).toEqual([]);
  });

  test('one that breaks off leaves nothing and opens nothing', async () => {
    const socket = connect(Number(new URL(here.server.origin).port), '127.0.0.1');
    const head = [
      'POST /upload?name=a.dump HTTP/1.1',
      `Host: ${new URL(here.server.origin).host}`,
      `Authorization: ${bearer(here)['authorization']}`,
      'Content-Length: 1000',
      '',
      'half',
    ];
    socket.write(head.join('\r\n'));
    await until('the partial file', () => incoming().some((name) => name.endsWith('.partial')));
    socket.destroy();
    await until('the partial file to go', () => incoming().length === 0);
    expect(here.stub.opened).toEqual([]);
  });
});
