// Rows of other tables that went along, by an action of a foreign key or by a trigger: the server has counted them.
// https://www.postgresql.org/docs/current/monitoring-stats.html
import { HowdahError } from '../../../../shared/errors.ts';
import { formatNumber } from '../../../../shared/format.ts';
import type { Session } from '../../postgres/connection.ts';
import type { LiveTable } from '../../previews/compared.ts';

/** Rows that were put in, changed and taken out. */
export type Written = { inserts: number; updates: number; deletes: number };

/** In the open transaction, before rows are written: the server must count, or nothing is noticed. Gives a warning where
 * the role may not switch that on. https://www.postgresql.org/docs/current/runtime-config-statistics.html */
export async function countOn(session: Session): Promise<string[]> {
  const { rows } = await session.query<{ on: boolean; may: boolean }>(
    `select pg_catalog.current_setting('track_counts')::boolean as on,
            (select rolsuper from pg_catalog.pg_roles where rolname = current_user) as may`,
  );
  if (rows[0]?.on === true) return [];
  if (rows[0]?.may === true) {
    await session.query('set local track_counts = on');
    return [];
  }
  return ['track_counts is off: the server does not tell whether foreign keys or triggers changed more rows.'];
}

/** In the open transaction, after the rows were written. Where triggers of the target ran it is theirs to write
 * elsewhere, which is a warning; otherwise nothing but the tables of the restore may have changed, and of a plain table
 * nothing but what was `said` (by oid).
 * Errors: RESTORE_BLOCKED. */
export async function othersTouched(
  session: Session,
  written: LiveTable[],
  triggersRan: boolean,
  said: Map<number, Written> = new Map(),
): Promise<string[]> {
  if (!triggersRan) await requireAsSaid(session, written, said);
  const { rows } = await session.query<{ schema: string; table: string; n: number }>(
    `select s.schemaname as schema, s.relname as "table", (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::float8 as n
       from pg_catalog.pg_stat_xact_user_tables s join pg_catalog.pg_class c on c.oid = s.relid and c.relpersistence <> 't'
      where s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0
        and s.relid <> all ($1::oid[])
        and not exists (select from pg_catalog.unnest($1::oid[]) as w (oid) join pg_catalog.pg_class p on p.oid = w.oid and p.relkind = 'p'
                         cross join lateral pg_catalog.pg_partition_tree(w.oid) t where t.relid = s.relid)
      order by 1, 2`,
    [written.map((table) => table.oid)],
  );
  if (rows.length === 0) return [];
  const what = rows.map((row) => `${formatNumber(row.n, 'row')} of ${row.schema}.${row.table}`).join(', ');
  if (triggersRan) return [`Triggers or foreign keys also changed ${what}.`];
  throw new HowdahError('RESTORE_BLOCKED', `Foreign keys would change rows of other tables as well: ${what}. [ROWS_IN_THE_WAY]`, {
    hint: 'Nothing was changed. Choose those tables as well, or use merge or skip.',
  });
}

/** A partitioned table's rows are counted by its partitions, where a row that moves is another one. */
async function requireAsSaid(session: Session, written: LiveTable[], said: Map<number, Written>): Promise<void> {
  const plain = written.filter((table) => table.kind === 'r' && table.partitions === null && said.has(table.oid));
  if (plain.length === 0) return;
  const { rows } = await session.query<Written & { oid: number }>(
    `select c.oid::int8::float8 as oid, pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid)::float8 as inserts,
            pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)::float8 as updates, pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)::float8 as deletes
       from pg_catalog.unnest($1::oid[]) as c (oid)
      where pg_catalog.current_setting('track_counts')::boolean`,
    [plain.map((table) => table.oid)],
  );
  const off = plain.flatMap((table) => {
    const [is, was] = [rows.find((row) => row.oid === table.oid), said.get(table.oid)];
    if (is === undefined || was === undefined) return [];
    return (['inserts', 'updates', 'deletes'] as const)
      .filter((what) => is[what] !== was[what])
      .map((what) => `${table.schema}.${table.table}: ${formatNumber(is[what], 'row')} instead of ${was[what]} (${what})`);
  });
  if (off.length === 0) return;
  throw new HowdahError(
    'RESTORE_BLOCKED',
    `Foreign keys or triggers would change more rows than was said: ${off.join('; ')}. [ROWS_IN_THE_WAY]`,
    {
      hint: 'Nothing was changed. Use merge or skip for those tables, or replace the whole database.',
    },
  );
}
