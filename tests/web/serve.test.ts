import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serve, type ServeOptions, type Served } from '../../electron/web.ts';
import { ask } from '../support/http-request.ts';
import { temporaryDirectory } from '../support/home.ts';
import { createStubEngine } from '../support/stub-engine.ts';

let home: string;
let printed: string[];
let served: Served | null = null;

beforeEach(() => {
  home = temporaryDirectory();
  printed = [];
  mkdirSync(join(home, 'page'));
  writeFileSync(join(home, 'page', 'index.html'), '<p>the page</p>');
});

afterEach(async () => {
  await served?.close();
  served = null;
});

function options(more: Partial<ServeOptions> = {}): ServeOptions {
  const { engine, log } = createStubEngine();
  return {
    engine,
    port: 0,
    open: false,
    pageDirectory: join(home, 'page'),
    homeDirectory: home,
    version: '1',
    log,
    print: (line) => printed.push(line),
    ...more,
  };
}

test('prints the one-time address, which lets a browser in', async () => {
  served = await serve(options());
  expect(printed.join('\n')).toContain(served.url);
  expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
  const { pathname, search } = new URL(served.url);
  expect((await ask(served.origin, pathname + search)).status).toBe(303);
  expect((await ask(served.origin, '/api/app', { headers: { authorization: `Bearer ${served.apiToken}` } })).status).toBe(200);
});

test('after close nothing listens any more', async () => {
  const first = await serve(options());
  await first.close();
  await expect(ask(first.origin, '/')).rejects.toThrow('ECONNREFUSED');
});

test('a page that was not built is said, not served as a 404', async () => {
  await expect(serve(options({ pageDirectory: join(home, 'nowhere') }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('what a crash left of old uploads is cleared, what may still be in use stays', async () => {
  const upload = (folder: string, file: string, hoursOld: number): void => {
    const path = join(home, 'incoming', folder);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, file), 'x');
    const then = Date.now() / 1000 - hoursOld * 3600;
    utimesSync(path, then, then);
  };
  upload('broken', 'a.dump.partial', 2);
  upload('coming', 'b.dump.partial', 0);
  upload('recent', 'c.dump', 24);
  upload('ancient', 'd.dump', 24 * 8);
  served = await serve(options());
  expect(readdirSync(join(home, 'incoming')).sort()).toEqual(['coming', 'recent']);
});
