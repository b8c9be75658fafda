// A preview for roles that may make no schema at the target: the rows are compared in a throw-away database of another
// profile's server. It can be looked at, and not carried out.
import { randomBytes } from 'node:crypto';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { columnTypes, declaredKeys, partitionRoots } from '../dumps/definitions.ts';
import { readTableRows } from '../dumps/table-rows.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { onDatabase, quoteIdentifier, withMaintenanceSession, withSession, type Session } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { serverError } from '../postgres/server-error.ts';
import { dropThrowAway, throwAwayPrefix } from '../postgres/settle-databases.ts';
import type { Target } from '../postgres/target.ts';
import { createDatabaseStatement } from '../postgres/throw-away.ts';
import { identityOf } from '../restores/plan.ts';
import { endOwnSessions } from '../restores/sessions.ts';
import { noMerge, type ComparedTable } from './compared.ts';
import { describeElsewhere, type FoundElsewhere } from './elsewhere-describe.ts';
import { bringLiveRows, compareElsewhereTable, elsewhereKeyFaults, plainTable, plainTypes, tellable } from './elsewhere-rows.ts';
import { pageElsewhere } from './elsewhere-page.ts';
import { fingerprintOf } from './fingerprint.ts';
import { keyMissing, keyNotUnique } from './key-blockers.ts';
import { ownKey } from './live-tables.ts';
import { pairTables } from './pair-tables.ts';
import type { PreviewInput } from './prepare.ts';
import { compareDefinitions } from './schema-state.ts';
import { lookAt } from './seen.ts';
import { applySettings, printingSettings, workSession } from './session.ts';
import { checkValues, stageTables, type Definitions, type StagedTable } from './stage.ts';
import type { Prepared } from './store.ts';

export type PreparedElsewhere = Prepared & { compared: null };

const schema = 'staging';
const workers = 2;

/**
 * Compares in a throw-away database of the profile `request.stageOn`; the target is only read, in one read-only
 * snapshot. The caller drops it when it is done with it. Where it throws, nothing is left on either server.
 * Errors: BAD_INPUT (chosen rows), PERMISSION_DENIED (no databases may be made there), TABLE_NOT_IN_DUMP, those of
 * connecting and of `readTableRows`, CANCELLED.
 */
export async function compareElsewhere(context: EngineContext, job: JobRun, input: PreviewInput): Promise<PreparedElsewhere> {
  const begun = performance.now();
  const { request, target } = input;
  const stageOn = request.stageOn ?? request.profileId;
  if (request.rows.length > 0 || request.withReferenced) {
    throw new HowdahError('BAD_INPUT', 'Chosen rows can only be compared beside the live tables.', {
      hint: 'Leave the condition out, or let an administrator grant CREATE on the database.',
    });
  }
  const away = await throwAway(context, job, stageOn);
  const sessions: Session[] = [];
  const gone = job.note({ kind: 'backend', profileId: request.profileId, applicationName: job.applicationName });
  // A session in a query does not notice that nobody wants it any more.
  const onAbort = (): void => void Promise.all([endOwnSessions(job, target), endOwnSessions(job, away.target)]);
  job.signal.addEventListener('abort', onAbort, { once: true });
  try {
    job.signal.throwIfAborted();
    const here: Session[] = [];
    for (let n = 0; n < workers; n++) {
      const session = await workSession(job, away.target);
      here.push(session);
      sessions.push(session);
    }
    const live = await workSession(job, target);
    sessions.push(live);
    const state = compareDefinitions(job, context, input);
    state.catch(() => {});
    const found = await compareRows(context, job, input, live, here);
    const preview = await describeElsewhere(input, found, await state, { here: here[0] as Session, live, schema }, begun);
    job.signal.throwIfAborted();
    return {
      preview,
      request,
      compared: null,
      target: away.target,
      drop: away.drop,
      async page(wanted) {
        const table = found.tables.find((one) => tableKey(one.live) === tableKey(wanted));
        if (table === undefined) return { rows: [], total: 0 };
        return await withSession(away.target, (one) =>
          withSession(target, async (other) => {
            for (const session of [one, other]) await applySettings(session, printingSettings);
            return await pageElsewhere(one, other, schema, table, wanted);
          }),
        );
      },
    };
  } catch (thrown) {
    await Promise.all(sessions.map((session) => session.end().catch(() => {})));
    await away
      .drop()
      .catch((second: unknown) => context.ports.log.error('the throw-away database could not be dropped; the next start does it', second));
    job.signal.throwIfAborted();
    throw thrown instanceof Error && 'severity' in thrown ? serverError(thrown, target) : thrown;
  } finally {
    await Promise.all(sessions.map((session) => session.end().catch(() => {})));
    gone();
    job.signal.removeEventListener('abort', onAbort);
  }
}

async function compareRows(
  context: EngineContext,
  job: JobRun,
  input: PreviewInput,
  live: Session,
  here: Session[],
): Promise<FoundElsewhere> {
  const { request, dump, path, profile } = input;
  const definitions: Definitions = { declaredKeys: await declaredKeys(path, dump), columnTypes: await columnTypes(path, dump) };
  await live.query('begin isolation level repeatable read read only');
  const pairing = await pairTables(live, dump, request, await partitionRoots(path, dump));
  const types = await plainTypes(
    live,
    pairing.paired.map((table) => table.live),
  );
  // The target's VACUUM is not held up while the backup is read.
  await live.query('commit');
  const paired = pairing.paired.map((table) => ({ ...table, live: plainTable(table.live, types.get(table.live.oid)) }));
  const [session] = here;
  if (session === undefined) throw new Error('no session to stage with');
  await session.query(`create schema ${quoteIdentifier(schema)}`);
  const rows = readTableRows(job, context, {
    path,
    dump,
    clientDirectory: profile.clientDirectory,
    tables: [...paired, ...pairing.blocked].flatMap((table) => table.sources),
    stuckAfterMs: context.settings().stuckAfterSeconds * 1000,
  });
  let bytes = 0;
  const onBytes = (more: number): void => {
    job.signal.throwIfAborted();
    bytes += more;
    job.progress({ bytesDone: bytes });
  };
  job.progress({ phase: 'Staging the rows of the backup', fraction: null });
  const staged = await stageTables(here, schema, { paired, blocked: pairing.blocked }, rows, definitions, {
    onTable: (table) => job.progress({ current: `${table.schema}.${table.table}` }),
    onBytes,
  });
  const found: FoundElsewhere = { tables: [], blocked: [...pairing.blocked], fingerprint: '', untold: new Map() };
  await live.query('begin isolation level repeatable read read only');
  for (const one of staged) {
    job.signal.throwIfAborted();
    job.progress({ phase: 'Comparing', current: `${one.live.schema}.${one.live.table}` });
    await checkValues(session, schema, one, definitions);
    const folding = new Set([...(types.get(one.live.oid) ?? [])].flatMap(([attnum, type]) => (type.foldsCase ? [attnum] : [])));
    const table = keyedTable(one, request);
    const missing = keyMissing(table);
    const blockers = [...one.blockers, ...(missing === null ? [] : [missing])];
    if (blockers.length === 0) {
      table.seen = await lookAt(live, table.live);
      await bringLiveRows(live, here, schema, table, onBytes);
      const faults = table.key.kind === 'wholeRow' ? 0 : await elsewhereKeyFaults(session, schema, table, folding);
      if (faults > 0) blockers.push(keyNotUnique(table, faults));
      else await compareElsewhereTable(session, schema, table, folding);
    }
    if (blockers.length > 0) found.blocked.push({ schema: one.live.schema, table: one.live.table, blockers, rows: null });
    else {
      found.tables.push(table);
      found.untold.set(
        tableKey(one.live),
        tellable(table).untold.map(({ name }) => name),
      );
    }
  }
  // Never that of a preview that can be carried out.
  found.fingerprint = await fingerprintOf(live, ['elsewhere', await identityOf(path)], request, found.tables, found.blocked);
  return found;
}

function keyedTable(staged: StagedTable, request: PreviewInput['request']): ComparedTable {
  const { live, columns } = staged;
  const chosen = request.keys.find((one) => tableKey(one) === tableKey(live))?.columns;
  const own = chosen === undefined ? ownKey(live, new Set(columns.map(({ name }) => name))) : null;
  const plain = (names: string[]): Pick<ComparedTable['key'], 'columns' | 'operators' | 'collations'> => ({
    columns: names,
    operators: names.map(() => '='),
    collations: names.map(() => null),
  });
  return {
    n: staged.n,
    live,
    columns,
    key:
      chosen !== undefined
        ? { kind: 'chosen', ...plain(chosen) }
        : own === null
          ? { kind: 'wholeRow', ...plain([]), columns: columns.map(({ name }) => name) }
          : { kind: own.key.kind, ...plain(own.key.columns) },
    uniques: live.uniques.filter((rule) => rule !== own?.rule),
    scope: { kind: 'whole' },
    referencedOnly: false,
    columnsOnlyInBackup: staged.columnsOnlyInBackup,
    columnsOfOtherType: staged.columnsOfOtherType,
    seen: { shape: '', rows: 0, digest: '' },
    counts: { rows: staged.rows, new: 0, identical: 0, conflicts: 0, liveOnly: 0, uniqueClashes: 0, conflictsByColumn: {} },
    merge: noMerge,
    mergeEmpty: noMerge,
    rewritten: 0,
  };
}

/** A database that lives as long as its preview; after a crash the next start drops it. */
async function throwAway(context: EngineContext, job: JobRun, profileId: string): Promise<{ target: Target; drop: () => Promise<void> }> {
  const server = await context.profiles.target(profileId);
  const database = `${throwAwayPrefix}${randomBytes(6).toString('hex')}`;
  const settled = job.note({ kind: 'database', profileId, database });
  const drop = async (): Promise<void> => {
    await withMaintenanceSession(server, (session) => dropThrowAway(session, database));
    settled();
  };
  try {
    const statement = createDatabaseStatement(database, { encoding: 'UTF8', collate: 'C', ctype: 'C' });
    await withMaintenanceSession(server, (session) => session.query(statement));
  } catch (thrown) {
    await drop();
    throw thrown;
  }
  return { target: onDatabase(server, database), drop };
}
