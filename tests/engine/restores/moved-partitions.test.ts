// A partition by hash of an enum: the hash is of what differs from database to database, so that restored rows lie in other
// partitions than they did. All of them are there, and no check may call that a fault.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkTables } from '../../../electron/engine/restores/check-restored.ts';
import { rowDifferences } from '../../../electron/engine/postgres/row-differences.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { restore, succeeded } from './support.ts';
import { restoreRequest } from '../../../shared/contract/restores.ts';

const labels = Array.from({ length: 12 }, (_, n) => `label ${n}`);
// Each label has another number of rows: the partitions keep their numbers only where no row moves.
const tables = `
  create type mood as enum (${labels.map((label) => `'${label}'`).join(', ')});
  create table votes (mood mood not null, n int) partition by hash (mood);
  create table votes_0 partition of votes for values with (modulus 2, remainder 0);
  create table votes_1 partition of votes for values with (modulus 2, remainder 1);
  ${labels.map((label, n) => `insert into votes select '${label}', g from generate_series(1, ${2 ** n}) g;`).join('\n')}`;
const rows = 2 ** labels.length - 1;

let engine: TestEngine;
let database: string;
beforeAll(async () => {
  engine = await makeEngine();
  database = await createDatabase(tables);
});
afterAll(async () => {
  expect(engine.faults).toEqual([]);
  await engine.close();
  await dropDatabase(database);
});

const inPartitions = async (of: string): Promise<number[]> =>
  (await sql<{ n: number }>(of, 'select (select count(*)::int from votes_0) as n union all select count(*)::int from votes_1')).map(
    ({ n }) => n,
  );

describe('rows that a restore brings to other partitions', () => {
  it.each(['custom', 'directory', 'tar', 'plain'] as const)('are all there, of the %s format', { timeout: 120_000 }, async (format) => {
    const { id: profileId } = await engine.addProfile({ database });
    const backup = await engine.backUpWell(profileId, { format, deepVerify: true });
    expect(backup.verification).toMatchObject({ ok: true, deep: true });
    const copy = `${database}_${format}`;
    const request = restoreRequest.parse({ source: { kind: 'backup', id: backup.id }, profileId, database: copy, create: true });
    succeeded(await restore(engine, request), engine.faults);
    expect(await sql(copy, 'select count(*)::int as n from votes')).toEqual([{ n: rows }]);
    // Else the test has proved nothing.
    expect(await inPartitions(copy)).not.toEqual(await inPartitions(database));
    await dropDatabase(copy);
  });
});

describe('rows that are missing from a partitioned table', () => {
  it('are told of, by the name of the whole', async () => {
    const client = await connect(database);
    try {
      const [zero = 0, one = 0] = await inPartitions(database);
      const promised = [
        { schema: 'public', table: 'votes_0', rows: zero + 5 },
        { schema: 'public', table: 'votes_1', rows: one - 4 },
      ];
      const counts = new Map([
        ['["public","votes_0"]', zero],
        ['["public","votes_1"]', one],
      ]);
      expect(await rowDifferences(client, promised, counts)).toEqual([{ name: 'public.votes', rows: rows + 1, found: rows }]);
      const expected = promised.map((table) => ({ ...table, atLeast: false }));
      await expect(checkTables(client, expected)).rejects.toMatchObject({
        code: 'VERIFICATION_FAILED',
        message: expect.stringContaining(`public.votes has ${rows} rows instead of ${rows + 1}`),
      });
    } finally {
      await client.end();
    }
  });
});
