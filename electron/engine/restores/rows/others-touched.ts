// Rows of other tables that went along, by an action of a foreign key or by a trigger: the server has counted them.
// https://www.postgresql.org/docs/current/monitoring-stats.html
import { HowdahError } from '../../../../shared/errors.ts';
import { formatNumber } from '../../../../shared/format.ts';
import type { Session } from '../../postgres/connection.ts';
import type { LiveTable } from '../../previews/compared.ts';

/** In the open transaction, after the rows were written. Where triggers of the target ran it is theirs to write
 * elsewhere, which is a warning; otherwise nothing but the tables of the restore may have changed.
 * Errors: RESTORE_BLOCKED. */
export async function othersTouched(session: Session, written: LiveTable[], triggersRan: boolean): Promise<string[]> {
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
