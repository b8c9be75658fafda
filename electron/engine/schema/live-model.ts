// The schema of a live database, as the pg_dump that fits writes it: no lock stronger than SELECT's is taken.
import { join } from 'node:path';
import type { TableName } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { recogniseDump } from '../dumps/recognise.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { chooseForBackup, programPath } from '../postgres/client-tools.ts';
import { withSession } from '../postgres/connection.ts';
import { serverVersion } from '../postgres/server-facts.ts';
import { notStaging, stagingPrefix } from '../postgres/staging-schemas.ts';
import { libpqEnvironment, type Target } from '../postgres/target.ts';
import { describeCommand } from '../process/run-child.ts';
import { makeWorkFolder } from '../restores/work-folder.ts';
import { readDumpModel } from './dump-model.ts';
import type { SchemaModel } from './model.ts';
import { qualified } from './routine-names.ts';

export type LiveSchema = {
  model: SchemaModel;
  /** Tables whose definitions the role may not read. */
  unread: TableName[];
  /** `available`: versions that the server offers; `reachable`: those that the installed one can be updated to. */
  extensions: Map<string, { installed: string | null; available: string[]; reachable: string[] }>;
  roles: Set<string>;
};

/** Errors: those of connecting, CLIENT_TOOL_MISSING, CLIENT_TOOL_FAILED, CLIENT_TOOL_STUCK, CANCELLED. */
export async function readLiveSchema(
  job: JobRun,
  context: EngineContext,
  target: Target,
  clientDirectory: string,
  asked: { extensions: string[]; roles: string[] },
): Promise<LiveSchema> {
  const facts = await withSession(
    target,
    async (session) => {
      // Where no lock is waited for: catalogs only.
      const { major } = await serverVersion(session);
      const { rows: unread } = await session.query<TableName>(unreadTables);
      const { rows: extensions } = await session.query<{
        name: string;
        installed: string | null;
        available: string[];
        reachable: string[];
      }>(knownExtensions, [asked.extensions]);
      const { rows: roles } = await session.query<{ name: string }>(
        'select rolname as name from pg_catalog.pg_roles where rolname = any($1)',
        [asked.roles],
      );
      return { major, unread, extensions, roles };
    },
    job.applicationName,
  );
  const client = await chooseForBackup(facts.major, clientDirectory);
  const folder = await makeWorkFolder(context, job);
  try {
    const file = join(folder.path, 'schema.dump');
    const args = [
      '-Fc',
      '-Z0',
      '--schema-only',
      '--no-owner',
      '--no-privileges',
      '--no-password',
      '--no-sync',
      `--exclude-schema=${stagingPrefix}*`,
      `--file=${file}`,
    ];
    // Without the right to read a table pg_dump cannot lock it, and gives up on all.
    for (const table of facts.unread) args.push(`--exclude-table=${qualified(table)}`);
    await runDump(
      job,
      programPath(client, 'pg_dump'),
      args,
      libpqEnvironment(target, job.applicationName),
      context.settings().stuckAfterSeconds * 1000,
    );
    return {
      model: await readDumpModel(job, await recogniseDump(file)),
      unread: facts.unread,
      extensions: new Map(facts.extensions.map(({ name, ...facts }) => [name, facts])),
      roles: new Set(facts.roles.map(({ name }) => name)),
    };
  } finally {
    await folder.remove();
  }
}

async function runDump(
  job: JobRun,
  program: string,
  args: string[],
  env: Record<string, string | undefined>,
  stuckAfterMs: number,
): Promise<void> {
  let lines = 0;
  const child = job.spawn({
    program,
    args: ['--verbose', ...args],
    env,
    stdout: 'ignore',
    stuckAfterMs,
    progressOf: () => lines,
    onLine: () => void lines++,
  });
  const outcome = await child.outcome;
  job.signal.throwIfAborted();
  if (outcome.kind === 'exited' && outcome.code === 0) return;
  const command = describeCommand(program, args);
  const detail = child
    .stderrTail()
    .split('\n')
    .filter((line) => /^pg_dump: (error|fatal|detail|hint): /.test(line))
    .join('\n');
  if (outcome.kind === 'stuck') {
    throw new HowdahError('CLIENT_TOOL_STUCK', 'pg_dump made no progress with the definitions of the target and was stopped.', {
      hint: 'Somebody may hold a lock on a table. Try again when they have finished.',
      detail,
      command,
    });
  }
  throw new HowdahError('CLIENT_TOOL_FAILED', 'pg_dump could not read the definitions of the target.', {
    hint: 'See what it said; the role may lack a right.',
    detail,
    command,
  });
}

/** Of extensions' tables nothing is dumped. */
const unreadTables = `
  select n.nspname as schema, c.relname as "table"
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' and ${notStaging('n')}
     and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
     and not (pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select'))
   order by 1, 2`;

/** Those asked for, and those that the database has. */
const knownExtensions = `
  select coalesce(e.extname, a.name) as name, e.extversion as installed,
         coalesce((select pg_catalog.array_agg(v.version::pg_catalog.text) from pg_catalog.pg_available_extension_versions v where v.name = coalesce(e.extname, a.name)), '{}') as available,
         coalesce((select pg_catalog.array_agg(p.target) from pg_catalog.pg_extension_update_paths(e.extname) p where p.source = e.extversion and p.path is not null), '{}') as reachable
    from pg_catalog.pg_extension e full join pg_catalog.pg_available_extensions a on a.name = e.extname
   where e.extname is not null or a.name = any($1)`;
