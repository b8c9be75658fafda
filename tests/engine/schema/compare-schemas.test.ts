// Whether rows fit, what a dump of a part can tell, what a role without rights is told, and that nothing is in anybody's way.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectDump } from '../../../electron/engine/dumps/inspect.ts';
import { compareSchemas } from '../../../electron/engine/schema/compare-schemas.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, createRole, dropDatabase, sql } from '../../support/server.ts';
import { startJob } from '../dumps/rows-support.ts';
import { leftoversOf, pgDump } from '../restores/support.ts';
import { until } from '../../support/wait.ts';
import { schema } from './compared-schema.ts';
import { brief, compareWith, contextOf, tableNamed, targetOf } from './support.ts';

let engine: TestEngine;
let source: string;
let archive: string;
const databases: string[] = [];

async function database(statements: string): Promise<string> {
  const name = await createDatabase(statements);
  databases.push(name);
  return name;
}

beforeAll(async () => {
  engine = await makeEngine();
  source = await database(schema);
  archive = pgDump(source, ['-Fc']);
});
afterAll(async () => {
  await engine.close();
  for (const name of databases) await dropDatabase(name);
});

const told = async (path: string, name: string, tables: string[] = []): Promise<{ fits: boolean; names: string[] }> => {
  const { fits, differences } = await compareWith(engine, { path, database: name, tables: tables.map(tableNamed) });
  return { fits, names: differences.map(brief).toSorted() };
};

describe('whether rows fit', () => {
  it('only the compared tables and the types that they use count', async () => {
    const live = await database(schema);
    await sql(live, `alter table public.log add column more int; alter type app.tone add value 'high'`);
    const names = ['different TYPE app.tone', 'extra COLUMN public.log more'];
    expect(await told(archive, live, ['app.people', 'app.pets'])).toEqual({ fits: true, names });
    expect(await told(archive, live, ['log'])).toEqual({ fits: false, names });
    expect(await told(archive, live)).toEqual({ fits: false, names });
    await sql(live, `alter table public.log drop column more`);
    expect((await told(archive, live, ['log'])).fits).toBe(false);
    expect((await told(archive, live, ['app.people'])).fits).toBe(true);
    await sql(live, `alter type app.mood add value 'great'`);
    // An array of it.
    expect((await told(archive, live, ['app.pets'])).fits).toBe(false);
  });

  it('a label that only the target has cannot be mended', async () => {
    const live = await database(schema);
    await sql(live, `alter type app.mood add value 'great'`);
    const { differences } = await compareWith(engine, { path: archive, database: live });
    expect(differences).toMatchObject([{ kind: 'different', type: 'TYPE', schema: 'app', name: 'mood', mend: null }]);
    expect(differences[0]?.live).toContain("'great'");
    expect(differences[0]?.backup).not.toContain("'great'");
  });

  it('what is beside the rows does not count', async () => {
    const live = await database(schema);
    await sql(
      live,
      `drop index log_at; drop function app.f; drop view app.v; alter table app.pets drop constraint pets_owner_fkey; create table extra (id int);
      drop trigger touched on app.people; alter table app.people alter born drop default; create index on app.people (name)`,
    );
    expect(await told(archive, live)).toEqual({
      fits: true,
      names: [
        'extra INDEX app.people_name_idx',
        'extra TABLE public.extra',
        'missing DEFAULT app.people born',
        'missing FK CONSTRAINT app.pets pets_owner_fkey',
        'missing FUNCTION app.f(integer)',
        'missing INDEX public.log_at',
        'missing TRIGGER app.people touched',
        'missing VIEW app.v',
      ],
    });
  });
});

describe('a dump that does not hold everything', () => {
  it('of chosen tables: what it cannot know is not in excess, but parts of its tables are', async () => {
    const path = pgDump(source, ['-Fc', '-t', 'app.pets']);
    expect(await told(path, source)).toEqual({ fits: true, names: [] });
    const live = await database(schema);
    await sql(
      live,
      'create index more on app.pets (owner); drop index log_at; alter table app.people drop column born; alter table app.pets drop column moods',
    );
    expect(await told(path, live)).toEqual({ fits: false, names: ['extra INDEX app.more', 'missing COLUMN app.pets moods'] });
  });

  it('a backup of ours says itself what was chosen', async () => {
    const profile = await engine.addProfile({ database: source });
    const backup = await engine.backUpWell(profile.id, { tables: [tableNamed('log')] });
    expect(await told(backup.directory, source)).toEqual({ fits: true, names: [] });
    const schemas = await engine.backUpWell(profile.id, { schemas: ['public'] });
    expect(await told(schemas.directory, source)).toEqual({ fits: true, names: [] });
  });

  it.each([['-Fc'], ['-Fp']])('of rows alone (%s): columns are compared by name', async (form) => {
    const path = pgDump(source, [form, '-a']);
    expect(await told(path, source)).toEqual({ fits: true, names: [] });
    const live = await database(schema);
    await sql(
      live,
      `alter table app.people drop column born; alter table log add column note text, add made text generated always as ('x') stored; drop table app.pets; create table extra (id int)`,
    );
    expect(await told(path, live)).toEqual({
      fits: false,
      names: ['extra COLUMN public.log note', 'missing COLUMN app.people born', 'missing TABLE app.pets'],
    });
  });
});

describe('a role that may not see everything', () => {
  it('what can be told is told, and of the rest one difference says that it was not read', async () => {
    const live = await database(schema);
    await sql(live, 'drop index log_at; alter table app.people drop column born');
    const role = await createRole();
    await sql(
      live,
      `grant select on log to "${role.user}"; grant usage on schema app to "${role.user}"; grant select on app.pets to "${role.user}"`,
    );
    const compare = async (tables: string[]) =>
      compareWith(engine, { path: archive, database: live, as: role, tables: tables.map(tableNamed) });
    const { fits, differences } = await compare(['log', 'app.pets']);
    expect(differences.map(brief)).toEqual(['missing INDEX public.log_at', `different DATABASE ${live}`]);
    expect(differences.at(-1)?.live).toContain('app.people');
    expect(fits).toBe(true);
    expect((await compare([])).fits).toBe(false);
    expect((await compare(['app.people'])).fits).toBe(false);
  });

  it('a pg_dump that fails does not fail the comparison', async () => {
    const live = await database(schema);
    const dump = await inspectDump(archive);
    const client = await connect(live);
    try {
      await client.query('begin; lock table app.people in access exclusive mode');
      const started = startJob(engine, async (job) => {
        const context = { ...contextOf(engine), settings: () => ({ stuckAfterSeconds: 1 }) } as unknown as ReturnType<typeof contextOf>;
        const { fits, differences } = await compareSchemas(job, context, {
          path: archive,
          dump,
          target: targetOf(live),
          clientDirectory: '',
          tables: [],
        });
        expect({ fits, names: differences.map(brief) }).toEqual({ fits: false, names: [`different DATABASE ${live}`] });
      });
      expect((await started.ended).status).toBe('succeeded');
    } finally {
      await client.end();
    }
  });
});

it('takes no lock that writers or even an EXCLUSIVE lock would be in the way of, and leaves nothing behind', async () => {
  const live = await database(schema);
  const client = await connect(live);
  try {
    await client.query('begin; lock table app.people, app.pets, log in exclusive mode');
    expect(await told(archive, live)).toEqual({ fits: true, names: [] });
  } finally {
    await client.end();
  }
  expect(leftoversOf(engine)).toEqual([]);
  const work = join(engine.home, 'tmp');
  expect(existsSync(work) ? readdirSync(work) : []).toEqual([]);
});

it('a cancel ends it while it waits for a lock, and its session with it', async () => {
  const live = await database(schema);
  const dump = await inspectDump(archive);
  const client = await connect(live);
  try {
    await client.query('begin; lock table app.people in access exclusive mode');
    const started = startJob(engine, (job) =>
      compareSchemas(job, contextOf(engine), { path: archive, dump, target: targetOf(live), clientDirectory: '', tables: [] }),
    );
    const waiting = (): Promise<unknown[]> =>
      sql('postgres', `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`, [live]);
    await until('pg_dump waits', async () => (await waiting()).length === 1);
    engine.engine.jobs.cancel(started.id);
    expect((await started.ended).status).toBe('cancelled');
    await until('its session has ended', async () => (await waiting()).length === 0);
  } finally {
    await client.end();
  }
  expect(leftoversOf(engine)).toEqual([]);
});
