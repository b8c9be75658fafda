// Cases through the contract, many at a time: each has a schema of its own in one pair of databases, so that one dump, one
// preview and one restore serve them all. What differs from the model is reported, never thrown.
import { previewRequest } from '../../../shared/contract/previews.ts';
import type { TestEngine } from '../../support/engine.ts';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { pgDump } from '../restores/support.ts';
import { carryOut } from './carry-out.ts';
import { compareCounts, compareRows, compareJudgements } from './compare-preview.ts';
import type { Case } from './generate.ts';
import { compareAll, outcomeOf } from './outcome.ts';
import { choiceOf, differs, type Ground, type Failure, type Tally, type Playing, type ChoiceName, type Request } from './playing.ts';
import { stateSql } from './statements.ts';

export type Run = {
  form: 'custom' | 'plain';
  safetyBackup: boolean;
  /** Which choice each case is carried out with: shifts with the number. */
  turn: number;
};

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
      tables: tablesOf(playing),
    };
    return [
      ...(await playFirst(ground, playing, { ...request, database: live }, run, tally)),
      ...(await playSecond(ground, playing, { ...request, database: second }, run, tally)),
    ];
  } finally {
    for (const copy of copies) await dropDatabase(copy);
  }
}

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
  // Each staging costs: most runs leave the blocked ones, which were refused above, out.
  const members = playing.filter(
    (one) => run.turn % 5 === 0 || outcomeOf(one.it.live, one.compared, choiceOf(one.it, chosen(one.at))).blocked.size === 0,
  );
  if (members.length === 0) return [];
  const failures = await carryOut(ground, members, { ...request, tables: tablesOf(members) }, chosen, true, false, run.turn, tally);
  return [...failures, ...(await nothingLeft(request.database ?? ''))];
}

const tablesOf = (playing: Playing[]): Request['tables'] =>
  playing.flatMap(({ schema, it }) => it.live.tables.map((table) => ({ schema, table: table.name })));

async function nothingLeft(database: string): Promise<Failure[]> {
  const failures: Failure[] = [];
  const schemas = await sql(database, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'howdah%'");
  differs(failures, null, 'schemas of the staging', [], schemas);
  return failures;
}

/** A ground of types; the caller drops `typesDatabase`. */
export async function groundOf(engine: TestEngine, setup: string): Promise<Ground> {
  const typesDatabase = await createDatabase(setup);
  const { id: profileId } = await engine.addProfile({ database: typesDatabase });
  return { engine, profileId, typesDatabase };
}
