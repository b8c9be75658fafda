// The pure part of planning: from facts and wishes to pg_dump's arguments. Runs nothing, asks nobody.
import type { BackupOptions, BackupPlan, DumpFormat } from '../../../shared/contract/backups.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import type { ClientTools } from '../../../shared/contract/profiles.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { resolveCompression, type Compression, type CompressionAbilities } from './compression.ts';
import type { ServerFacts, SourceTable } from './gather.ts';
import { exactPattern, exactSchemaPattern } from './table-patterns.ts';
import { stagingPrefix } from '../postgres/staging-schemas.ts';

export type PlanFacts = {
  server: ServerFacts;
  client: ClientTools;
  abilities: CompressionAbilities;
  quickPatterns: string[];
  /** Tables that the exclusion patterns mean. */
  excluded: TableName[];
  /** Logical processors of this machine. */
  processors: number;
  /** Null: the file system does not say. */
  freeBytes: number | null;
};

export type DumpOutput = {
  /** Name of the file (or folder, for the directory format) inside the backup folder. */
  name: string;
  kind: 'file' | 'directory';
};

export type DumpPlan = {
  database: string;
  serverVersion: string;
  serverMajor: number;
  client: ClientTools;
  format: DumpFormat;
  compression: Compression;
  jobs: number;
  /** Without the output and without anything secret. */
  args: string[];
  output: DumpOutput;
  quick: boolean;
  /** Patterns of the tables whose rows are left out. */
  leftOut: string[];
  globals: boolean;
  /** Tables whose definitions the dump will hold. */
  tables: SourceTable[];
  excluded: TableName[];
  unreadable: TableName[];
  rowsHidden: TableName[];
  estimatedBytes: number;
  freeBytes: number | null;
  warnings: BackupPlan['warnings'];
};

/** Errors: BAD_INPUT, NOT_FOUND (a chosen table or schema does not exist). */
export function makePlan(options: BackupOptions, facts: PlanFacts): DumpPlan {
  const { server, client } = facts;
  const { format, compression } = resolveCompression(options.compression, options.format, facts.abilities);
  if (options.jobs !== undefined && options.jobs > 1 && format !== 'directory') {
    throw new HowdahError('BAD_INPUT', `The ${format} format is written by one worker; ${options.jobs} were asked for.`, {
      hint: 'Leave out the number of jobs, or choose the directory format.',
    });
  }
  if (options.tables.length > 0 && options.schemas.length > 0) {
    throw new HowdahError('BAD_INPUT', 'Both schemas and tables were chosen; pg_dump would heed the tables only.', {
      hint: 'Choose whole schemas, or single tables.',
    });
  }
  const jobs = format === 'directory' ? (options.jobs ?? Math.max(1, Math.min(facts.processors, 8))) : 1;
  const chosen = chooseRelations(options, server.relations);
  const excludedKeys = new Set(facts.excluded.map(tableKey));
  const tables = chosen.filter((relation) => relation.kind === 'r' || relation.kind === 'p');
  const excluded = tables.filter((table) => excludedKeys.has(tableKey(table))).map(nameOf);
  const withData = tables.filter((table) => !excludedKeys.has(tableKey(table)));
  const unreadable = chosen.filter((relation) => !relation.readable && 'rpS'.includes(relation.kind)).map(nameOf);
  const rowsHidden = withData.filter((table) => table.rowsHidden).map(nameOf);
  const estimatedBytes = withData.reduce((sum, table) => sum + table.sizeBytes, 0);
  const patterns = [...(options.quick ? facts.quickPatterns : []), ...options.excludeTableData];
  const named = [...options.schemas, ...patterns, ...options.tables.flatMap((table) => [table.schema, table.table])];
  const draft = { server, client, format, compression, excluded, unreadable, rowsHidden, estimatedBytes, freeBytes: facts.freeBytes };
  return {
    database: server.database.name,
    serverVersion: server.version,
    serverMajor: server.major,
    client,
    format,
    compression,
    jobs,
    args: [
      `--format=${format}`,
      ...(format === 'tar' ? [] : [`--compress=${compressArgument(compression, client.major)}`]),
      ...(format === 'directory' ? [`--jobs=${jobs}`] : []),
      // Plain SQL would carry the verbose remarks inside.
      ...(format === 'plain' ? [] : ['--verbose']),
      // Synced by us, all of it, before the folder gets its name.
      '--no-sync',
      '--no-password',
      // Rows that a preview holds beside the live ones are nobody's data.
      `--exclude-schema=${stagingPrefix}*`,
      ...(options.schemas.length + options.tables.length > 0 ? ['--strict-names'] : []),
      ...options.schemas.map((schema) => `--schema=${exactSchemaPattern(schema)}`),
      ...options.tables.map((table) => `--table=${exactPattern(table)}`),
      ...patterns.map((pattern) => `--exclude-table-data=${pattern}`),
      // pg_dump reads its arguments in the encoding of the dump; ours are UTF-8.
      ...(named.some((name) => /[^\x20-\x7e]/.test(name)) && !['UTF8', 'SQL_ASCII'].includes(server.database.encoding)
        ? ['--encoding=UTF8']
        : []),
    ],
    output: outputOf(format, compression),
    quick: options.quick,
    leftOut: patterns,
    globals: options.globals,
    tables,
    excluded,
    unreadable,
    rowsHidden,
    estimatedBytes,
    freeBytes: facts.freeBytes,
    warnings: warningsOf(draft, options, facts),
  };
}

/** `database.dump`, `database` (a folder), `database.sql`, `database.tar`, and the ending of the compression around it. */
export function outputOf(format: DumpFormat, compression: Compression): DumpOutput {
  if (format === 'directory') return { name: 'database', kind: 'directory' };
  const base = { custom: 'database.dump', plain: 'database.sql', tar: 'database.tar' }[format];
  const endings = { none: '', gzip: '.gz', lz4: '.lz4', zstd: '.zst' };
  const visible = compression.by === 'outer' || format === 'plain';
  return { name: base + (visible ? endings[compression.method] : ''), kind: 'file' };
}

function compressArgument({ method, level, by }: Compression, clientMajor: number): string {
  if (by !== 'pg_dump') return clientMajor >= 16 ? 'none' : '0';
  // Before 16 there is gzip alone, and only its level is named; 6 is zlib's own default.
  if (clientMajor < 16) return String(level ?? 6);
  return level === null ? method : `${method}:${level}`;
}

const nameOf = ({ schema, table }: TableName): TableName => ({ schema, table });

function chooseRelations(options: BackupOptions, relations: SourceTable[]): SourceTable[] {
  const known = new Set(relations.map(tableKey));
  const schemas = new Set(relations.map((relation) => relation.schema));
  const missing = options.tables.filter((table) => !known.has(tableKey(table))).map((table) => `${table.schema}.${table.table}`);
  if (missing.length > 0) {
    throw new HowdahError('NOT_FOUND', `The database has no table ${missing.join(', ')}.`, {
      hint: 'Names are compared exactly, capitals included. See the list of tables of the profile.',
    });
  }
  const absent = options.schemas.filter((schema) => !schemas.has(schema));
  if (absent.length > 0) {
    throw new HowdahError('NOT_FOUND', `The database has no schema ${absent.join(', ')} with anything in it.`, {
      hint: 'Names are compared exactly, capitals included.',
    });
  }
  if (options.tables.length + options.schemas.length === 0) return relations;
  const tables = new Set(options.tables.map(tableKey));
  const wanted = new Set(options.schemas);
  return relations.filter((relation) => (tables.size > 0 ? tables.has(tableKey(relation)) : wanted.has(relation.schema)));
}

type Draft = Pick<DumpPlan, 'client' | 'compression' | 'excluded' | 'unreadable' | 'rowsHidden' | 'estimatedBytes' | 'freeBytes'> & {
  server: ServerFacts;
};

function warningsOf(draft: Draft, options: BackupOptions, facts: PlanFacts): BackupPlan['warnings'] {
  const { server, client } = draft;
  const warnings: BackupPlan['warnings'] = [];
  const names = (list: TableName[]): string => list.map((table) => `${table.schema}.${table.table}`).join(', ');
  if (draft.excluded.length > 0) {
    warnings.push({
      code: 'QUICK',
      message: `The rows of ${formatNumber(draft.excluded.length, 'table')} are left out: ${names(draft.excluded)}. This is not a complete backup.`,
    });
  } else if (options.quick) {
    warnings.push({
      code: 'QUICK_LEAVES_NOTHING_OUT',
      message: 'A quick backup was asked for, but the patterns of the profile leave no table out.',
    });
  }
  if (draft.unreadable.length > 0) {
    warnings.push({
      code: 'PERMISSION_DENIED',
      message: `The role ${server.user} may not read ${names(draft.unreadable)}: the backup will not start.`,
    });
  }
  if (draft.rowsHidden.length > 0) {
    warnings.push({
      code: 'ROW_SECURITY',
      message: `Row-level security hides rows of ${names(draft.rowsHidden)} from ${server.user}: the backup will not start.`,
    });
  }
  if (client.major > server.major) {
    warnings.push({
      code: 'NEWER_CLIENT',
      message: `pg_dump ${client.version} is newer than the server (${server.version}): the dump may hold settings that a server of that version refuses at a restore.`,
    });
  }
  const needed = draft.estimatedBytes * (draft.compression.method === 'none' ? 1.1 : 0.4);
  if (facts.freeBytes !== null && facts.freeBytes < needed) {
    warnings.push({
      code: 'LOW_SPACE',
      message: `About ${mebibytes(needed)} MiB are needed, and ${mebibytes(facts.freeBytes)} MiB are free.`,
    });
  }
  if (server.standby) {
    warnings.push({
      code: 'STANDBY',
      message: 'The server is a standby: row counts cannot be taken in the very snapshot of the dump and are left out.',
    });
  }
  return warnings;
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);
