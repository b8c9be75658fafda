// What the tests of whole programs share: one data folder, its command line at any time of day, a server behind a door.
import { createServer, connect as connectTo, type Server, type Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { makeHome } from '../../../support/home.ts';
import { runCli, startCli, type CliRun } from '../../../support/run-cli.ts';
import { testServer } from '../../../support/server.ts';

export type HistoryRun = { schedule: string; plannedAt: string; state: string; backupId: string | null };

/** A data folder and commands over it. */
export function makeMachine() {
  const home = makeHome();
  const at = (now: string | undefined, ...args: string[]): Promise<CliRun> =>
    runCli(args, { home, env: now === undefined ? {} : { HOWDAH_NOW: now } });
  return {
    home,
    at,
    /** Starts one that stays, its clock at `now`. */
    start: (now: string, ...args: string[]) => startCli(args, { home, env: { HOWDAH_NOW: now } }),
    /** Insists on success; gives the JSON. */
    async ok<T>(now: string | undefined, ...args: string[]): Promise<T> {
      const run = await at(now, ...args, '--json');
      expect(run.code, `${args.join(' ')}\n${run.stderr}${run.stdout}`).toBe(0);
      return run.json as T;
    },
    async addProfile(name: string, database: string, port = testServer().port): Promise<void> {
      const { host, user, password } = testServer();
      const args = [
        'profile',
        'add',
        name,
        '--host',
        host,
        '--port',
        String(port),
        '--user',
        user,
        '--database',
        database,
        '--password-stdin',
      ];
      const run = await runCli(args, { home, stdin: `${password}\n` });
      expect(run.code, run.stderr).toBe(0);
    },
    /** Rows of the catalog, as they are on disk. */
    rows<Row>(text: string, ...values: unknown[]): Row[] {
      const db = new Database(join(home, 'catalog.sqlite'), { readonly: true });
      try {
        return db.prepare<unknown[], Row>(text).all(...values);
      } finally {
        db.close();
      }
    },
  };
}
export type Machine = ReturnType<typeof makeMachine>;

/** A way to the test server that can be shut: then it is as if the server were down. */
export async function makeDoor() {
  const sockets = new Set<Socket>();
  const { host, port } = testServer();
  let open = true;
  const server: Server = createServer((socket) => {
    if (!open) return void socket.destroy();
    const beyond = connectTo({ host, port });
    for (const one of [socket, beyond]) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        socket.destroy();
        beyond.destroy();
      });
    }
    socket.pipe(beyond).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    shut(): void {
      open = false;
      for (const socket of sockets) socket.destroy();
    },
    open: (): void => void (open = true),
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Letter = { headers: Record<string, string | string[] | undefined>; body: string };

/** Takes webhooks; the first `failures` of them are answered with 500. */
export async function makeLetterBox(failures = 0) {
  const letters: Letter[] = [];
  const refused: Letter[] = [];
  const server = createHttpServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const fail = refused.length < failures;
      (fail ? refused : letters).push({ headers: request.headers, body });
      response.writeHead(fail ? 500 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    letters,
    refused,
    close: (): Promise<unknown> => new Promise((resolve) => server.close(resolve)),
  };
}
