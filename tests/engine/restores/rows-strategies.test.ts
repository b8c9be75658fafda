// Each strategy from backup to result: what was said is what is done.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createRole, dropDatabase, sql } from '../../support/server.ts';
import { copyOf, previewOf, requestOf, restoreBy, rowsOf, scene, stagingIn, type Scene } from './rows-support.ts';
import { leftoversOf, succeeded } from './support.ts';

let engine: TestEngine;
/** After `before` was backed up; with `since` on top. */
let unchanged: Scene;
let changed: Scene;
beforeAll(async () => {
  engine = await makeEngine();
  unchanged = await scene(engine, before);
  changed = await copyOf(engine, unchanged);
  await sql(changed.database, since);
});
afterAll(async () => {
  await engine.close();
  for (const { database } of [changed, unchanged]) await dropDatabase(database);
});

const before = `
  create table people (id int primary key, name text, mail text unique, note text);
  insert into people values (1, 'Ann', 'ann@x', null), (2, 'Bob', 'bob@x', 'n2'), (3, 'Cy', 'cy@x', 'n3'), (4, 'Di', 'di@x', ''), (5, 'Ed', 'ed@x', 'n5');
  create table plain (a int, b text);
  insert into plain values (1, 'x'), (1, 'x'), (2, 'y');
`;
/** 1 the same; 2 lost its note; 3 renamed; 4 gone; 5 gone, and its mail taken by 6. */
const since = `
  update people set note = null where id = 2; update people set name = 'Cyril' where id = 3;
  delete from people where id in (4, 5); insert into people values (6, 'Fay', 'ed@x', 'n6');
  delete from plain where a = 2; delete from plain where ctid = (select min(ctid) from plain); insert into plain values (9, 'z');
`;

async function done(at: Scene): Promise<void> {
  expect(await stagingIn(at.database)).toEqual([]);
  expect(leftoversOf(engine)).toEqual([]);
  await dropDatabase(at.database);
}

describe('a restore by strategy', () => {
  it('skip adds what is missing and touches nothing else', async () => {
    const at = await copyOf(engine, changed);
    const preview = await previewOf(engine, at);
    const restore = succeeded(await restoreBy(engine, at, { strategy: 'skip', fingerprint: preview.fingerprint }), engine.faults);
    expect(restore).toMatchObject({ mode: 'skip', strategy: 'skip', dryRun: false, undo: 'possible', rows: preview.strategies.skip });
    expect(restore.rows).toEqual({ created: 3, updated: 0, deleted: 0, skipped: 5 });
    expect(await rowsOf(at.database, 'people')).toEqual([
      '(1,Ann,ann@x,)',
      '(2,Bob,bob@x,)',
      '(3,Cyril,cy@x,n3)',
      '(4,Di,di@x,"")',
      '(6,Fay,ed@x,n6)',
    ]);
    expect(await rowsOf(at.database, 'plain')).toEqual(['(1,x)', '(1,x)', '(2,y)', '(9,z)']);
    await done(at);
  });

  it('merge fills what is empty and adds what is missing', async () => {
    const at = await copyOf(engine, changed);
    const restore = succeeded(await restoreBy(engine, at, { strategy: 'merge' }), engine.faults);
    expect(restore).toMatchObject({ mode: 'merge', rows: { created: 3, updated: 1, deleted: 0, skipped: 4 } });
    expect(await rowsOf(at.database, 'people')).toEqual([
      '(1,Ann,ann@x,)',
      '(2,Bob,bob@x,n2)',
      '(3,Cyril,cy@x,n3)',
      '(4,Di,di@x,"")',
      '(6,Fay,ed@x,n6)',
    ]);
    await done(at);
  });

  it('merge fills empty strings only where that was asked for', async () => {
    const at = await copyOf(
      engine,
      unchanged,
      undefined,
      "update people set note = '' where id in (2, 3); update people set name = null where id = 5",
    );
    const plain = succeeded(await restoreBy(engine, at, { strategy: 'merge' }), engine.faults);
    expect(plain.rows).toEqual({ created: 0, updated: 1, deleted: 0, skipped: 7 });
    const filled = succeeded(await restoreBy(engine, at, { strategy: 'merge', fillEmptyStrings: true }), engine.faults);
    expect(filled.rows).toEqual({ created: 0, updated: 2, deleted: 0, skipped: 6 });
    expect((await rowsOf(at.database, 'people'))[1]).toBe('(2,Bob,bob@x,n2)');
    await done(at);
  });

  it('replace of chosen tables makes them equal the backup, row by row', async () => {
    const at = await copyOf(engine, changed);
    const [oid] = await sql(at.database, "select 'people'::regclass::oid as oid");
    const tables = [
      { schema: 'public', table: 'people' },
      { schema: 'public', table: 'plain' },
    ];
    const restore = succeeded(await restoreBy(engine, at, { strategy: 'replace', tables }), engine.faults);
    expect(restore).toMatchObject({ mode: 'replace', previousDatabase: null, rows: { created: 4, updated: 2, deleted: 2, skipped: 2 } });
    expect(await rowsOf(at.database, 'people')).toEqual([
      '(1,Ann,ann@x,)',
      '(2,Bob,bob@x,n2)',
      '(3,Cy,cy@x,n3)',
      '(4,Di,di@x,"")',
      '(5,Ed,ed@x,n5)',
    ]);
    expect(await rowsOf(at.database, 'plain')).toEqual(['(1,x)', '(1,x)', '(2,y)']);
    expect(await sql(at.database, "select 'people'::regclass::oid as oid")).toEqual([oid]);
    await done(at);
  });

  it('each table has a strategy of its own, or is left', async () => {
    const at = await copyOf(engine, changed);
    const restore = succeeded(
      await restoreBy(engine, at, {
        strategy: 'replace',
        tableStrategies: [
          { schema: 'public', table: 'people', strategy: 'merge' },
          { schema: 'public', table: 'plain', strategy: 'leave' },
        ],
      }),
      engine.faults,
    );
    expect(restore).toMatchObject({ mode: 'replace', rows: { created: 1, updated: 1, deleted: 0 } });
    expect(await rowsOf(at.database, 'plain')).toEqual(['(1,x)', '(9,z)']);
    await done(at);
  });

  it('a dry run does it all and takes it back', async () => {
    const at = await copyOf(engine, changed);
    const people = await rowsOf(at.database, 'people');
    const restore = succeeded(await restoreBy(engine, at, { strategy: 'merge', dryRun: true }), engine.faults);
    expect(restore).toMatchObject({ dryRun: true, undo: 'none', safetyBackupId: null, rows: { created: 3, updated: 1 } });
    expect(await rowsOf(at.database, 'people')).toEqual(people);
    await done(at);
  });

  it('where nothing differs nothing is written, and no safety backup is made', async () => {
    const at = await copyOf(engine, unchanged);
    const restore = succeeded(await restoreBy(engine, at, { strategy: 'merge' }), engine.faults);
    expect(restore).toMatchObject({ safetyBackupId: null, undo: 'none', rows: { created: 0, updated: 0, deleted: 0, skipped: 8 } });
    await done(at);
  });

  it('what would be passed over in silence is refused', async () => {
    const at = await copyOf(engine, changed);
    const people = { schema: 'public', table: 'people' };
    const wrong = [
      { rows: [{ ...people, where: 'id = 1' }] },
      { keys: [{ ...people, columns: ['id'] }] },
      { tableStrategies: [{ ...people, strategy: 'leave' as const }] },
    ];
    for (const choice of wrong) await expect(restoreBy(engine, at, choice)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(
      await restoreBy(engine, at, { strategy: 'merge', tableStrategies: [{ schema: 'public', table: 'peopel', strategy: 'leave' }] }),
    ).toMatchObject({
      status: 'failed',
      error: { code: 'BAD_INPUT', message: expect.stringContaining('peopel') },
    });
    await done(at);
  });

  it('only chosen rows, with those that they refer to', async () => {
    const at = await scene(
      engine,
      `create table owners (id int primary key, name text); create table pets (id int primary key, owner int references owners, name text);
       insert into owners select n, 'o' || n from generate_series(1, 10) n; insert into pets select n, n, 'p' || n from generate_series(1, 10) n`,
      "delete from pets; delete from owners; insert into owners values (1, 'other'); insert into pets values (50, 1, 'mine'), (3, 1, 'wrong')",
    );
    const pets = { schema: 'public', table: 'pets' };
    const restore = succeeded(
      await restoreBy(engine, at, { strategy: 'replace', rows: [{ ...pets, where: 'id <= 4' }], withReferenced: true }),
      engine.faults,
    );
    // Owner 1 is there and only added where missing; pet 50 does not meet the condition.
    expect(restore.rows).toEqual({ created: 3 + 3, updated: 1, deleted: 0, skipped: 1 });
    expect(restore.tables).toEqual([pets]);
    expect(await rowsOf(at.database, 'pets')).toEqual(['(1,1,p1)', '(2,2,p2)', '(3,3,p3)', '(4,4,p4)', '(50,1,mine)']);
    expect(await rowsOf(at.database, 'owners')).toEqual(['(1,other)', '(2,o2)', '(3,o3)', '(4,o4)']);
    const undo = await engine.client.restores.undo({ id: restore.id, confirm: at.database });
    expect(await engine.ended(undo.jobId)).toMatchObject({ status: 'succeeded' });
    expect(await rowsOf(at.database, 'pets')).toEqual(['(3,1,wrong)', '(50,1,mine)']);
    await done(at);
  });

  it('replace of the whole where names cannot be swapped goes row by row', async () => {
    const role = await createRole();
    const at = await copyOf(
      engine,
      changed,
      role,
      `alter table people owner to "${role.user}"; alter table plain owner to "${role.user}"; do $$begin execute format('grant create on database %I to %I', current_database(), '${role.user}'); end$$`,
    );
    const plan = await engine.client.restores.plan(requestOf(at, { strategy: 'replace' }));
    expect(plan).toMatchObject({ mode: 'replace', blockers: [] });
    expect(plan.steps.join()).toContain('In one transaction');
    const restore = succeeded(await restoreBy(engine, at, { strategy: 'replace', fingerprint: plan.fingerprint }), engine.faults);
    expect(restore).toMatchObject({
      mode: 'replace',
      previousDatabase: null,
      undo: 'possible',
      rows: { created: 4, updated: 2, deleted: 2, skipped: 2 },
    });
    expect(await rowsOf(at.database, 'plain')).toEqual(['(1,x)', '(1,x)', '(2,y)']);
    await done(at);
  });

  it('a dry run without a strategy takes chosen tables back as well', async () => {
    const at = await copyOf(engine, changed);
    const people = await rowsOf(at.database, 'people');
    const restore = succeeded(
      await restoreBy(engine, at, { tables: [{ schema: 'public', table: 'people' }], dryRun: true }),
      engine.faults,
    );
    expect(restore).toMatchObject({ mode: 'tables', dryRun: true, undo: 'none', safetyBackupId: null, rows: null });
    expect(await rowsOf(at.database, 'people')).toEqual(people);
    await done(at);
  });
});
