// The proof that nothing else gives: the dump restored into a throw-away database, its rows counted.
import type { Check, Verification } from '../../../shared/contract/backups.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import type { EngineContext } from '../context.ts';
import { inspectDump } from '../dumps/inspect.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { withSession, type Session } from '../postgres/connection.ts';
import { countRows, tableKey } from '../postgres/row-counts.ts';
import { rowDifferences, type RowDifference } from '../postgres/row-differences.ts';
import { withThrowAwayDatabase, type DatabaseLocale } from '../postgres/throw-away.ts';
import { loadDump } from '../restores/load.ts';
import type { Manifest } from './manifest.ts';
import { mainDump } from './verify-folder.ts';

type Expected = TableName & { rows: number | null };

/** A backup folder, after its other checks. What is wrong with the backup stands in the checks. Errors: EXTENSIONS_MISSING and
 * whatever else the server lacks or is short of, those of reaching it. */
export async function deepVerifyBackup(
  context: EngineContext,
  job: JobRun,
  request: { directory: string; manifest: Manifest; profileId: string; before: Verification },
): Promise<Verification> {
  const { manifest, before } = request;
  const { encoding, collate, ctype, localeProvider } = manifest.server;
  const checks = await restoreAndCount(context, job, {
    path: mainDump(request.directory, manifest),
    profileId: request.profileId,
    // Locales of libc have the same names on both ends only where it is the same kind of system: the caller's server is.
    locale: localeProvider === 'libc' ? { encoding, collate, ctype } : { encoding },
    expected: manifest.tables.map((table) => ({ schema: table.schema, table: table.table, rows: table.dataExcluded ? 0 : table.rows })),
  });
  return joined(before, checks, context);
}

/** Any dump: its tables and, where the dump tells, their rows. */
export async function deepVerifyDump(
  context: EngineContext,
  job: JobRun,
  request: { path: string; profileId: string; before: Verification },
): Promise<Verification> {
  const dump = await inspectDump(request.path);
  const checks = await restoreAndCount(context, job, {
    path: request.path,
    profileId: request.profileId,
    locale: dump.encoding === null ? {} : { encoding: dump.encoding },
    expected: dump.tables.map((table) => ({ schema: table.schema, table: table.table, rows: table.hasData ? table.rows : null })),
  });
  return joined(request.before, checks, context);
}

const joined = (before: Verification, checks: Check[], context: EngineContext): Verification => {
  const all = [...before.checks, ...checks];
  return { ok: all.every((check) => check.ok), deep: true, at: new Date(context.ports.clock()).toISOString(), checks: all };
};

/** Failures that are the dump's own, and not those of the way to the server, of its rights or of what it offers: those
 * say nothing of the dump. */
const aboutTheDump = new Set(['RESTORE_HAD_ERRORS', 'DUMP_INCOMPLETE', 'DUMP_UNSAFE', 'DUMP_NOT_RECOGNISED', 'DUMP_EMPTY']);

/** SQLSTATE classes of a server that is short of something, was told to stop, or whose disk fails. */
const aboutTheServer = /^(53|57|58|F0)/;

function isAboutTheDump(thrown: unknown): thrown is HowdahError {
  if (!(thrown instanceof HowdahError) || !aboutTheDump.has(thrown.code)) return false;
  const state = (thrown.cause as { code?: unknown } | undefined)?.code;
  return typeof state !== 'string' || !aboutTheServer.test(state);
}

async function restoreAndCount(
  context: EngineContext,
  job: JobRun,
  request: { path: string; profileId: string; locale: DatabaseLocale; expected: Expected[] },
): Promise<Check[]> {
  const { path, profileId, expected } = request;
  const inspected = await inspectDump(path);
  const profile = context.profiles.get(profileId);
  job.progress({ phase: 'Restoring into a throw-away database', fraction: null, secondsLeft: null });
  return await withThrowAwayDatabase(context, job, profileId, request.locale, async (target) => {
    const missing = await withSession(target, async (session) => {
      const { rows } = await session.query<{ name: string }>('select name from pg_available_extensions');
      const offered = new Set(rows.map((row) => row.name));
      return inspected.extensions.filter((name) => !offered.has(name));
    });
    if (missing.length > 0) {
      throw new HowdahError(
        'EXTENSIONS_MISSING',
        `The server of ${profile.name} does not offer the ${missing.length === 1 ? 'extension' : 'extensions'} ${missing.join(', ')}, so the dump could not be tried there.`,
        { hint: 'Verify on a server that offers them (--on), or install them there. Nothing is said of the dump itself.' },
      );
    }
    try {
      const { warnings } = await loadDump(job, context, {
        path,
        dump: { ...inspected, backupId: null },
        target,
        clientDirectory: profile.clientDirectory,
        noOwner: true,
        entries: null,
        oneTransaction: false,
        jobs: 2,
        profileId,
        stuckAfterMs: context.settings().stuckAfterSeconds * 1000,
        onProgress: (fraction) => job.progress({ fraction }),
      });
      for (const warning of warnings) job.log('warning', warning);
    } catch (thrown) {
      if (!isAboutTheDump(thrown)) throw thrown;
      return [{ name: 'restores', ok: false, detail: [thrown.message, thrown.detail ?? ''].filter(Boolean).join('\n') }];
    }
    job.progress({ phase: 'Counting rows', fraction: null });
    const count = async (session: Session) => {
      const there = await existing(session, expected);
      const promised = there.flatMap((table) => (table.rows === null ? [] : [{ ...table, rows: table.rows }]));
      return { there, compared: promised.length, differing: await rowDifferences(session, promised, await countRows(session, promised)) };
    };
    const counted = await withSession(target, count, { signal: job.signal });
    return [{ name: 'restores', ok: true, detail: 'into an empty database, without errors' }, compare(expected, counted)];
  });
}

async function existing(session: Session, expected: Expected[]): Promise<Expected[]> {
  const { rows } = await session.query<TableName>(
    `select n.nspname as schema, c.relname as "table" from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'm', 'f')`,
  );
  const present = new Set(rows.map(tableKey));
  return expected.filter((table) => present.has(tableKey(table)));
}

function compare(expected: Expected[], found: { there: Expected[]; compared: number; differing: RowDifference[] }): Check {
  const present = new Set(found.there.map(tableKey));
  const missing = expected.filter((table) => !present.has(tableKey(table)));
  const wrong = [
    ...missing.map((table) => `${table.schema}.${table.table} is missing`),
    ...found.differing.map(({ name, rows, found: there }) => `${name} has ${there} rows instead of ${rows}`),
  ];
  if (wrong.length > 0) return { name: 'row counts', ok: false, detail: wrong.join('; ') };
  return { name: 'row counts', ok: true, detail: `${found.compared} of ${formatNumber(expected.length, 'table')} compared, all equal` };
}
