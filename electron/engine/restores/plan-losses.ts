// What the live database has and the dump would not bring back: said before the dump takes its place.
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import { readManifest } from '../backups/manifest.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { Session } from '../postgres/connection.ts';
import type { Judge } from './plan-rights.ts';
import { notStaging } from '../postgres/staging-schemas.ts';

/** For a dump that replaces everything. A backup of chosen tables or schemas that would take others away is blocked:
 * whoever made it meant these tables. Any other dump may lack tables for good reasons; then it is a warning. */
export async function judgeLosses(session: Session, path: string, dump: Dump, { block, warn }: Judge): Promise<void> {
  const held = new Map(dump.tables.map((table) => [tableKey(table), table]));
  const live = await liveTables(session);
  const lost = live.filter((table) => !held.has(tableKey(table)));
  const emptied = live.filter((table) => table.filled && held.get(tableKey(table))?.hasData === false);
  if (lost.length > 0) {
    const message = `The database has ${formatNumber(lost.length, 'table')} that the dump does not hold, and that would not be there afterwards: ${names(lost)}.`;
    const manifest = await readManifest(path).catch(() => null);
    if (manifest !== null && manifest.options.tables.length + manifest.options.schemas.length > 0) {
      block(
        new HowdahError('TARGET_NOT_EMPTY', `This is a backup of chosen tables only. ${message}`, {
          hint: 'Name the tables to bring back just these (--tables), or restore into a new database (--database NEW --create).',
        }),
      );
    } else warn('TABLES_NOT_IN_DUMP', message);
  }
  if (emptied.length > 0) {
    warn(
      'ROWS_NOT_IN_DUMP',
      `The dump holds ${formatNumber(emptied.length, 'table')} without rows, which would be empty afterwards: ${names(emptied)}.`,
    );
  }
}

async function liveTables(session: Session): Promise<(TableName & { filled: boolean })[]> {
  const { rows } = await session.query<TableName & { filled: boolean }>(
    `select n.nspname as schema, c.relname as table, c.relkind = 'r' and pg_relation_size(c.oid) > 0 as filled
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and ${notStaging('n')}
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      order by 1, 2`,
  );
  return rows;
}

const shown = 10;
const names = (tables: TableName[]): string =>
  `${tables
    .slice(0, shown)
    .map((table) => `${table.schema}.${table.table}`)
    .join(', ')}${tables.length > shown ? ` and ${tables.length - shown} more` : ''}`;

/** The schemas that the tables of a partial dump stand in: `pg_dump -t` writes the tables and leaves their schemas
 * out. Empty for every other dump: those bring their own, or an extension does. */
export function schemasLeftOut(dump: Pick<Dump, 'objects'>): string[] {
  if (dump.objects.some(({ type }) => type === 'SCHEMA' || type === 'EXTENSION')) return [];
  const used = dump.objects.filter(({ type }) => type === 'TABLE').map(({ schema }) => schema);
  return [...new Set(used)].filter((schema) => schema !== '' && schema !== 'public' && !schema.startsWith('pg_'));
}
