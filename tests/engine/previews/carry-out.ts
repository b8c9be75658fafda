// Restores by strategy against the model's outcome.
import { previewRequest } from '../../../shared/contract/previews.ts';
import { restoreRequest, type RestoreRequest } from '../../../shared/contract/restores.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { connect, sql } from '../../support/server.ts';
import { compareAll, outcomeOf, type Choice, type Outcome } from './outcome.ts';
import {
  choiceOf,
  leftAlone,
  sum,
  choiceFor,
  differs,
  type Ground,
  type Failure,
  type Tally,
  type Playing,
  type ChoiceName,
  type Request,
} from './playing.ts';
import { rowsOf, type State } from './shapes.ts';
import { asTexts, readState } from './statements.ts';

/** One refused restore, then one of all cases that can be carried out; then every table is looked at. */
export async function carryOut(
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
      for (const { one } of free) tally[chosen(one.at)] = (tally[chosen(one.at)] ?? 0) + 1;
      if (safetyBackup && free.every(({ one, outcome }) => canBeUndone(one, outcome))) {
        const undone = await undo(ground, answer.restoreId, database);
        differs(failures, null, 'the undo', null, undone);
        effects.clear();
        tally['undo'] = (tally['undo'] ?? 0) + 1;
      }
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

/** Nothing stands in the way of replacing what a restore left by what was there before. */
function canBeUndone(one: Playing, outcome: Outcome): boolean {
  const before: State = { tables: one.it.live.tables, rows: one.it.live.rows };
  const back = outcomeOf(outcome.state, compareAll(before, outcome.state), choiceOf(one.it, 'replace'));
  return back.blocked.size === 0 && back.mayBlock.size === 0;
}

/** Null where it succeeded. */
async function undo(ground: Ground, restoreId: string, database: string): Promise<unknown> {
  try {
    const { jobId } = await ground.engine.client.restores.undo({ id: restoreId, confirm: database });
    const job = await ground.engine.ended(jobId);
    return job.status === 'succeeded' ? null : job;
  } catch (thrown) {
    return String(thrown);
  }
}

type Answer = { code: string | null; rows: unknown; restoreId: string; error?: unknown };

export async function restore(
  ground: Pick<Ground, 'engine'>,
  request: Partial<RestoreRequest> & { fingerprint?: string },
): Promise<Answer> {
  const { client, ended } = ground.engine;
  try {
    const started = await client.restores.start({
      ...restoreRequest.parse(request),
      confirm: request.database ?? '',
      ...(request.fingerprint === undefined ? {} : { fingerprint: request.fingerprint }),
    });
    await ended(started.jobId);
    const found = await client.restores.get({ id: started.restoreId });
    if (found.status === 'succeeded') return { code: null, rows: found.rows, restoreId: found.id };
    return {
      code: 'error' in found ? found.error.code : found.status,
      rows: null,
      restoreId: found.id,
      error: 'error' in found ? found.error : null,
    };
  } catch (thrown) {
    // Refused before there was a job.
    const code = thrown instanceof HowdahError ? thrown.code : String((thrown as { code?: unknown }).code);
    return { code, rows: null, restoreId: '', error: thrown };
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
