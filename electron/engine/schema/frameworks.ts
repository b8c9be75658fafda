// Where migration frameworks keep what they have applied. One description of each serves a live table and the rows
// of a dump alike.

export type Framework = {
  name: string;
  table: string;
  /** All its columns in the order in which the framework makes them, for rows that come without names. */
  columns: string[];
  /** Without these it is another table that bears the name. */
  needs: string[];
  /** With one of these it belongs to another framework. */
  not?: string[];
  /** The column by which migrations were applied one after the other. */
  order: { column: string; as: 'number' | 'text' };
  /** What is applied, in order; rows come in order, values as PostgreSQL prints them. */
  applied(rows: MigrationRow[]): string[];
};

export type MigrationRow = (column: string) => string | null;

const isTrue = (value: string | null): boolean => value === 't' || value === 'true';
const each =
  (step: (row: MigrationRow) => string | null) =>
  (rows: MigrationRow[]): string[] =>
    rows.flatMap((row) => step(row) ?? []);

export const frameworks: Framework[] = [
  {
    name: 'Django',
    table: 'django_migrations',
    columns: ['id', 'app', 'name', 'applied'],
    needs: ['id', 'app', 'name'],
    order: { column: 'id', as: 'number' },
    applied: each((row) => `${row('app')}.${row('name')}`),
  },
  {
    name: 'Rails',
    table: 'schema_migrations',
    columns: ['version'],
    needs: ['version'],
    // golang-migrate's, and Ecto's.
    not: ['dirty', 'inserted_at'],
    order: { column: 'version', as: 'text' },
    applied: each((row) => row('version')),
  },
  {
    name: 'golang-migrate',
    table: 'schema_migrations',
    columns: ['version', 'dirty'],
    needs: ['version', 'dirty'],
    order: { column: 'version', as: 'number' },
    // The one row is the present version; dirty: it broke off half-way.
    applied: each((row) => (isTrue(row('dirty')) ? `${row('version')} (dirty)` : row('version'))),
  },
  {
    name: 'Flyway',
    table: 'flyway_schema_history',
    columns: [
      'installed_rank',
      'version',
      'description',
      'type',
      'script',
      'checksum',
      'installed_by',
      'installed_on',
      'execution_time',
      'success',
    ],
    needs: ['installed_rank', 'version', 'type', 'script', 'success'],
    order: { column: 'installed_rank', as: 'number' },
    applied: flyway,
  },
  {
    name: 'Liquibase',
    table: 'databasechangelog',
    columns: [
      'id',
      'author',
      'filename',
      'dateexecuted',
      'orderexecuted',
      'exectype',
      'md5sum',
      'description',
      'comments',
      'tag',
      'liquibase',
      'contexts',
      'labels',
      'deployment_id',
    ],
    needs: ['id', 'author', 'filename', 'orderexecuted', 'exectype'],
    order: { column: 'orderexecuted', as: 'number' },
    // As Liquibase itself names a change set.
    applied: each((row) =>
      ['FAILED', 'SKIPPED'].includes(row('exectype') ?? '') ? null : `${row('filename')}::${row('id')}::${row('author')}`,
    ),
  },
  {
    name: 'Prisma',
    table: '_prisma_migrations',
    columns: ['id', 'checksum', 'finished_at', 'migration_name', 'logs', 'rolled_back_at', 'started_at', 'applied_steps_count'],
    needs: ['migration_name', 'finished_at', 'rolled_back_at', 'started_at'],
    order: { column: 'started_at', as: 'text' },
    applied: each((row) => (row('finished_at') !== null && row('rolled_back_at') === null ? row('migration_name') : null)),
  },
  {
    name: 'Alembic',
    table: 'alembic_version',
    columns: ['version_num'],
    needs: ['version_num'],
    order: { column: 'version_num', as: 'text' },
    applied: each((row) => row('version_num')),
  },
  {
    name: 'Knex',
    table: 'knex_migrations',
    columns: ['id', 'name', 'batch', 'migration_time'],
    needs: ['id', 'name', 'batch'],
    order: { column: 'id', as: 'number' },
    applied: each((row) => row('name')),
  },
  {
    name: 'TypeORM',
    table: 'migrations',
    columns: ['id', 'timestamp', 'name'],
    needs: ['id', 'timestamp', 'name'],
    order: { column: 'id', as: 'number' },
    applied: each((row) => row('name')),
  },
  {
    name: 'Sequelize',
    table: 'SequelizeMeta',
    columns: ['name'],
    needs: ['name'],
    order: { column: 'name', as: 'text' },
    applied: each((row) => row('name')),
  },
  {
    name: 'Entity Framework',
    table: '__EFMigrationsHistory',
    columns: ['MigrationId', 'ProductVersion'],
    needs: ['MigrationId'],
    order: { column: 'MigrationId', as: 'text' },
    applied: each((row) => row('MigrationId')),
  },
  {
    name: 'goose',
    table: 'goose_db_version',
    columns: ['id', 'version_id', 'is_applied', 'tstamp'],
    needs: ['id', 'version_id', 'is_applied'],
    order: { column: 'id', as: 'number' },
    applied: goose,
  },
  {
    name: 'Drizzle',
    table: '__drizzle_migrations',
    columns: ['id', 'hash', 'created_at'],
    needs: ['id', 'hash'],
    order: { column: 'id', as: 'number' },
    applied: each((row) => row('hash')),
  },
];

/** A row of a type that begins with UNDO takes its version back; repeatable migrations have no version. */
function flyway(rows: MigrationRow[]): string[] {
  const steps = new Map<string, string>();
  for (const row of rows) {
    const [version, script, type] = [row('version'), row('script') ?? '', row('type') ?? ''];
    if (!isTrue(row('success')) || type === 'SCHEMA') continue;
    const step = `${version ?? 'repeatable'} ${script}`;
    if (!type.startsWith('UNDO') && type !== 'DELETE') steps.set(step, version ?? '');
    else for (const [known, of] of steps) if (of === version || (version === null && known === step)) steps.delete(known);
  }
  return [...steps.keys()];
}

/** The last row of a version says whether it is applied; version 0 is where goose begins. */
function goose(rows: MigrationRow[]): string[] {
  const applied = new Set<string>();
  for (const row of rows) {
    const version = row('version_id') ?? '';
    if (version === '0') continue;
    applied.delete(version);
    if (isTrue(row('is_applied'))) applied.add(version);
  }
  return [...applied];
}

/** The framework that a table with these columns belongs to; null where it merely bears a name. */
export function frameworkOf(table: string, columns: string[]): Framework | null {
  const has = (name: string): boolean => columns.includes(name);
  return frameworks.find((one) => one.table === table && one.needs.every(has) && !(one.not ?? []).some(has)) ?? null;
}

/** Rows in the order in which they were applied. */
export function inOrder(framework: Framework, rows: MigrationRow[]): MigrationRow[] {
  const { column, as } = framework.order;
  const compare =
    as === 'number'
      ? (a: string, b: string): number => Number(a) - Number(b)
      : (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  return rows.toSorted((a, b) => compare(a(column) ?? '', b(column) ?? ''));
}
