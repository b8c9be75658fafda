// A real HTTP server on a stub of the engine, fresh for each test: what carries the calls is tested, not what answers them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { startHttpServer, type HttpServer } from '../../electron/transport/http.ts';
import { temporaryDirectory } from '../support/home.ts';
import { ask } from '../support/http-request.ts';
import { createStubEngine, type StubEngine } from '../support/stub-engine.ts';

export type Here = {
  stub: StubEngine;
  server: HttpServer;
  home: string;
  /** The server's clock. */
  now: number;
};

/** Starts one before each test of the file and closes it after; what is given is filled by then. */
export function serveStub(): Here {
  const here = {} as Here;
  beforeEach(async () => {
    const stub = createStubEngine();
    const home = temporaryDirectory();
    const pageDirectory = join(home, 'page');
    mkdirSync(join(pageDirectory, 'assets'), { recursive: true });
    writeFileSync(join(pageDirectory, 'index.html'), '<p>the page</p>');
    writeFileSync(join(pageDirectory, 'assets', 'a.js'), '1');
    writeFileSync(join(home, 'secret.html'), 'outside');
    const server = await startHttpServer({
      engine: stub.engine,
      port: 0,
      pageDirectory,
      homeDirectory: home,
      version: '1.2.3',
      log: stub.log,
      clock: () => here.now,
    });
    Object.assign(here, { stub, server, home, now: Date.now() });
  });
  afterEach(() => here.server.close());
  return here;
}

/** Uses the one-time address up; gives the cookie. */
export async function session({ server }: Here): Promise<string> {
  const { pathname, search } = new URL(server.url);
  const answer = await ask(server.origin, pathname + search);
  expect(answer.status).toBe(303);
  return String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
}

export const bearer = ({ server }: Here): Record<string, string> => ({ authorization: `Bearer ${server.apiToken}` });
