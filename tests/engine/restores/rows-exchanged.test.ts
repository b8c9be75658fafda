// Rows that exchange unique values are deleted and inserted anew: nothing else of them may change.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { dropDatabase, sql } from '../../support/server.ts';
import { restoreBy, scene } from './rows-support.ts';
import { succeeded } from './support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(() => engine.close());

it('keeps the values of columns that only the live table has', async () => {
  const at = await scene(
    engine,
    `create table t (id int primary key, c text unique); insert into t values (1, 'a'), (2, 'b'), (3, 'c')`,
    `delete from t; alter table t add note text default 'standard', add twice int generated always as (id * 2) stored;
     insert into t values (1, 'b', 'mine'), (2, 'a', null), (3, 'c', 'other')`,
  );
  const tables = [{ schema: 'public', table: 't' }];
  const restore = succeeded(await restoreBy(engine, at, { strategy: 'replace', tables }), engine.faults);
  expect(restore.rows).toEqual({ created: 0, updated: 2, deleted: 0, skipped: 1 });
  expect(await sql(at.database, 'select * from t order by id')).toEqual([
    { id: 1, c: 'a', note: 'mine', twice: 2 },
    { id: 2, c: 'b', note: null, twice: 4 },
    { id: 3, c: 'c', note: 'other', twice: 6 },
  ]);
  await dropDatabase(at.database);
});
