// Whether rows that the dump keeps apart by a key are also apart for the live table: its types and collations decide
// what is equal, and they can call more values equal than the dump's do.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Session } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { TableKey } from './compared.ts';
import { withoutModifiers, type Definitions, type StagedTable } from './stage.ts';

const numbers = ['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision', 'oid'];
const times = ['date', 'interval', ...['time', 'timestamp'].flatMap((name) => [`${name} without time zone`, `${name} with time zone`])];
const others = ['boolean', 'uuid', 'bytea', 'inet', 'cidr', 'macaddr', 'bit', 'bit varying', '"bit"'];
/** Built-in types with one equality, whoever declares a key over them. */
const plain = new Set([...numbers, ...times, ...others]);

/** The same under a deterministic collation: equal bytes. A dump's own collation can only call more values equal. */
const texts = new Set(['text', 'character varying', 'character', 'bpchar', 'name', '"char"']);

/** Whether the dump declares such a key for all of these rows, and what it keeps apart is apart at the target. */
export async function isKeptByDump(
  session: Session,
  staged: StagedTable,
  key: Pick<TableKey, 'columns' | 'operators' | 'collations'>,
  definitions: Definitions,
): Promise<boolean> {
  if (!staged.sources.every((source) => declares(definitions, source, key.columns))) return false;
  if (key.operators.some((operator) => operator.toLowerCase() !== 'operator(pg_catalog.=)')) return false;
  const collated: string[] = [];
  for (const [at, name] of key.columns.entries()) {
    const column = staged.columns.find((one) => one.name === name);
    if (column === undefined || column.isDomain) return false;
    const live = withoutModifiers(column.typeAtTarget);
    const types = staged.sources.map((source) => definitions.columnTypes.get(tableKey(source))?.get(name));
    if (types.some((type) => type === undefined || withoutModifiers(type) !== live)) return false;
    if (plain.has(column.bareType)) continue;
    if (!texts.has(column.bareType)) return false;
    const collation = key.collations[at] ?? column.collation;
    if (collation !== null) collated.push(collation);
  }
  return collated.length === 0 || allDeterministic(session, collated);
}

const declares = (definitions: Definitions, source: TableName, columns: string[]): boolean =>
  (definitions.declaredKeys.get(tableKey(source)) ?? []).some(
    (declared) => declared.length === columns.length && declared.every((column) => columns.includes(column)),
  );

async function allDeterministic(session: Session, collations: string[]): Promise<boolean> {
  const { rows } = await session.query<{ all: boolean }>(
    `select pg_catalog.bool_and(exists (select from pg_catalog.pg_collation c join pg_catalog.pg_namespace n on n.oid = c.collnamespace
                                         where pg_catalog.format('%I.%I', n.nspname, c.collname) = asked.name)
                    and not exists (select from pg_catalog.pg_collation c join pg_catalog.pg_namespace n on n.oid = c.collnamespace
                                     where pg_catalog.format('%I.%I', n.nspname, c.collname) = asked.name and not c.collisdeterministic)) as "all"
       from unnest($1::text[]) as asked (name)`,
    [collations],
  );
  return rows[0]?.all ?? false;
}
