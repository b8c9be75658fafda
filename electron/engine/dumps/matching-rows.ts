// A page of the rows that meet a condition. Only PostgreSQL can judge one: the table is loaded into a server that is
// thrown away, and asked there.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump, DumpRows } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { connect, quoteIdentifier, withSession, type Session } from '../postgres/connection.ts';
import { quoteTable } from '../postgres/row-counts.ts';
import { serverError } from '../postgres/server-error.ts';
import { serverVersion } from '../postgres/server-facts.ts';
import type { Target } from '../postgres/target.ts';
import { withThrowAwayDatabase } from '../postgres/throw-away.ts';
import { loadDump } from '../restores/load.ts';
import { endOwnSessions } from '../restores/sessions.ts';
import { withPrivateServer } from '../sample/private-server.ts';
import { readArchiveToc } from './archive.ts';
import { recogniseDump } from './recognise.ts';
import { selectTables } from './select.ts';

export type ConditionRequest = {
  path: string;
  dump: Dump;
  table: TableName;
  /** One SQL expression. */
  where: string;
  offset: number;
  limit: number;
  /** On whose server; null: on one of this machine's own. */
  profileId: string | null;
};

/** Rows in the order in which they were loaded.
 * Errors: BAD_INPUT (the condition, in the server's words), SAMPLE_UNAVAILABLE, EXTENSIONS_MISSING, those of `loadDump`. */
export async function matchingRows(job: JobRun, context: EngineContext, request: ConditionRequest): Promise<DumpRows> {
  const { dump, profileId } = request;
  const work = async (target: Target): Promise<DumpRows> => {
    await load(job, context, request, target);
    job.progress({ phase: 'Asking', fraction: null, current: null });
    return ask(job, target, request);
  };
  if (profileId === null) {
    return withPrivateServer(context, job, async (target) => {
      await makeSurroundings(target, request);
      return work(target);
    });
  }
  const locale = dump.encoding === null ? {} : { encoding: dump.encoding };
  return withThrowAwayDatabase(context, job, profileId, locale, work);
}

/** Policies and default privileges of a whole script name roles, and tables their tablespaces. On a server of our own
 * they cost nothing. */
async function makeSurroundings(target: Target, { path, dump }: ConditionRequest): Promise<void> {
  const spaces = dump.format === 'plain' ? [] : await tablespacesOf(path);
  await withSession(target, async (session) => {
    for (const role of new Set(dump.roles)) {
      if (role === '' || role.startsWith('pg_') || ['public', 'none', target.user].includes(role)) continue;
      await session.query(`create role ${quoteIdentifier(role)}`);
    }
    if (spaces.length === 0 || (await serverVersion(session)).major < 15) return;
    // Inside the data folder: https://www.postgresql.org/docs/current/runtime-config-developer.html
    await session.query('set allow_in_place_tablespaces = on');
    for (const space of spaces) await session.query(`create tablespace ${quoteIdentifier(space)} location ''`);
  });
}

async function tablespacesOf(path: string): Promise<string[]> {
  const toc = await readArchiveToc(await recogniseDump(path));
  const spaces = new Set(toc.entries.map((entry) => entry.tablespace));
  return [...spaces].filter((name) => name !== '' && !name.startsWith('pg_'));
}

/** What a table is made of, without what only watches over its rows. */
const parts = new Set(['TABLE', 'FOREIGN TABLE', 'TABLE DATA', 'TABLE ATTACH', 'DEFAULT', 'SEQUENCE', 'SEQUENCE OWNED BY']);
const beside = new Set(['ACL', 'DEFAULT ACL', 'COMMENT', 'SECURITY LABEL', 'SEQUENCE SET', 'STATISTICS DATA']);

async function load(job: JobRun, context: EngineContext, request: ConditionRequest, target: Target): Promise<void> {
  const { path, dump, table, profileId } = request;
  job.progress({ phase: profileId === null ? 'Loading the table' : 'Loading into a throw-away database', fraction: 0 });
  const chosen = dump.format === 'plain' ? null : await entriesOf(path, table);
  await requireExtensions(target, chosen === null ? dump.extensions : chosen.extensions, profileId === null);
  const { warnings } = await loadDump(job, context, {
    path,
    dump,
    target,
    clientDirectory: profileId === null ? context.profiles.clientFolders() : context.profiles.get(profileId).clientDirectory,
    noOwner: true,
    entries: chosen?.ids ?? null,
    oneTransaction: false,
    jobs: 1,
    ...(profileId === null ? {} : { profileId }),
    stuckAfterMs: context.settings().stuckAfterSeconds * 1000,
    onProgress: (fraction) => job.progress({ fraction }),
  });
  for (const warning of warnings) job.log('warning', warning);
}

async function entriesOf(path: string, table: TableName): Promise<{ ids: number[]; extensions: string[] }> {
  const toc = await readArchiveToc(await recogniseDump(path));
  const selection = selectTables(toc, [table]);
  const own = new Set(selection.entries);
  const needed = new Set(selection.prerequisites);
  const entries = toc.entries.filter(
    (entry) => (own.has(entry.dumpId) && parts.has(entry.desc)) || (needed.has(entry.dumpId) && !beside.has(entry.desc)),
  );
  return {
    ids: entries.map((entry) => entry.dumpId),
    extensions: entries.filter((entry) => entry.desc === 'EXTENSION').map((entry) => entry.tag),
  };
}

async function requireExtensions(target: Target, wanted: string[], here: boolean): Promise<void> {
  const offered = await withSession(target, (session) => session.query<{ name: string }>('select name from pg_available_extensions'));
  const missing = wanted.filter((name) => !offered.rows.some((row) => row.name === name));
  if (missing.length === 0) return;
  throw new HowdahError(
    'EXTENSIONS_MISSING',
    `The table needs the extension ${missing.join(', ')}, which ${here ? 'the PostgreSQL of this machine' : 'that server'} does not offer.`,
    { hint: 'Choose a profile whose server offers it (--on PROFILE), or look at the rows without a condition.' },
  );
}

async function ask(job: JobRun, target: Target, request: ConditionRequest): Promise<DumpRows> {
  const session = await connect(target, job.applicationName);
  const onAbort = (): void => void endOwnSessions(job, target);
  job.signal.addEventListener('abort', onAbort, { once: true });
  try {
    job.signal.throwIfAborted();
    const only = (await isPartitioned(session, request.table)) ? '' : 'only ';
    await session.query('begin read only');
    // Extended protocol: the server itself refuses more than one statement. The line break ends a comment.
    const found = await session.query<(string | null)[]>({
      text: `select * from ${only}${quoteTable(request.table)} where (${request.where}\n) order by tableoid, ctid limit $1 offset $2`,
      values: [request.limit + 1, request.offset],
      rowMode: 'array',
      types: { getTypeParser: () => (text: string) => text },
    });
    const rows = found.rows.slice(0, request.limit);
    return { columns: found.fields.map((field) => field.name), rows, more: found.rows.length > request.limit };
  } catch (thrown) {
    job.signal.throwIfAborted();
    throw asCondition(thrown, target);
  } finally {
    job.signal.removeEventListener('abort', onAbort);
    await session.end().catch(() => {});
  }
}

async function isPartitioned(session: Session, table: TableName): Promise<boolean> {
  const { rows } = await session.query<{ relkind: string }>(
    'select relkind::text from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1) and relname = $2',
    [table.schema, table.table],
  );
  return rows[0]?.relkind === 'p';
}

/** Classes of SQLSTATE that the condition cannot cause: lines, resources, the operator, the system. */
const notTheCondition = /^(08|28|53|55|57|58|F0|XX)/;

function asCondition(thrown: unknown, target: Target): unknown {
  const { code, position } = thrown as { code?: unknown; position?: unknown };
  if (thrown instanceof HowdahError || !(thrown instanceof Error)) return thrown;
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || notTheCondition.test(code)) return serverError(thrown, target);
  return new HowdahError('BAD_INPUT', `PostgreSQL refuses the condition: ${thrown.message}`, {
    hint: 'Write what would stand behind WHERE in PostgreSQL; quote names with capitals, as in "Total" > 100.',
    detail: `SQLSTATE ${code}${typeof position === 'string' ? `, at character ${position} of the whole statement` : ''}`,
    cause: thrown,
  });
}
