// Compares the schema that a dump defines with a live database's. Definitions are compared as pg_dump writes them;
// nothing is touched at the server.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { SchemaDifference } from '../../../shared/contract/previews.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { recogniseDump } from '../dumps/recognise.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { quoteIdentifier, quoteLiteral } from '../postgres/connection.ts';
import type { Target } from '../postgres/target.ts';
import { differencesBetween, type Found } from './differences.ts';
import { readDumpModel } from './dump-model.ts';
import { readLiveSchema, type LiveSchema } from './live-model.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { SchemaModel } from './model.ts';
import { scopeOf } from './scope.ts';
import { usedTypes } from './used-types.ts';

export type SchemaComparison = { fits: boolean; differences: SchemaDifference[] };

export type ComparisonRequest = {
  /** The dump file or folder, or a backup folder of ours. */
  path: string;
  dump: Pick<Dump, 'tables' | 'roles'>;
  target: Target;
  clientDirectory: string;
  /** Compared tables; empty: all that have rows in the dump. */
  tables: TableName[];
};

/**
 * Differences in an order in which their mends can be run. `fits`: the compared tables have the same columns and
 * types on both sides. Where the target's schema cannot be read, one difference of type `DATABASE` says why, and
 * nothing is said to fit. Errors: those of reading the dump and of connecting, CANCELLED.
 */
export async function compareSchemas(job: JobRun, context: EngineContext, request: ComparisonRequest): Promise<SchemaComparison> {
  const { dump, target } = request;
  const recognised = await recogniseDump(request.path);
  const backup = await readDumpModel(job, recognised);
  const extensions = new Map(
    [...backup.definitions.values()].flatMap(({ type, name, sql }) => (type === 'EXTENSION' ? [[name, sql] as const] : [])),
  );
  const scope = scopeOf(backup, recognised.manifest);
  let live: LiveSchema;
  try {
    live = await readLiveSchema(job, context, target, request.clientDirectory, { extensions: [...extensions.keys()], roles: dump.roles });
  } catch (thrown) {
    if (!(thrown instanceof HowdahError) || !['CLIENT_TOOL_FAILED', 'CLIENT_TOOL_STUCK', 'CLIENT_TOOL_MISSING'].includes(thrown.code))
      throw thrown;
    job.log('warning', `The schemas were not compared: ${thrown.message}${thrown.detail === undefined ? '' : `\n${thrown.detail}`}`);
    return { fits: false, differences: [notRead(target.database, `${thrown.message} ${thrown.detail ?? thrown.hint}`)] };
  }
  const found = withoutUnread(differencesBetween(backup, live.model, scope), backup, live);
  const compared = request.tables.length > 0 ? request.tables : dump.tables.filter(({ hasData }) => hasData);
  const fits = fitting(found, compared, backup, live);
  const differences = [
    ...compareRoles(dump.roles, live),
    ...compareExtensions(extensions, versionsIn(recognised.manifest), live, scope.kind === 'whole'),
    ...found.map(({ about: _about, step: _step, order: _order, ...difference }) => ({ ...difference, mend: forPath(difference, backup) })),
  ];
  if (live.unread.length > 0)
    differences.push(notRead(target.database, `The role may not read these tables, so they were not compared: ${listed(live.unread)}.`));
  return { fits, differences };
}

const notRead = (database: string, why: string): SchemaDifference => ({
  kind: 'different',
  type: 'DATABASE',
  schema: '',
  name: database,
  backup: null,
  live: why,
  mend: null,
});

const mostListed = 50;
const listed = (tables: TableName[]): string =>
  tables
    .slice(0, mostListed)
    .map(({ schema, table }) => `${schema}.${table}`)
    .join(', ') + (tables.length > mostListed ? ` and ${tables.length - mostListed} more` : '');

/** Of tables that could not be read nothing is said. */
function withoutUnread(found: Found[], backup: SchemaModel, live: LiveSchema): Found[] {
  if (live.unread.length === 0) return found;
  const unread = new Set(live.unread.map(tableKey));
  const owners = new Map(
    [...backup.definitions.values()].flatMap(({ type, schema, name, comparable }) =>
      type === 'SEQUENCE OWNED BY' ? [[JSON.stringify([schema, name]), comparable]] : [],
    ),
  );
  const ofUnread = ({ type, schema, name }: Found): boolean => {
    if (type === 'INDEX ATTACH') return true;
    if (type !== 'SEQUENCE' && type !== 'SEQUENCE OWNED BY') return false;
    // pg_dump leaves out the sequences of tables that it leaves out.
    const owner = owners.get(JSON.stringify([schema, name]));
    return owner !== undefined && live.unread.some((table) => owner.startsWith(`${asWritten(table.schema)} . ${asWritten(table.table)} .`));
  };
  return found.filter(
    (difference) =>
      !(difference.about !== null && unread.has(tableKey(difference.about))) && !(difference.kind === 'missing' && ofUnread(difference)),
  );
}

const asWritten = (name: string): string => (/^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name));

/** Statements of old dumps are written for a search path. */
function forPath(difference: SchemaDifference, backup: SchemaModel): string | null {
  if (difference.mend === null || difference.kind === 'extra' || !backup.unqualified || difference.schema === '') return difference.mend;
  return `SET search_path = ${quoteIdentifier(difference.schema)}, pg_catalog;\n${difference.mend}\nRESET search_path;`;
}

/** Whether rows of the compared tables go over as they are. */
function fitting(found: Found[], compared: TableName[], backup: SchemaModel, live: LiveSchema): boolean {
  const relevant = new Map<string, TableName>();
  const add = (table: TableName): void => {
    const key = tableKey(table);
    if (relevant.has(key)) return;
    const definitions = [backup.tables.get(key), live.model.tables.get(key)];
    // A partitioned table is one table, whatever its partitions are.
    const parent = definitions[0]?.partitionOf ?? null;
    if (parent !== null && definitions[1]?.partitionOf !== undefined && definitions[1].partitionOf !== null) return add(parent);
    if (parent !== null && definitions[1] === undefined) return add(parent);
    relevant.set(key, table);
    for (const definition of definitions) definition?.inherits.forEach(add);
  };
  compared.forEach(add);
  if (live.unread.some((table) => relevant.has(tableKey(table)))) return false;
  const types = usedTypes([...relevant.values()], [backup, live.model]);
  return !found.some(({ type, schema, name, about }) => {
    if (['TABLE', 'FOREIGN TABLE', 'COLUMN'].includes(type)) return about !== null && relevant.has(tableKey(about));
    return (type === 'TYPE' || type === 'DOMAIN') && types.has(JSON.stringify([schema, name]));
  });
}

function compareRoles(roles: string[], live: LiveSchema): SchemaDifference[] {
  return roles
    .filter((role) => !live.roles.has(role) && !role.startsWith('pg_') && role.toUpperCase() !== 'PUBLIC')
    .map((role) => ({
      kind: 'missing',
      type: 'ROLE',
      schema: '',
      name: role,
      backup: role,
      live: null,
      mend: `CREATE ROLE ${quoteIdentifier(role)};`,
    }));
}

/** Versions are known of our own backups alone: dumps do not name them. */
function versionsIn(manifest: Record<string, unknown> | null): Map<string, string> {
  const listed: unknown = manifest?.['extensions'];
  if (!Array.isArray(listed)) return new Map();
  return new Map(
    listed.flatMap((extension: unknown) => {
      const { name, version } = (extension ?? {}) as { name?: unknown; version?: unknown };
      return typeof name === 'string' && typeof version === 'string' ? [[name, version] as const] : [];
    }),
  );
}

function compareExtensions(
  statements: Map<string, string>,
  versions: Map<string, string>,
  live: LiveSchema,
  whole: boolean,
): SchemaDifference[] {
  const differences: SchemaDifference[] = [];
  for (const [name, statement] of statements) {
    if (name === 'plpgsql') continue;
    const version = versions.get(name) ?? null;
    const there = live.extensions.get(name);
    const words = version === null ? name : `${name} ${version}`;
    if (there === undefined || there.installed === null) {
      const available = there?.available ?? [];
      const offered = available.length === 0 ? 'not available at the server' : `available: ${available.join(', ')}`;
      const pick = version !== null && available.includes(version) ? ` VERSION ${quoteLiteral(version)}` : '';
      const mend = available.length === 0 ? null : `${statement.replace(/;$/, '')}${pick};`;
      differences.push({ kind: 'missing', type: 'EXTENSION', schema: '', name, backup: words, live: offered, mend });
    } else if (version !== null && version !== there.installed) {
      const mend = there.reachable.includes(version)
        ? `ALTER EXTENSION ${quoteIdentifier(name)} UPDATE TO ${quoteLiteral(version)};`
        : null;
      differences.push({ kind: 'different', type: 'EXTENSION', schema: '', name, backup: words, live: `${name} ${there.installed}`, mend });
    }
  }
  for (const [name, { installed }] of whole ? live.extensions : []) {
    if (installed === null || statements.has(name) || name === 'plpgsql') continue;
    differences.push({
      kind: 'extra',
      type: 'EXTENSION',
      schema: '',
      name,
      backup: null,
      live: `${name} ${installed}`,
      mend: `DROP EXTENSION ${quoteIdentifier(name)};`,
    });
  }
  return differences;
}
