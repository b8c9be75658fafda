// What a restore would do, found out without touching anything.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { Profile } from '../../../shared/contract/profiles.ts';
import type { RestorePlan, RestoreRequest } from '../../../shared/contract/restores.ts';
import { HowdahError, type ErrorReport } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { inspectSource, pathOfSource } from '../dumps/source.ts';
import { chooseForBackup, chooseForRestore } from '../postgres/client-tools.ts';
import { onDatabase, withSession } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { Target } from '../postgres/target.ts';
import type { Toc } from '../dumps/toc.ts';
import { chooseEntries, type ChosenEntries, type Existing } from './choose-entries.ts';
import { existingObjects } from './existing-objects.ts';
import { whatIsInTheWay, type InTheWay } from './in-the-way.ts';
import { judgeLosses } from './plan-losses.ts';
import { judgeNeeds } from './plan-needs.ts';
import { judgeRights } from './plan-rights.ts';
import { planRows } from './plan-rows.ts';
import { stepsOf } from './plan-steps.ts';
import { hasStrategy, isWholeReplace, requireConsistent } from './strategy.ts';
import { targetFacts, type TargetFacts } from './target-facts.ts';

/** The plan, and what the run needs beside it. */
export type PreparedRestore = {
  plan: RestorePlan;
  profile: Profile;
  /** Its database is the one to restore into. */
  target: Target;
  facts: TargetFacts;
  dump: Dump;
  path: string;
  /** Null: everything. */
  chosen: ChosenEntries | null;
  /** Null: nothing is dropped. */
  way: InTheWay | null;
};

/** Looks, touches nothing. Errors: those of `prepareRestore`. */
export async function planRestore(context: EngineContext, request: RestoreRequest): Promise<RestorePlan> {
  requireConsistent(request);
  if (hasStrategy(request) && !isWholeReplace(request)) return planRows(context, request);
  const { plan } = await prepareRestore(context, request);
  return hasStrategy(request) && plan.mode === 'replaceInPlace' ? planRows(context, request) : plan;
}

/** Looks, touches nothing. Errors: NOT_FOUND, those of `inspectDump`, `connect` and `selectTables`; everything that
 * would stop the restore itself is in `plan.blockers`. */
export async function prepareRestore(context: EngineContext, request: RestoreRequest): Promise<PreparedRestore> {
  const profile = context.profiles.get(request.profileId);
  const own = await context.profiles.target(profile.id);
  const target = request.database === undefined ? own : onDatabase(own, request.database);
  const path = pathOfSource(context, request.source);
  // The hashes of our own backups are compared before they are loaded; a file from elsewhere is looked through first.
  const look = { contentsOnly: request.source.kind === 'backup' };
  const [dump, facts] = await Promise.all([inspectSource(context, request.source, look), targetFacts(target)]);
  const blockers: ErrorReport[] = [];
  const warnings: RestorePlan['warnings'] = [];
  const block = (error: HowdahError): void => void blockers.push(error.report());
  const warn = (code: string, message: string): void => void warnings.push({ code, message });

  if (facts.database === null && !request.create) {
    block(
      new HowdahError('DATABASE_NOT_FOUND', `The server has no database "${target.database}".`, {
        hint: 'Ask for it to be created (--create), or name an existing database.',
      }),
    );
  }
  if (facts.readOnly) {
    block(
      new HowdahError(
        'SERVER_ERROR',
        `The server at ${target.host}:${target.port} takes no changes from "${facts.user}": it is a standby, or read-only.`,
        {
          hint: 'Restore into the primary server, or set default_transaction_read_only to off for this role.',
        },
      ),
    );
  }
  const mode = judgeRights(facts, request, { block, warn });
  const existingIn = (toc: Toc): Promise<Existing | null> =>
    mode === 'tables' ? withSession(target, (session) => existingObjects(session, toc)) : Promise.resolve(null);
  const chosen =
    request.tables.length === 0
      ? null
      : await chooseEntries(path, dump, request.tables, existingIn, (message) => warn('LEFT_OUT', message));
  if (chosen?.entries === null && !facts.createDatabase) {
    block(
      new HowdahError(
        'BAD_INPUT',
        'Tables are chosen from a plain SQL dump by loading it into a throw-away database first, and the role may not create databases.',
        {
          hint: 'Restore the whole dump, or use a profile whose role may create databases.',
        },
      ),
    );
  }
  const way = chosen !== null && mode === 'tables' ? await withSession(target, (session) => whatIsInTheWay(session, chosen.tables)) : null;
  if (way !== null && way.dependents.length > 0) {
    block(
      new HowdahError(
        'TABLE_IN_THE_WAY',
        `Others depend on the chosen tables, which would have to be dropped first: ${way.dependents.join(', ')}.`,
        {
          hint: 'Choose those tables as well, drop what depends on them, or restore into a new database (--database NEW --create).',
        },
      ),
    );
  }
  const needs = judgeNeeds({ dump, facts, request, chosen, inPlace: mode === 'replaceInPlace' || mode === 'tables' }, { block, warn });
  if ((mode === 'replace' || mode === 'replaceInPlace') && chosen === null) {
    await withSession(target, (session) => judgeLosses(session, path, dump, { block, warn }));
  }
  const clientVersion = await clientOf(dump, facts, profile, request).catch((thrown: unknown) => {
    if (!(thrown instanceof HowdahError)) throw thrown;
    block(thrown);
    return 'none that fits';
  });

  const safetyBackup =
    request.safetyBackup &&
    !request.dryRun &&
    (mode === 'replace' || mode === 'replaceInPlace' || (mode === 'tables' && (way?.existing.length ?? 0) > 0));
  const sessions = mode === 'replace' ? (facts.database?.otherSessions ?? 0) : 0;
  const plan: RestorePlan = {
    fingerprint: await fingerprintOf(path, { request, mode, profile, facts, needs, way }),
    mode,
    profile: profile.name,
    server: `${target.host}:${target.port}`,
    database: target.database,
    environment: profile.environment,
    databaseExists: facts.database !== null,
    databaseSizeBytes: facts.database?.sizeBytes ?? null,
    otherSessions: sessions,
    clientVersion,
    serverVersion: facts.version,
    steps: stepsOf({ mode, request, dump, facts, way, safetyBackup, database: target.database }),
    missingRoles: needs.missingRoles,
    missingExtensions: needs.missingExtensions,
    blockers,
    warnings,
    safetyBackup,
  };
  return { plan, profile, target, facts, dump, path, chosen, way };
}

async function clientOf(dump: Dump, facts: TargetFacts, profile: Profile, request: RestoreRequest): Promise<string> {
  if (dump.format === 'plain') {
    if (request.tables.length === 0) return 'none needed';
    return (await chooseForBackup(facts.major, profile.clientDirectory)).version;
  }
  const dumpedBy = dump.dumpedBy === null ? null : Number.parseInt(dump.dumpedBy, 10);
  return (await chooseForRestore(facts.major, dumpedBy, profile.clientDirectory)).version;
}

type Seen = {
  request: RestoreRequest;
  mode: RestorePlan['mode'];
  profile: Profile;
  facts: TargetFacts;
  needs: { missingRoles: string[]; missingExtensions: string[] };
  way: InTheWay | null;
};

/** A digest of source and target as they were seen: what makes a plan true, not what changes by the minute. */
async function fingerprintOf(path: string, seen: Seen): Promise<string> {
  const { facts, way } = seen;
  const asked = { ...seen.request, tables: seen.request.tables.map(tableKey).toSorted() };
  return createHash('sha256')
    .update(
      JSON.stringify([
        await identityOf(path),
        { ...asked, fingerprint: undefined, confirm: undefined },
        [
          seen.mode,
          seen.profile.environment,
          facts.systemIdentifier,
          facts.major,
          facts.database?.oid ?? null,
          facts.database?.empty ?? null,
        ],
        [seen.needs.missingRoles, seen.needs.missingExtensions],
        way === null ? null : [way.existing.map(tableKey).toSorted(), way.dependents, way.foreignKeys],
      ]),
    )
    .digest('hex');
}

/** What a change of the dump would change: path, size and time of the file, or of what a folder stands on. */
export async function identityOf(path: string): Promise<unknown[]> {
  const found = await stat(path);
  if (!found.isDirectory()) return [path, found.size, found.mtimeMs];
  const inside = await Promise.all(['manifest.json', 'toc.dat'].map((name) => stat(join(path, name)).catch(() => null)));
  return [path, ...inside.map((file) => (file === null ? null : [file.size, file.mtimeMs]))];
}
