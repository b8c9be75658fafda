// Cases that are written down, many at a time: each has a schema of its own in one pair of databases, so that one dump, one
// preview and few restores serve them all. The property test does the same with its cases (drive.ts).
import type { Judgement, Preview, Strategy, StrategyChoice, TablePreview } from '../../../shared/contract/previews.ts';
import { previewRequest } from '../../../shared/contract/previews.ts';
import type pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import type { RestoreRequest } from '../../../shared/contract/restores.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, dropDatabase } from '../../support/server.ts';
import { pgDump } from '../restores/support.ts';
import { restore } from './carry-out.ts';
import type { Ground } from './playing.ts';

export type Situation = {
  /** SQL in the backup's database. Names without a schema are in the situation's own, then in `public`. */
  backup: string;
  /** SQL in the live database; absent: that of the backup. */
  live?: string;
  /** Absent: every table that the backup has. */
  tables?: string[];
  /** Key columns by table, in place of the table's own. */
  keys?: Record<string, string[]>;
};

/** One situation within the preview of all. */
export type Looked = {
  schema: string;
  tables: TablePreview[];
  /** The one table of that name. */
  table: (name?: string) => TablePreview;
  /** Codes that block a strategy, sorted, each once. */
  blockers: (strategy?: Strategy) => string[];
  /** What `judge` says of this situation, while all others are left. */
  judge: (strategy: Strategy, fillEmptyStrings?: boolean) => Promise<Judgement>;
  /** Restores this situation with the preview and leaves the others; gives its error's code, null where it succeeded.
   * The first that succeeds closes the preview. */
  carryOut: (strategy: Strategy) => Promise<string | null>;
  /** Rows of the live database, each as JSON of texts, sorted by the first column. */
  rows: (table?: string) => Promise<unknown[]>;
  /** Everything that is in the live tables. */
  contents: () => Promise<unknown>;
};

type Choice = Partial<StrategyChoice> & { strategy: Strategy };

export type Situations = {
  preview: Preview;
  of: (name: string) => Looked;
  /** Restores these in one, and leaves the others. Throws where it is refused. */
  carryOutTogether: (chosen: Record<string, Strategy>, fillEmptyStrings?: boolean) => Promise<void>;
  /** Restores with any choice; gives the error's code, null where it succeeded. */
  carryOut: (choice: Choice) => Promise<string | null>;
  /** Closes the preview and drops both databases. */
  remove: () => Promise<void>;
};

export type SituationGround = Pick<Ground, 'engine' | 'profileId'>;

/** An engine for the tests of a file, closed after them; a fault that it logged fails them. */
export function groundForFile(): () => SituationGround {
  let ground: (SituationGround & { engine: TestEngine }) | undefined;
  beforeAll(async () => {
    const engine = await makeEngine();
    const { id: profileId } = await engine.addProfile({ database: 'postgres' });
    ground = { engine, profileId };
  });
  afterAll(async () => {
    await ground?.engine.close();
    expect(ground?.engine.faults).toEqual([]);
  });
  return () => {
    if (ground === undefined) throw new Error('the engine is there from the first beforeAll on');
    return ground;
  };
}

/** `setup`: SQL for both databases, before any situation. */
export async function previewSituations(ground: SituationGround, situations: Record<string, Situation>, setup = ''): Promise<Situations> {
  const placed = Object.entries(situations).map(([name, situation], at): Placed => ({ name, situation, schema: `situation_${at}` }));
  const source = await createDatabase(setup);
  const live = await createDatabase(setup);
  const session = await connect(live);
  const removeLive = async (): Promise<void> => {
    await session.end();
    await dropDatabase(live);
  };
  try {
    const there = await fillBackup(source, placed);
    await fill(session, placed, ({ backup, live: statements = backup }) => statements);
    const path = pgDump(source, ['-Fc', '-Z0']);
    const { client } = ground.engine;
    const request: Request = {
      source: { kind: 'file', id: (await client.dumps.open({ path })).id },
      profileId: ground.profileId,
      database: live,
      tables: placed.flatMap(({ schema, situation: { tables } }) =>
        there.filter((one) => one.schema === schema && (tables === undefined || tables.includes(one.table))),
      ),
      keys: placed.flatMap(({ schema, situation: { keys = {} } }) =>
        Object.entries(keys).map(([table, columns]) => ({ schema, table, columns })),
      ),
    };
    const preview = await previewOf(ground, request);
    return {
      ...lookingAt(ground, placed, request, preview, session),
      remove: async () => {
        await client.previews.close({ id: preview.id });
        await removeLive();
      },
    };
  } catch (thrown) {
    await removeLive();
    throw thrown;
  } finally {
    await dropDatabase(source);
  }
}

type Placed = { name: string; schema: string; situation: Situation };
type Table = { schema: string; table: string };
type Request = Pick<RestoreRequest, 'source' | 'profileId' | 'tables' | 'keys'> & { database: string };

async function previewOf(ground: SituationGround, request: Request): Promise<Preview> {
  const { client, ended, faults } = ground.engine;
  const started = await client.previews.start(previewRequest.parse(request));
  await ended(started.jobId);
  const state = await client.previews.get({ id: started.previewId });
  if (state.status !== 'ready') throw new Error(`the preview is ${JSON.stringify(state)} ${faults.join('\n')}`);
  return state.preview;
}

function lookingAt(
  ground: SituationGround,
  placed: Placed[],
  request: Request,
  preview: Preview,
  session: pg.Client,
): Omit<Situations, 'remove'> {
  const schemaOf = (name: string): string => {
    const found = placed.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no situation is called ${name}`);
    return found.schema;
  };
  const carryOut = async (choice: Choice) =>
    restore(ground, { ...request, safetyBackup: false, previewId: preview.id, fingerprint: preview.fingerprint, ...choice });
  return {
    preview,
    of: (name) => {
      const schema = schemaOf(name);
      const tables = preview.tables.filter((table) => table.schema === schema);
      const blockers = [...preview.blockers, ...tables.flatMap((table) => table.blockers)];
      const tableStrategies = request.tables
        .filter((table) => table.schema !== schema)
        .map((table) => ({ ...table, strategy: 'leave' as const }));
      return {
        schema,
        tables,
        table: (wanted) => {
          const found = tables.find((table) => wanted === undefined || table.table === wanted);
          if (found === undefined) throw new Error(`no table ${wanted ?? ''} of "${name}" in the preview`);
          return found;
        },
        blockers: (strategy) => codesOf(blockers.filter((one) => strategy === undefined || one.strategies.includes(strategy))),
        judge: async (strategy, fillEmptyStrings = false) =>
          ground.engine.client.previews.judge({ id: preview.id, strategy, tableStrategies, fillEmptyStrings }),
        carryOut: async (strategy) => (await carryOut({ strategy, tableStrategies })).code,
        rows: async (table = 't') => rowsOf(session, schema, table),
        contents: async () => contentsOf(session, schema),
      };
    },
    carryOutTogether: async (names, fillEmptyStrings = false) => {
      const bySchema = new Map(Object.entries(names).map(([name, strategy]) => [schemaOf(name), strategy]));
      const tableStrategies = request.tables.map((table) => ({ ...table, strategy: bySchema.get(table.schema) ?? ('leave' as const) }));
      const { code, error } = await carryOut({ strategy: 'skip', tableStrategies, fillEmptyStrings });
      if (code !== null) throw new Error(`The restore of ${Object.keys(names).join(', ')} was refused: ${JSON.stringify(error)}`);
    },
    carryOut: async (choice) => (await carryOut(choice)).code,
  };
}

/** Codes, sorted, each once. */
export const codesOf = (found: { code: string }[]): string[] => [...new Set(found.map((one) => one.code))].sort();

/** Gives the tables that are there then, without partitions. */
async function fillBackup(database: string, placed: Placed[]): Promise<Table[]> {
  const session = await connect(database);
  try {
    await fill(session, placed, (situation) => situation.backup);
    const { rows } = await session.query<Table>(
      `SELECT relnamespace::regnamespace::text AS schema, relname AS table FROM pg_class
        WHERE relnamespace::regnamespace::text LIKE 'situation%' AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1, 2`,
    );
    return rows;
  } finally {
    await session.end();
  }
}

async function fill(session: pg.Client, placed: Placed[], statementsOf: (situation: Situation) => string): Promise<void> {
  for (const { name, schema, situation } of placed) {
    const statements = statementsOf(situation);
    await session.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema}, public; ${statements}`).catch((thrown: unknown) => {
      throw new Error(`"${name}": ${String(thrown)}\n${statements}`, { cause: thrown });
    });
  }
}

async function rowsOf(session: pg.Client, schema: string, table: string): Promise<unknown[]> {
  await session.query(`SET search_path = ${schema}, public`);
  const { rows } = await session.query<{ r: string }>(`SELECT to_jsonb(the_row)::text AS r FROM ${table} the_row ORDER BY the_row`);
  return rows.map((row) => JSON.parse(row.r) as unknown);
}

async function contentsOf(session: pg.Client, schema: string): Promise<unknown> {
  const { rows } = await session.query(
    `SELECT table_name, query_to_xml(format('SELECT * FROM %I.%I', table_schema, table_name), true, false, '')::text
       FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1`,
    [schema],
  );
  return rows;
}
