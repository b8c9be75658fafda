// Rows of tables that refer to each other and to themselves, written by roles that may switch their keys off and ones that may not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createRole, dropDatabase, sql } from '../../support/server.ts';
import { thorough } from '../../support/thorough.ts';
import { copyOf, previewOf, restoreBy, scene, stagingIn, type Scene } from './rows-support.ts';
import { leftoversOf, succeeded } from './support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(async () => {
  await engine.close();
});

const done = async (at: Scene): Promise<void> => {
  expect(await stagingIn(at.database)).toEqual([]);
  expect(leftoversOf(engine)).toEqual([]);
  await dropDatabase(at.database);
};

/** A cycle of two tables and a reference to itself. */
const cycle = (deferrable: string): string => `
  create table a (id int primary key, b int, up int, t text);
  create table b (id int primary key, a int not null, t text);
  insert into a select n, null, nullif(n - 1, 0), 'a' || n from generate_series(1, 30) n;
  insert into b select n, n, 'b' || n from generate_series(1, 30) n;
  update a set b = id;
  alter table a add constraint a_b foreign key (b) references b ${deferrable}, add foreign key (up) references a ${deferrable};
  alter table b add foreign key (a) references a ${deferrable};
`;
/** The last ten are gone, five others new, some emptied. */
const torn = `
  update a set b = null, t = null where id > 15; delete from b where id > 15; update a set up = null where id = 21; delete from a where id > 20;
  insert into a values (41, null, 3, 'x'), (42, null, 41, 'y'); insert into b values (41, 41, 'x'); update a set b = 41 where id = 42;
`;

const roles = ['superuser', 'owner', 'writer'] as const;
const strategies = ['replace', 'merge', 'skip'] as const;

describe.each([
  ['checked at once', ''],
  ['deferrable', 'deferrable'],
  ['deferred', 'deferrable initially deferred'],
])('foreign keys in a cycle, %s', (keys, deferrable) => {
  let base: Scene;
  beforeAll(async () => {
    base = await scene(
      engine,
      `${cycle(deferrable)} create table fired (t text); create function note() returns trigger language plpgsql security definer as
         $$begin insert into fired values (tg_table_name); return new; end$$;
       create trigger noted before insert on a for each row execute function note(); alter table a enable always trigger noted;`,
      torn,
    );
  });
  afterAll(() => dropDatabase(base.database));

  // Each role meets each kind of key and each strategy once; thorough runs have every combination.
  const nth = ['', 'deferrable'].indexOf(deferrable) + 3;
  const cases = roles.flatMap((who, n) =>
    strategies.filter((_, m) => thorough || m === (n + nth) % 3).map((strategy) => ({ who, strategy })),
  );
  it.each(cases)(`$strategy as $who brings back rows whose keys are ${keys}`, async ({ who, strategy }) => {
    const role = who === 'superuser' ? undefined : await createRole();
    const rights = {
      superuser: '',
      owner: `alter table a owner to "${role?.user}"; alter table b owner to "${role?.user}"; `,
      writer: `grant select, insert, update, delete on a, b to "${role?.user}"; `,
    }[who];
    const staging = `do $$begin execute format('grant create on database %I to %I', current_database(), '${role?.user}'); end$$`;
    const at = await copyOf(engine, base, role, rights === '' ? '' : `${rights} ${staging}`);
    await sql(at.database, 'truncate fired');
    const tables = ['a', 'b'].map((table) => ({ schema: 'public', table }));
    const preview = await previewOf(engine, at, { tables });
    expect(preview.triggers).toBe(who === 'writer' ? 'on' : 'off');
    const restore = succeeded(
      await restoreBy(engine, at, { strategy, tables, previewId: preview.id, safetyBackup: who !== 'writer' }),
      engine.faults,
    );
    expect(restore.rows).toEqual(preview.strategies[strategy]);
    expect(restore.rows?.created).toBe(25);
    const counts = await sql(
      at.database,
      'select (select count(*)::int from a) as a, (select count(*)::int from b) as b, (select count(b)::int from a) as linked, (select count(*)::int from fired) as fired',
    );
    const fired = who === 'writer' ? 10 : 0;
    expect(counts).toEqual([
      {
        replace: { a: 30, b: 30, linked: 30, fired },
        merge: { a: 32, b: 31, linked: 31, fired },
        skip: { a: 32, b: 31, linked: 26, fired },
      }[strategy],
    ]);
    if (who === 'writer')
      expect(restore.warnings.join()).toMatch(/Triggers of public.a ran.*Triggers or foreign keys also changed 10 rows of public.fired/);
    // Triggers are as they were.
    expect(await sql(at.database, "select tgenabled as how from pg_trigger where tgname = 'noted'")).toEqual([{ how: 'A' }]);
    await done(at);
  });
});
