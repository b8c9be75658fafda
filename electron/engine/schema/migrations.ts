// Which migrations each side has: of a live database, of a dump, and what that means for a restore.
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { MigrationVerdict } from '../../../shared/contract/previews.ts';
import { assertNever } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { copyLines, copyValues } from '../dumps/copy-text.ts';
import { recogniseDump } from '../dumps/recognise.ts';
import { readTableRows } from '../dumps/table-rows.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { quoteIdentifier, type Session } from '../postgres/connection.ts';
import { frameworkOf, frameworks, inOrder, type Framework, type MigrationRow } from './frameworks.ts';

/** `table` is `schema.table`; `applied` in order, the last ones where there are very many. */
export type MigrationState = { framework: string; table: string; applied: string[] };

const mostListed = 1000;
/** A table of such a name with more rows than this is no framework's. */
const mostRead = 100_000;

/** Of the session's database, in its transaction where it has one. Tables that the role may not read are passed over. */
export async function readMigrations(session: Session): Promise<MigrationState[]> {
  const { rows: places } = await session.query<{ schema: string; table: string; columns: string[] }>(
    `select n.nspname as schema, c.relname as "table",
            (select pg_catalog.array_agg(a.attname::pg_catalog.text) from pg_catalog.pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and c.relname = any($1) and n.nspname not like 'pg\\_%'
        and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select') order by 1, 2`,
    [frameworks.map(({ table }) => table)],
  );
  const found: MigrationState[] = [];
  for (const { schema, table, columns } of places) {
    const framework = frameworkOf(table, columns ?? []);
    if (framework === null) continue;
    const list = framework.needs.map((name) => `${quoteIdentifier(name)}::pg_catalog.text as ${quoteIdentifier(name)}`).join(', ');
    const { rows } = await session.query<Record<string, string | null>>(
      `select ${list} from ${quoteIdentifier(schema)}.${quoteIdentifier(table)} limit ${mostRead}`,
    );
    found.push(
      stateOf(
        framework,
        schema,
        rows.map((row) => (column) => row[column] ?? null),
      ),
    );
  }
  return found.sort(byFramework);
}

const byFramework = (a: MigrationState, b: MigrationState): number =>
  frameworks.findIndex(({ name }) => name === a.framework) - frameworks.findIndex(({ name }) => name === b.framework) ||
  (a.table < b.table ? -1 : 1);

const stateOf = (framework: Framework, schema: string, rows: MigrationRow[]): MigrationState => ({
  framework: framework.name,
  table: `${schema}.${framework.table}`,
  applied: framework.applied(inOrder(framework, rows)).slice(-mostListed),
});

/** From the manifest of a backup of ours, else from the rows of the dump. Errors: those of `readTableRows`. */
export async function migrationsOfDump(
  job: JobRun,
  context: EngineContext,
  request: { path: string; dump: Dump; clientDirectory: string },
): Promise<MigrationState[]> {
  const kept = fromManifest((await recogniseDump(request.path)).manifest);
  if (kept !== null) return kept;
  const names = new Set(frameworks.map(({ table }) => table));
  const tables = request.dump.tables
    .filter(({ table, hasData }) => hasData && names.has(table))
    .map(({ schema, table }) => ({ schema, table }));
  if (tables.length === 0) return [];
  const found = new Map<string, { schema: string; framework: Framework; rows: MigrationRow[] }>();
  const seen = new Set<string>();
  for await (const run of readTableRows(job, context, { ...request, tables })) {
    const { schema, table } = run.table;
    seen.add(JSON.stringify([schema, table]));
    const columns = run.columns.length > 0 ? run.columns : (frameworks.find((one) => one.table === table)?.columns ?? []);
    const framework = frameworkOf(table, columns);
    const values = copyValues(run.encoding);
    const rows: MigrationRow[] = [];
    for await (const line of copyLines(run.chunks)) {
      // What is not wanted is drained all the same.
      if (framework === null || rows.length >= mostRead) continue;
      const row = values(line);
      rows.push((column) => row[columns.indexOf(column)] ?? null);
    }
    if (framework === null) continue;
    const key = JSON.stringify([schema, table]);
    const state = found.get(key) ?? { schema, framework, rows: [] };
    found.set(key, { ...state, rows: [...state.rows, ...rows] });
  }
  for (const { schema, table } of tables) {
    // Neither rows nor a COPY: nothing is applied yet. Names that several frameworks share do not say whose the table is.
    const [only, ...others] = frameworks.filter((one) => one.table === table);
    if (only === undefined || others.length > 0 || table === 'migrations') continue;
    const key = JSON.stringify([schema, table]);
    if (!seen.has(key)) found.set(key, { schema, framework: only, rows: [] });
  }
  return [...found.values()].map(({ framework, schema, rows }) => stateOf(framework, schema, rows)).sort(byFramework);
}

function fromManifest(manifest: Record<string, unknown> | null): MigrationState[] | null {
  const kept = manifest?.['migrations'];
  if (!Array.isArray(kept)) return null;
  return kept.flatMap((state: unknown) => {
    const { framework, table, applied } = (state ?? {}) as Partial<Record<keyof MigrationState, unknown>>;
    if (typeof framework !== 'string' || typeof table !== 'string' || !Array.isArray(applied)) return [];
    return [{ framework, table, applied: applied.filter((step): step is string => typeof step === 'string') }];
  });
}

/** What each framework's state means for a restore; those that need most care come first. */
export function compareMigrations(backup: MigrationState[], live: MigrationState[]): MigrationVerdict[] {
  const left = [...live];
  const verdicts: MigrationVerdict[] = [];
  for (const state of backup) {
    // The same table; or the only one of its framework on either side, in another schema.
    const alone = (states: MigrationState[]): boolean => states.filter(({ framework }) => framework === state.framework).length === 1;
    const at = left.findIndex(({ framework, table }) => framework === state.framework && table === state.table);
    const index = at !== -1 || !alone(backup) || !alone(live) ? at : left.findIndex(({ framework }) => framework === state.framework);
    const other = index === -1 ? null : (left.splice(index, 1)[0] ?? null);
    verdicts.push(other === null ? onlyInBackup(state) : judge(state, other));
  }
  verdicts.push(...left.map(onlyLive));
  const rank = (verdict: MigrationVerdict): number => ['newer', 'unknown', 'older', 'exact'].indexOf(verdict.verdict);
  return verdicts.sort((a, b) => rank(a) - rank(b));
}

const count = (steps: string[]): string => (steps.length === 1 ? 'one migration' : `${steps.length} migrations`);

function onlyInBackup({ framework, table, applied }: MigrationState): MigrationVerdict {
  if (applied.length === 0) return { ...told(framework, table, 'exact'), message: `Nothing is applied by ${framework} on either side.` };
  return {
    ...told(framework, table, 'newer'),
    needed: applied,
    message: `The backup has ${count(applied)} of ${framework}, the target has none and no table ${table}. The target may belong to another application, or to one that has not been set up yet.`,
  };
}

function onlyLive({ framework, table, applied }: MigrationState): MigrationVerdict {
  if (applied.length === 0) return { ...told(framework, table, 'exact'), message: `Nothing is applied by ${framework} on either side.` };
  return {
    ...told(framework, table, 'older'),
    forward: applied,
    message: `The target has ${count(applied)} of ${framework}, the backup has no rows of ${table}: it was made before the first of them, or without that table.`,
  };
}

const told = (framework: string, table: string, verdict: MigrationVerdict['verdict']): Omit<MigrationVerdict, 'message'> => ({
  framework,
  table,
  verdict,
  forward: [],
  needed: [],
});

function judge(backup: MigrationState, live: MigrationState): MigrationVerdict {
  if (backup.framework === 'Alembic') return judgeHeads(backup, live);
  if (backup.framework === 'golang-migrate') return judgeVersion(backup, live);
  const forward = without(live.applied, backup.applied);
  const needed = without(backup.applied, live.applied);
  const verdict = forward.length === 0 ? (needed.length === 0 ? 'exact' : 'newer') : needed.length === 0 ? 'older' : 'unknown';
  return { ...told(backup.framework, live.table, verdict), forward, needed, message: words(backup.framework, verdict, forward, needed) };
}

/** Steps that the other side has not. A list that was cut to its last steps says nothing of those before its first. */
function without(steps: string[], others: string[]): string[] {
  const known = new Set(others);
  const from = others.length < mostListed ? 0 : steps.indexOf(others[0] ?? '') + 1;
  return [...new Set(steps.slice(from))].filter((step) => !known.has(step));
}

function words(framework: string, verdict: MigrationVerdict['verdict'], forward: string[], needed: string[]): string {
  switch (verdict) {
    case 'exact':
      return `Backup and target are at the same state of ${framework}.`;
    case 'older':
      return `The backup is older: after the whole of it has been put in place, run ${count(forward)} of ${framework}, up to ${forward.at(-1)}.`;
    case 'newer':
      return `The backup is newer: it has ${count(needed)} of ${framework} that the target lacks, up to ${needed.at(-1)}. Put the code that knows them in place first.`;
    case 'unknown':
      return `They went different ways: the target has ${count(forward)} of ${framework} that the backup lacks, and the backup ${count(needed)} that the target lacks.`;
    default:
      return assertNever(verdict);
  }
}

/** Alembic keeps its heads alone; which revision comes before which only its scripts say. */
function judgeHeads(backup: MigrationState, live: MigrationState): MigrationVerdict {
  const { framework } = backup;
  const forward = without(live.applied, backup.applied);
  const needed = without(backup.applied, live.applied);
  if (forward.length + needed.length === 0) return { ...told(framework, live.table, 'exact'), message: words(framework, 'exact', [], []) };
  if (backup.applied.length === 0)
    return {
      ...told(framework, live.table, 'older'),
      forward,
      message: `The backup was made before the first revision of Alembic; the target is at ${forward.join(', ')}.`,
    };
  if (live.applied.length === 0)
    return {
      ...told(framework, live.table, 'newer'),
      needed,
      message: `The backup is at revision ${needed.join(', ')} of Alembic, the target before its first one.`,
    };
  return {
    ...told(framework, live.table, 'unknown'),
    forward,
    needed,
    message: `The backup is at revision ${backup.applied.join(', ')} of Alembic, the target at ${live.applied.join(', ')}. Which is newer only the scripts say: see "alembic history".`,
  };
}

/** golang-migrate keeps the present version alone; versions are numbers. */
function judgeVersion(backup: MigrationState, live: MigrationState): MigrationVerdict {
  const { framework } = backup;
  const [was, is] = [backup.applied[0] ?? '', live.applied[0] ?? ''];
  const name = (version: string): string => (version === '' ? 'no version' : `version ${version}`);
  const dirty = [was, is].some((version) => version.endsWith('(dirty)'));
  if (dirty) {
    return {
      ...told(framework, live.table, 'unknown'),
      forward: is === was || is === '' ? [] : [is],
      needed: is === was || was === '' ? [] : [was],
      message: `The backup is at ${name(was)} of golang-migrate, the target at ${name(is)}. "Dirty" means that a migration broke off half-way: settle that first ("migrate force").`,
    };
  }
  if (was === is) return { ...told(framework, live.table, 'exact'), message: words(framework, 'exact', [], []) };
  const older = was === '' || (is !== '' && BigInt(was) < BigInt(is));
  return older
    ? {
        ...told(framework, live.table, 'older'),
        forward: [is],
        message: `The backup is at ${name(was)} of golang-migrate, the target at ${name(is)}: after the whole of it has been put in place, run "migrate goto ${is}".`,
      }
    : {
        ...told(framework, live.table, 'newer'),
        needed: [was],
        message: `The backup is at ${name(was)} of golang-migrate, the target at ${name(is)}: the code must know version ${was} before the backup is put in place.`,
      };
}
