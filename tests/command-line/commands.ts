// Commands over one data folder, run in the test's own process, as scripts run them: with --json, and an exit code.
import { expect } from 'vitest';
import type { ErrorReport } from '../../shared/errors.ts';
import { makeHome } from '../support/home.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';
import { testServer } from '../support/server.ts';

export type Commands = ReturnType<typeof commandsOver>;

export function commandsOver(home = makeHome()) {
  const cli = (...args: string[]): Promise<CliRun> => runCli(args, { home });
  return {
    home,
    cli,
    /** Insists on success; gives the document. */
    async ok<T>(...args: string[]): Promise<T> {
      const run = await cli(...args, '--json');
      expect(run.code, run.stderr + run.stdout).toBe(0);
      return run.json as T;
    },
    /** Insists on that exit code and a whole report without a stack; gives the report. */
    async fails(code: number, ...args: string[]): Promise<ErrorReport> {
      const run = await cli(...args, '--json');
      expect(run.code, run.stderr + run.stdout).toBe(code);
      const { error } = run.json as { error: ErrorReport };
      expect(Object.keys(error)).toEqual(expect.arrayContaining(['code', 'message', 'hint']));
      expect(run.stdout + run.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
      return error;
    },
    /** A profile of the test server; the password comes on standard input. */
    async addProfile(name: string, database: string): Promise<void> {
      const { password } = testServer();
      const run = await runCli(['profile', 'add', name, ...serverFields(database), '--password-stdin', '--json'], {
        home,
        stdin: `${password}\n`,
      });
      expect(run.code, run.stderr).toBe(0);
    },
  };
}

/** Where the test server is, for `profile add`. */
export function serverFields(database: string): string[] {
  const { host, port, user } = testServer();
  return ['--host', host, '--port', String(port), '--user', user, '--database', database];
}

export const shop = `
  create table customers (id bigint generated always as identity primary key, name text not null);
  insert into customers (name) select 'customer ' || n from generate_series(1, 500) n;
  create table orders (id serial primary key, customer_id bigint not null references customers, note text);
  insert into orders (customer_id, note) select 1 + n % 500, 'note ' || n from generate_series(1, 1500) n;
  create table audit_log (line text);
  insert into audit_log select repeat('x', 100) from generate_series(1, 100);`;
