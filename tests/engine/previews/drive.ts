// Cases through the contract, many at a time: each has a schema of its own in one pair of databases, so that one dump, one
// preview and one restore serve them all. What differs from the model is reported, never thrown.
import type { Judgement, Preview, Strategy, TablePreview } from '../../../shared/contract/previews.ts';
import { previewRequest, strategyChoice } from '../../../shared/contract/previews.ts';
import { restoreRequest, type RestoreRequest } from '../../../shared/contract/restores.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { TestEngine } from '../../support/engine.ts';
import { connect, createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { pgDump } from '../restores/support.ts';
import type { Case } from './generate.ts';
import { countsOf, type Compared } from './model.ts';
import { blockerKinds, compareAll, outcomeOf, type Choice, type Outcome } from './outcome.ts';
import type { Row } from './shapes.ts';
import { rowsOf, tableOf } from './shapes.ts';
import { asTexts, readState, stateSql } from './statements.ts';

export type Ground = { engine: TestEngine; profileId: string; typesDatabase: string };

/** `at`: which of the cases; null: the run of all of them failed. */
export type Failure = { at: number | null; what: string; expected: unknown; found: unknown };

export type Tally = Record<string, number>;

export type Run = {
  form: 'custom' | 'plain';
  safetyBackup: boolean;
  /** Which choice each case is carried out with: shifts with the number. */
  turn: number;
};

type Playing = { at: number; schema: string; it: Case; compared: Record<string, Compared> };

/** The choices that a case is judged with. */
export const choiceNames = ['replace', 'merge', 'mixed', 'skip', 'mergeEmpty', 'mixedEmpty'] as const;
export type ChoiceName = (typeof choiceNames)[number];

export function choiceOf(it: Case, name: ChoiceName): Choice {
  const all = (strategy: Strategy): Choice['byTable'] => Object.fromEntries(it.live.tables.map((table) => [table.name, strategy]));
  switch (name) {
    case 'replace':
    case 'merge':
    case 'skip':
      return { byTable: all(name), fillEmptyStrings: false };
    case 'mergeEmpty':
      return { byTable: all('merge'), fillEmptyStrings: true };
    case 'mixed':
      return { byTable: it.mixed.byTable, fillEmptyStrings: false };
    case 'mixedEmpty':
      return { byTable: it.mixed.byTable, fillEmptyStrings: true };
  }
}

/** Plays cases; gives what is not as the model has it. */
export async function play(ground: Ground, cases: Case[], run: Run, tally: Tally = {}): Promise<Failure[]> {
  const playing = cases.map((it, at): Playing => ({ at, schema: `case ${at}`, it, compared: compareAll(it.backup, it.live) }));
  const copies: string[] = [];
  const copyOf = async (template: string): Promise<string> => {
    const copy = `${template.slice(0, 20)}_${copies.length}_${Math.random().toString(36).slice(2, 8)}`;
    await sql('postgres', `CREATE DATABASE "${copy}" TEMPLATE "${template}"`);
    copies.push(copy);
    return copy;
  };
  try {
    const source = await copyOf(ground.typesDatabase);
    await sql(source, playing.map(({ schema, it }) => stateSql(schema, it.backup)).join('\n'));
    const live = await copyOf(ground.typesDatabase);
    await sql(live, playing.map(({ schema, it }) => stateSql(schema, it.live)).join('\n'));
    const second = await copyOf(live);
    const dump = pgDump(source, run.form === 'custom' ? ['-Fc', '-Z0'] : []);
    const file = await ground.engine.client.dumps.open({ path: dump });
    const request: Request = {
      source: { kind: 'file', id: file.id },
      profileId: ground.profileId,
      tables: playing.flatMap(({ schema, it }) => it.live.tables.map((table) => ({ schema, table: table.name }))),
    };
    return [
      ...(await playFirst(ground, playing, { ...request, database: live }, run, tally)),
      ...(await playSecond(ground, playing, { ...request, database: second }, run, tally)),
    ];
  } finally {
    for (const copy of copies) await dropDatabase(copy);
  }
}

export type Request = Pick<RestoreRequest, 'source' | 'profileId' | 'tables'> & { database?: string };

/** Previews, judges everything, and carries one choice a case out with that preview. */
async function playFirst(ground: Ground, playing: Playing[], request: Request, run: Run, tally: Tally): Promise<Failure[]> {
  const { client } = ground.engine;
  const started = await client.previews.start(previewRequest.parse({ ...request, sample: 2 }));
  await ground.engine.ended(started.jobId);
  const state = await client.previews.get({ id: started.previewId });
  if (state.status !== 'ready') return [{ at: null, what: 'the preview', expected: 'ready', found: state }];
  const failures: Failure[] = [];
  const { preview } = state;
  for (const one of playing) failures.push(...compareCounts(one, preview));
  for (const one of playing) failures.push(...(await compareRows(ground, one, preview)));
  for (const one of playing) failures.push(...(await compareJudgements(ground, one, preview, playing)));
  const names = ['replace', 'merge', 'mixed', 'skip'] as const;
  const chosen = (at: number): ChoiceName => names[(at + run.turn) % names.length] ?? 'replace';
  const beside = { ...request, previewId: preview.id, fingerprint: preview.fingerprint };
  failures.push(...(await carryOut(ground, playing, beside, chosen, false, run.safetyBackup, run.turn, tally)));
  await client.previews.close({ id: preview.id });
  return [...failures, ...(await nothingLeft(request.database ?? ''))];
}

/** Carries another choice out, without a preview before it. */
async function playSecond(ground: Ground, playing: Playing[], request: Request, run: Run, tally: Tally): Promise<Failure[]> {
  const names = ['mergeEmpty', 'replace', 'mixedEmpty', 'replace'] as const;
  const chosen = (at: number): ChoiceName => names[(at + run.turn) % names.length] ?? 'replace';
  const failures = await carryOut(ground, playing, request, chosen, true, false, run.turn, tally);
  return [...failures, ...(await nothingLeft(request.database ?? ''))];
}

function tableOfPreview(preview: Preview, schema: string, table: string): TablePreview | undefined {
  return preview.tables.find((one) => one.schema === schema && one.table === table);
}

function compareCounts({ at, schema, it, compared }: Playing, preview: Preview): Failure[] {
  const failures: Failure[] = [];
  for (const { name } of it.live.tables) {
    const table = tableOfPreview(preview, schema, name);
    const one = compared[name];
    if (table === undefined || one === undefined) {
      failures.push({ at, what: `${name} in the preview`, expected: 'there', found: null });
      continue;
    }
    const found = { ...Object.fromEntries(Object.keys(countsOf(one)).map((key) => [key, table[key as keyof TablePreview]])) };
    found['conflictsByColumn'] = Object.fromEntries(Object.entries(table.conflictsByColumn).filter(([, count]) => count > 0));
    differs(failures, at, `counts of ${name}`, countsOf(one), found);
    differs(failures, at, `key of ${name}`, one.key ?? 'wholeRow', table.key?.kind === 'wholeRow' ? 'wholeRow' : table.key?.columns);
    differs(failures, at, `live rows of ${name}`, rowsOf(it.live, name).length, table.liveRows);
  }
  for (const strategy of ['replace', 'merge', 'skip'] as const) {
    const outcome = outcomeOf(it.live, compared, choiceOf(it, strategy));
    const blockers = preview.tables.filter((table) => table.schema === schema).flatMap((table) => table.blockers);
    const codes = blockers.filter((blocker) => blocker.strategies.includes(strategy)).map((blocker) => blocker.code);
    compareCodes(failures, at, `the preview's blockers of ${strategy}`, outcome, codes);
  }
  return failures;
}

/** The rows behind the counts, of a case's first table. */
async function compareRows(ground: Ground, { at, schema, it, compared }: Playing, preview: Preview): Promise<Failure[]> {
  const failures: Failure[] = [];
  const live = it.live.tables[at % it.live.tables.length];
  const one = live === undefined ? undefined : compared[live.name];
  if (live === undefined || one === undefined || tableOfPreview(preview, schema, live.name)?.compared !== true) return [];
  const backup = tableOf(it.backup, live.name);
  const columns = live.columns
    .filter((column) => column.generated === null && backup.columns.some((other) => other.name === column.name && other.generated === null))
    .map((column) => column.name);
  const pick = (row: Row): Row => Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
  const expected = {
    conflict: one.conflicts.map((pair) => pair.columns.map((column) => [column, pair.live[column], pair.backup[column]])),
    new: one.fresh.map((row) => pick(row)),
    uniqueClash: one.uniqueClashes.map((row) => pick(row)),
    liveOnly: one.liveOnly.map((row) => pick(row)),
  };
  for (const kind of ['conflict', 'new', 'uniqueClash', 'liveOnly'] as const) {
    const page = await ground.engine.client.previews.rows({ id: preview.id, schema, table: live.name, kind, limit: 100, offset: 0 });
    const found = page.rows.map((row) => {
      if (kind === 'conflict') return row.changes.map((change) => [change.column, change.live, change.backup]);
      const side = kind === 'liveOnly' ? 'live' : 'backup';
      return Object.fromEntries(
        row.changes.filter((change) => columns.includes(change.column)).map((change) => [change.column, change[side]]),
      );
    });
    const sorted = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
    differs(failures, at, `rows of ${live.name}: ${kind}`, sorted(expected[kind]), sorted(found));
    differs(failures, at, `total of ${live.name}: ${kind}`, expected[kind].length, page.total);
  }
  return failures;
}

async function compareJudgements(ground: Ground, one: Playing, preview: Preview, playing: Playing[]): Promise<Failure[]> {
  const failures: Failure[] = [];
  // The others are in the preview itself.
  for (const name of ['mixed', 'mixedEmpty', 'mergeEmpty'] as const) {
    const choice = choiceOf(one.it, name);
    const outcome = outcomeOf(one.it.live, one.compared, choice);
    const judged = await ground.engine.client.previews.judge({
      id: preview.id,
      ...choiceFor(playing, (other) => (other === one ? choice : null), choice.fillEmptyStrings),
    });
    compareCodes(
      failures,
      one.at,
      `the judgement's blockers of ${name}`,
      outcome,
      judged.blockers.map((blocker) => blocker.code),
    );
    differs(
      failures,
      one.at,
      `the judgement's effects of ${name}`,
      sum([...Object.values(outcome.effects), ...leftAlone(playing.filter((other) => other !== one))]),
      judged.effects,
    );
    for (const table of judged.tables) {
      if (table.schema === one.schema) {
        differs(failures, one.at, `the judgement's effects of ${name} on ${table.table}`, outcome.effects[table.table], table.effects);
      }
    }
  }
  return failures;
}

/** Of tables that are left all rows change nothing. */
const leftAlone = (playing: Playing[]): Judgement['effects'][] =>
  playing.flatMap((one) => Object.values(one.compared).map((table) => ({ ...none, skipped: countsOf(table).rows })));

const none = { created: 0, updated: 0, deleted: 0, skipped: 0 };
const sum = (effects: Judgement['effects'][]): Judgement['effects'] =>
  effects.reduce(
    (total, one) => ({
      created: total.created + one.created,
      updated: total.updated + one.updated,
      deleted: total.deleted + one.deleted,
      skipped: total.skipped + one.skipped,
    }),
    none,
  );

/** A strategy for every table; `leave` for cases without a choice. */
function choiceFor(playing: Playing[], choose: (one: Playing) => Choice | null, fillEmptyStrings: boolean) {
  const tableStrategies = playing.flatMap((one) => {
    const choice = choose(one);
    return one.it.live.tables.map((table) => ({
      schema: one.schema,
      table: table.name,
      strategy: choice === null ? ('leave' as const) : (choice.byTable[table.name] ?? ('leave' as const)),
    }));
  });
  return strategyChoice.parse({ strategy: 'skip', tableStrategies, fillEmptyStrings });
}

/** One refused restore, then one of all cases that can be carried out; then every table is looked at. */
async function carryOut(
  ground: Ground,
  playing: Playing[],
  request: Request & { previewId?: string; fingerprint?: string },
  chosen: (at: number) => ChoiceName,
  fillEmptyStrings: boolean,
  safetyBackup: boolean,
  turn: number,
  tally: Tally,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  const outcomes = playing
    .map((one) => ({ one, choice: choiceOf(one.it, chosen(one.at)) }))
    .map(({ one, choice }) => ({
      one,
      choice,
      outcome: outcomeOf(one.it.live, one.compared, choice),
    }));
  const blocked = outcomes.filter(({ outcome }) => outcome.blocked.size > 0);
  const database = request.database ?? '';
  const before = await definitions(database);
  const done = new Set<Playing>();
  const start = async (members: typeof outcomes) => {
    const choice = choiceFor(playing, (one) => members.find((member) => member.one === one)?.choice ?? null, fillEmptyStrings);
    return await restore(ground, { ...request, ...choice, safetyBackup });
  };

  const refused = blocked[playing.length % Math.max(1, blocked.length)];
  // Without a preview that costs a staging of its own.
  if (refused !== undefined && (request.previewId !== undefined || turn % 5 === 0)) {
    const answer = await start([refused]);
    differs(
      failures,
      refused.one.at,
      `the restore's answer where ${[...refused.outcome.blocked].join()} blocks`,
      'RESTORE_BLOCKED',
      answer.code,
    );
    tally['refused'] = (tally['refused'] ?? 0) + 1;
  }
  // Those that may be refused are tried alone: refused they must be untouched.
  const free = outcomes.filter(({ outcome }) => outcome.blocked.size === 0 && outcome.mayBlock.size === 0);
  const effects = new Map<Playing, Outcome>();
  if (free.length > 0) {
    const answer = await start(free);
    if (answer.code !== null)
      failures.push({ at: free.length === 1 ? (free[0]?.one.at ?? null) : null, what: 'the restore', expected: 'done', found: answer });
    else {
      const left = leftAlone(playing.filter((one) => !free.some((member) => member.one === one)));
      const expected = sum([...free.flatMap(({ outcome }) => Object.values(outcome.effects)), ...left]);
      differs(failures, free.length === 1 ? (free[0]?.one.at ?? null) : null, 'rows of the restore', expected, answer.rows);
      for (const { one, outcome } of free) effects.set(one, outcome);
      for (const { one } of free) done.add(one);
      for (const { one } of free) tally[chosen(one.at)] = (tally[chosen(one.at)] ?? 0) + 1;
    }
  }
  const maybe = outcomes.filter(({ outcome }) => outcome.blocked.size === 0 && outcome.mayBlock.size > 0);
  const foreseen =
    maybe.length === 0 || request.previewId !== undefined
      ? new Map<Playing, string[]>()
      : await foresee(ground, playing, request, maybe, fillEmptyStrings);
  // What is free was carried out above, in other tables: the answers hold.
  for (const member of request.previewId === undefined ? maybe : []) {
    const answer = await start([member]);
    tally[answer.code ?? 'hard, done'] = (tally[answer.code ?? 'hard, done'] ?? 0) + 1;
    if (answer.code === null) effects.set(member.one, member.outcome);
    const codes = foreseen.get(member.one) ?? [];
    differs(
      failures,
      member.one.at,
      `the answer where it is hard to carry out, foreseen: ${codes.join()}`,
      codes.length > 0 ? 'RESTORE_BLOCKED' : null,
      answer.code,
    );
  }
  if (failures.some((failure) => failure.at === null)) return failures;
  const client = await connect(database);
  try {
    for (const one of playing) {
      const state = effects.get(one)?.state ?? one.it.live;
      const rows = await readState(client, one.schema, one.it.live.tables);
      for (const table of one.it.live.tables) {
        differs(
          failures,
          one.at,
          `${table.name} after ${chosen(one.at)}${effects.has(one) ? '' : ' (untouched)'}`,
          asTexts(table, rowsOf(state, table.name)),
          asTexts(table, rows[table.name] ?? []),
        );
      }
    }
  } finally {
    await client.end();
  }
  differs(failures, null, 'definitions of the tables', before, await definitions(database));
  return failures;
}

/** What judge says of cases that may be refused. */
async function foresee(
  ground: Ground,
  playing: Playing[],
  request: Request,
  members: { one: Playing; choice: Choice }[],
  fillEmptyStrings: boolean,
): Promise<Map<Playing, string[]>> {
  const { client } = ground.engine;
  const started = await client.previews.start(previewRequest.parse({ ...request, sample: 0 }));
  await ground.engine.ended(started.jobId);
  const codes = new Map<Playing, string[]>();
  for (const { one, choice } of members) {
    const judged = await client.previews.judge({
      id: started.previewId,
      ...choiceFor(playing, (other) => (other === one ? choice : null), fillEmptyStrings),
    });
    codes.set(
      one,
      judged.blockers.map((blocker) => blocker.code),
    );
  }
  await client.previews.close({ id: started.previewId });
  return codes;
}

type Answer = { code: string | null; rows: unknown; error?: unknown };

export async function restore(ground: Ground, request: Partial<RestoreRequest> & { fingerprint?: string }): Promise<Answer> {
  const { client, ended } = ground.engine;
  try {
    const started = await client.restores.start({
      ...restoreRequest.parse(request),
      confirm: request.database ?? '',
      ...(request.fingerprint === undefined ? {} : { fingerprint: request.fingerprint }),
    });
    await ended(started.jobId);
    const found = await client.restores.get({ id: started.restoreId });
    if (found.status === 'succeeded') return { code: null, rows: found.rows };
    return { code: 'error' in found ? found.error.code : found.status, rows: null, error: 'error' in found ? found.error : null };
  } catch (thrown) {
    // Refused before there was a job.
    const code = thrown instanceof HowdahError ? thrown.code : String((thrown as { code?: unknown }).code);
    return { code, rows: null, error: thrown };
  }
}

/** Constraints, indexes, triggers and identities: what a restore by strategy must leave as it is. */
async function definitions(database: string): Promise<unknown> {
  return sql(
    database,
    `SELECT 'constraint' AS kind, conrelid::regclass::text AS of, pg_get_constraintdef(oid) || convalidated::text AS is FROM pg_constraint WHERE connamespace::regnamespace::text LIKE '"case%'
     UNION ALL SELECT 'index', indrelid::regclass::text, pg_get_indexdef(indexrelid) || indisvalid::text FROM pg_index i JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace::regnamespace::text LIKE '"case%'
     UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname || '' || tgenabled::text FROM pg_trigger
     UNION ALL SELECT 'table', oid::regclass::text, relkind::text || relpersistence::text FROM pg_class WHERE relnamespace::regnamespace::text LIKE '"case%' ORDER BY 1, 2, 3`,
  );
}

async function nothingLeft(database: string): Promise<Failure[]> {
  const failures: Failure[] = [];
  const schemas = await sql(database, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'howdah%'");
  differs(failures, null, 'schemas of the staging', [], schemas);
  return failures;
}

function compareCodes(failures: Failure[], at: number, what: string, outcome: Outcome, codes: string[]): void {
  const expected = [...outcome.blocked].map((kind) => blockerKinds[kind]);
  const missing = expected.filter((any) => !any.some((code) => codes.includes(code)));
  const allowed = new Set<string>([...expected.flat(), ...outcome.mayBlock]);
  const more = codes.filter((code) => !allowed.has(code));
  if (missing.length > 0 || more.length > 0)
    failures.push({ at, what, expected: { blocked: [...outcome.blocked], may: [...outcome.mayBlock] }, found: codes });
}

function differs(failures: Failure[], at: number | null, what: string, expected: unknown, found: unknown): void {
  if (stable(expected) !== stable(found)) failures.push({ at, what, expected, found });
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** A ground of types; the caller drops `typesDatabase`. */
export async function groundOf(engine: TestEngine, setup: string): Promise<Ground> {
  const typesDatabase = await createDatabase(setup);
  const { id: profileId } = await engine.addProfile({ database: typesDatabase });
  return { engine, profileId, typesDatabase };
}
