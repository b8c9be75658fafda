// Compares one table's staged rows with its live rows, inside PostgreSQL, and leaves the differences in d<n>.
import type { Session } from '../postgres/connection.ts';
import type { ComparedTable, LiveColumn } from './compared.ts';
import { differ, liveRows, printed, sameKey, stagingTable, value } from './rows-sql.ts';
import { from, lookAt } from './seen.ts';
import { along } from './select-rows.ts';

/** Fills `seen` and `counts` (all but the clashes) and makes d<n>, where anything differs; else s<n> goes, too.
 * The session's transaction should be one snapshot. */
export async function compareTable(session: Session, staging: string, table: ComparedTable): Promise<void> {
  const d = stagingTable(staging, 'd', table.n);
  table.seen = await lookAt(session, table.live);
  const differing = await differencesBetween(session, staging, table, d);
  if (conditionOf(table) !== null) await session.query(`drop table ${stagingTable(staging, 'a', table.n)}`);
  if (differing === 0) {
    await session.query(`drop table ${d}, ${stagingTable(staging, 's', table.n)}`);
    table.counts = { ...table.counts, identical: table.counts.rows };
    return;
  }
  await session.query(`create index on ${d} (kind, s_tid, l_oid, l_tid)`);
  await session.query(`analyze ${d}`);
  const byColumn = table.columns.map((column) => `, pg_catalog.count(*) filter (where ${flag(column)})::float8 as ${flag(column)}`);
  const { rows } = await session.query<Record<string, number>>(
    `select pg_catalog.count(*) filter (where kind = 'n')::float8 as new, pg_catalog.count(*) filter (where kind = 'c')::float8 as conflicts,
            pg_catalog.count(*) filter (where kind = 'l')::float8 as live${byColumn.join('')} from ${d}`,
  );
  const found = rows[0] ?? {};
  const conflictsByColumn: Record<string, number> = {};
  for (const column of table.columns) {
    const count = found[flag(column)] ?? 0;
    if (count > 0) conflictsByColumn[column.name] = count;
  }
  const [fresh, conflicts, liveOnly] = [found['new'] ?? 0, found['conflicts'] ?? 0, found['live'] ?? 0];
  const identical = table.counts.rows - fresh - conflicts;
  table.counts = { ...table.counts, new: fresh, conflicts, liveOnly, identical, conflictsByColumn };
}

/** The column of d<n> that says whether a compared column differs. */
export const flag = (column: LiveColumn): string => `x${column.attnum}`;

/** The condition that chose rows of it; null where it has none. */
const conditionOf = ({ scope }: ComparedTable): string | null => (scope.kind === 'rows' ? scope.where : null);

async function differencesBetween(session: Session, staging: string, table: ComparedTable, d: string): Promise<number> {
  const s = stagingTable(staging, 's', table.n);
  return table.key.kind === 'wholeRow' ? compareWholeRows(session, staging, table, d, s) : compareByKey(session, staging, table, d, s);
}

/** One pass over a hash join tells new and conflicting rows. Live-only rows are looked for where the counts show some. */
async function compareByKey(session: Session, staging: string, table: ComparedTable, d: string, s: string): Promise<number> {
  const where = conditionOf(table);
  // Rows that came along change nothing that is there.
  const mayChange = where === null ? '' : ` and not s.${along}`;
  const flags = table.columns.map((column) => `case when l.tableoid is not null then ${differ('s', 'l', [column])} end as ${flag(column)}`);
  const { rowCount } = await session.query(
    `create unlogged table ${d} as
     select (case when l.tableoid is null then 'n' else 'c' end)::"char" as kind, s.ctid as s_tid, l.tableoid as l_oid, l.ctid as l_tid${flags.map((sql) => `, ${sql}`).join('')}
       from ${s} s left join ${from(table.live)} l on ${sameKey('s', 'l', table.key)}
      where l.tableoid is null or (${differ('s', 'l', table.columns)}${mayChange})`,
  );
  const differing = rowCount ?? 0;
  if (table.scope.kind === 'rows' && where === null) return differing;
  const { rows } = await session.query<{ n: number }>(`select pg_catalog.count(*)::float8 as n from ${d} where kind = 'n'`);
  const matched = table.counts.rows - (rows[0]?.n ?? 0);
  if (table.scope.kind === 'whole' && pairsOnce(table) && matched === table.seen.rows) return differing;
  // CREATE TABLE AS reads in parallel, INSERT … SELECT does not.
  const found = stagingTable(staging, 't', table.n);
  const all = where === null ? s : stagingTable(staging, 'a', table.n);
  await session.query(
    `create unlogged table ${found} as select l.tableoid as l_oid, l.ctid as l_tid from ${liveRows(table, where)} l
      where not exists (select from ${all} s where ${sameKey('s', 'l', table.key)})`,
  );
  const inserted = await session.query(`insert into ${d} (kind, l_oid, l_tid) select 'l', l_oid, l_tid from ${found}`);
  await session.query(`drop table ${found}`);
  return differing + (inserted.rowCount ?? 0);
}

/** Whether no two staged rows can have met the same live row: what `keyFaults` counted is what the key calls equal. */
const pairsOnce = (table: ComparedTable): boolean =>
  table.key.operators.every((operator) => operator.toLowerCase() === 'operator(pg_catalog.=)');

/** Without a key rows are counted: the first copy pairs with the first, the second with the second. */
async function compareWholeRows(session: Session, staging: string, table: ComparedTable, d: string, s: string): Promise<number> {
  const flags = table.columns.map((column) => `null::boolean as ${flag(column)}`);
  const { rowCount } = await session.query(
    `create unlogged table ${d} as
     with s as (select ctid as tid, ${printed('s', table.columns)} as line, pg_catalog.row_number() over (partition by ${printed('s', table.columns)} order by ctid) as copy from ${s} s),
          l as (select tableoid as oid, ctid as tid, ${printed('l', table.columns)} as line,
                       pg_catalog.row_number() over (partition by ${printed('l', table.columns)} order by tableoid, ctid) as copy from ${liveRows(table)} l)
     select (case when l.oid is null then 'n' else 'l' end)::"char" as kind, s.tid as s_tid, l.oid as l_oid, l.tid as l_tid${flags.map((sql) => `, ${sql}`).join('')}
       from s full join l on s.line = l.line and s.copy = l.copy
      where s.tid is null or l.tid is null`,
  );
  if (table.scope.kind === 'whole') return rowCount ?? 0;
  const where = conditionOf(table);
  if (where === null) {
    const none = await session.query(`delete from ${d} where kind = 'l'`);
    return (rowCount ?? 0) - (none.rowCount ?? 0);
  }
  // Live rows outside the condition pair with the chosen ones, but are none of this restore's business; nor are live
  // rows that the backup has, chosen or not.
  const outside = await session.query(
    `with a as (select ${printed('a', table.columns)} as line, pg_catalog.count(*) as copies from ${stagingTable(staging, 'a', table.n)} a group by 1),
          l as (select tableoid as oid, ctid as tid, ${printed('l', table.columns)} as line,
                       pg_catalog.row_number() over (partition by ${printed('l', table.columns)} order by tableoid, ctid) as copy from ${liveRows(table)} l)
     delete from ${d} d where kind = 'l' and (
       not exists (select from ${liveRows(table, where)} l where l.tableoid = d.l_oid and l.ctid = d.l_tid)
       or exists (select from l join a on a.line = l.line where l.oid = d.l_oid and l.tid = d.l_tid and l.copy <= a.copies))`,
  );
  return (rowCount ?? 0) - (outside.rowCount ?? 0);
}

/** Rows whose named key is NULL or comes twice, on either side. */
export async function keyFaults(
  session: Session,
  staging: string,
  table: ComparedTable,
  sides: { staged: boolean; live: boolean },
): Promise<number> {
  let faults = 0;
  for (const side of [sides.staged ? stagingTable(staging, 's', table.n) : null, sides.live ? from(table.live) : null]) {
    if (side === null) continue;
    const columns = table.key.columns.map((column, index) => {
      const live = table.columns.find((one) => one.name === column);
      const under = table.key.collations[index] ?? null;
      return live === undefined ? 'null' : `${value('r', live)}${under === null ? '' : ` collate ${under}`}`;
    });
    const { rows } = await session.query<{ n: number }>(
      `select coalesce(pg_catalog.sum(n), 0)::float8 as n from (select pg_catalog.count(*) as n from ${side} r group by ${columns.join(', ')}
        having pg_catalog.count(*) > 1 or ${columns.map((column) => `${column} is null`).join(' or ')}) as faults`,
    );
    faults += rows[0]?.n ?? 0;
  }
  return faults;
}
