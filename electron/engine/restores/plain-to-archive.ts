// Chosen tables of a plain dump: the script is loaded whole into a throw-away database on the same server, and an
// archive of the chosen tables is made from there. A script has no table of contents to choose from.
import { join } from 'node:path';
import type { TableName } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { exactPattern } from '../backups/table-patterns.ts';
import type { EngineContext } from '../context.ts';
import { inspectDump } from '../dumps/inspect.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { chooseForBackup, programPath } from '../postgres/client-tools.ts';
import { withSession } from '../postgres/connection.ts';
import { withThrowAwayDatabase } from '../postgres/throw-away.ts';
import { databaseArgument, libpqEnvironment, type Target } from '../postgres/target.ts';
import { describeCommand } from '../process/run-child.ts';
import { chooseEntries } from './choose-entries.ts';
import { existingObjects } from './existing-objects.ts';
import { loadDump } from './load.ts';
import type { Restoring } from './run.ts';
import { makeWorkFolder } from './work-folder.ts';

/** Hands `work` the same restore with the archive as its source.
 * Errors: those of `loadDump`, CLIENT_TOOL_MISSING, CLIENT_TOOL_FAILED, those of `work`. */
export async function plainToArchive<T>(
  context: EngineContext,
  job: JobRun,
  restoring: Restoring,
  work: (archive: Restoring) => Promise<T>,
): Promise<T> {
  const { profile, request, dump, target, plan } = restoring;
  const folder = await makeWorkFolder(context, job);
  try {
    const archive = join(folder.path, 'tables.dump');
    job.progress({ phase: 'Loading the script into a throw-away database', fraction: 0 });
    await withThrowAwayDatabase(
      context,
      job,
      profile.id,
      dump.encoding === 'UTF8' ? { encoding: 'UTF8', collate: 'C', ctype: 'C' } : {},
      async (throwAway) => {
        await loadDump(job, context, {
          path: restoring.path,
          dump,
          target: throwAway,
          clientDirectory: profile.clientDirectory,
          noOwner: request.noOwner,
          entries: null,
          oneTransaction: false,
          jobs: 1,
          stuckAfterMs: context.settings().stuckAfterSeconds * 1000,
          onProgress: (fraction) => job.progress({ fraction }),
        });
        await dumpInto(job, throwAway, restoring, archive);
      },
    );
    const path = archive;
    const described = { ...(await inspectDump(path)), backupId: null };
    const chosen = await chooseEntries(
      path,
      described,
      request.tables,
      (toc) => (plan.mode === 'tables' ? withSession(target, (session) => existingObjects(session, toc)) : Promise.resolve(null)),
      (message) => job.log('warning', message),
    );
    // The archive has no manifest; the script's own row counts still hold.
    const rows = new Map(dump.tables.map((table) => [JSON.stringify([table.schema, table.table]), table.rows]));
    const tables = described.tables.map((table) => ({ ...table, rows: rows.get(JSON.stringify([table.schema, table.table])) ?? null }));
    return await work({ ...restoring, path, chosen, dump: { ...described, tables } });
  } finally {
    await folder.remove();
  }
}

async function dumpInto(job: JobRun, from: Target, { request, facts, profile }: Restoring, file: string): Promise<void> {
  const tools = await chooseForBackup(facts.major, profile.clientDirectory);
  const program = programPath(tools, 'pg_dump');
  // pg_dump's -t leaves out types and functions that the tables need, so the archive holds all definitions,
  // and only the rows of the chosen tables.
  const others = await withSession(from, (session) =>
    session.query<TableName>(
      `with recursive wanted as (
         select c.oid from unnest($1::text[], $2::text[]) t(schema, name) join pg_namespace n on n.nspname = t.schema join pg_class c on c.relnamespace = n.oid and c.relname = t.name
         union select i.inhrelid from pg_inherits i join wanted on i.inhparent = wanted.oid)
       select n.nspname as schema, c.relname as table from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.oid not in (select oid from wanted)`,
      [request.tables.map((table) => table.schema), request.tables.map((table) => table.table)],
    ),
  );
  const excluded = others.rows.map((table) => `--exclude-table-data=${exactPattern(table)}`);
  const args = ['-Fc', '-Z0', '--no-password', '--no-sync', ...excluded, '-f', file, '-d', databaseArgument(from.database)];
  const child = job.spawn({ program, args, env: libpqEnvironment(from, job.applicationName) });
  const outcome = await child.outcome;
  job.signal.throwIfAborted();
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  throw new HowdahError('CLIENT_TOOL_FAILED', `pg_dump ${tools.version} could not take the tables out of the throw-away database.`, {
    hint: 'Its own words say why.',
    detail: child.stderrTail(),
    command: describeCommand(program, args),
    ...(outcome.kind === 'failedToStart' ? { cause: outcome.cause } : {}),
  });
}
