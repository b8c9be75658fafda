// The model against the server alone: states that the generator calls sound are accepted, values are printed as the model
// has them, and what the model calls possible is possible.
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, createDatabase, dropDatabase } from '../../support/server.ts';
import { cases, type Case } from './generate.ts';
import { compareAll, outcomeOf, type Choice } from './outcome.ts';
import { serverNeeds } from './server-types.ts';
import type { State } from './shapes.ts';
import { rowsOf } from './shapes.ts';
import { asTexts, readState, stateSql } from './statements.ts';
import { canonical, typeOf, types, typesSql } from './values.ts';

let database: string;
let client: pg.Client;
let needs: Set<string>;

beforeAll(async () => {
  needs = await serverNeeds();
  database = await createDatabase(typesSql(needs));
  client = await connect(database);
});

afterAll(async () => {
  await client.end();
  await dropDatabase(database);
});

const usable = (): string[] => Object.keys(types).filter((type) => needs.has(typeOf(type).needs ?? '') || typeOf(type).needs === undefined);

it('prints values as the server does, and calls those equal that its indexes call equal', async () => {
  await client.query("SET TimeZone = 'UTC'");
  for (const name of usable()) {
    const { sql: type, values, equality } = typeOf(name);
    for (const value of values) {
      const printed = { text: `SELECT $1::${type} AS v`, values: [value], types: { getTypeParser: () => (text: string) => text } };
      expect((await client.query<{ v: string }>(printed as pg.QueryConfig)).rows[0]?.v, name).toEqual(value);
    }
    if (equality === null) continue;
    for (const one of values) {
      for (const other of values) {
        const found = await client.query<{ e: boolean }>(`SELECT $1::${type} = $2::${type} AS e`, [one, other]);
        expect([name, one, other, found.rows[0]?.e]).toEqual([name, one, other, canonical(equality, one) === canonical(equality, other)]);
      }
    }
  }
});

it('makes states that the server accepts, also of what it says a restore leaves', async () => {
  const count = Number(process.env['HOWDAH_MODEL_CASES'] ?? 60);
  const seed = Number(process.env['HOWDAH_PROPERTY_SEED'] ?? Date.now() % 1_000_000);
  const seen = { cases: 0, rows: 0, blocked: 0, may: 0, free: 0 };
  for (const found of fc.sample(cases(needs), { numRuns: count, seed })) {
    const compared = compareAll(found.backup, found.live);
    await accepted(found.backup, found, seed);
    await accepted(found.live, found, seed);
    for (const choice of choicesOf(found)) {
      const outcome = outcomeOf(found.live, compared, choice);
      if (outcome.blocked.size > 0) seen.blocked += 1;
      else if (outcome.mayBlock.size > 0) seen.may += 1;
      else seen.free += 1;
      if (outcome.blocked.size === 0) await accepted(outcome.state, found, seed);
    }
    seen.cases += 1;
    seen.rows += found.live.tables.reduce((sum, table) => sum + rowsOf(found.live, table.name).length, 0);
  }
  if (process.env['HOWDAH_PROPERTY_TALK'] !== undefined) process.stderr.write(`${JSON.stringify(seen)}\n`);
  expect(seen.free).toBeGreaterThan(count);
  expect(seen.blocked).toBeGreaterThan(count / 4);
}, 120_000);

function choicesOf({ live, mixed }: Case): Choice[] {
  const all = (strategy: 'replace' | 'merge' | 'skip', fillEmptyStrings = false): Choice => ({
    byTable: Object.fromEntries(live.tables.map((table) => [table.name, strategy])),
    fillEmptyStrings,
  });
  return [all('replace'), all('merge'), all('merge', true), all('skip'), mixed];
}

async function accepted(state: State, found: Case, seed: number): Promise<void> {
  const text = stateSql('s', state);
  await client.query('BEGIN');
  try {
    await client.query(text);
    const rows = await readState(client, 's', state.tables);
    for (const table of state.tables) expect(asTexts(table, rows[table.name] ?? [])).toEqual(asTexts(table, rowsOf(state, table.name)));
  } catch (thrown) {
    throw new Error(
      `seed ${seed}: ${String(thrown)}\n${text}\n-- of the backup\n${stateSql('b', found.backup)}\n-- and live\n${stateSql('l', found.live)}`,
    );
  } finally {
    await client.query('ROLLBACK');
  }
}
