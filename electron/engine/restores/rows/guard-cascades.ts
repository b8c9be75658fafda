// Foreign keys that delete or change rows of other tables by themselves: nobody may add such a row between the judgement
// and our own statement. Whoever does takes a share of the row referred to; so we take those rows first.
import type { Session } from '../../postgres/connection.ts';
import type { ForeignKey } from '../../previews/compared.ts';
import { atLive, stagingTable } from '../../previews/rows-sql.ts';
import { from } from '../../previews/seen.ts';
import { partsOf, type TableWork } from './apply-sql.ts';

const acts = (action: ForeignKey['onDelete']): boolean => action === 'cascade' || action === 'setNull' || action === 'setDefault';

/** In the open transaction, before the strategy is judged. `locked`: oids of tables that nobody else can write to. */
export async function guardCascades(
  session: Session,
  staging: string,
  works: TableWork[],
  foreignKeys: ForeignKey[],
  locked: ReadonlySet<number>,
): Promise<void> {
  for (const work of works) {
    if (work.strategy !== 'replace') continue;
    const { table } = work;
    const keys = foreignKeys.filter((key) => key.parent.oid === table.live.oid && !locked.has(key.child.oid));
    const parts = partsOf(work, false);
    const rewritten = parts.rewrites > 0 && keys.some((key) => acts(key.onDelete));
    const kinds = [
      ...(parts.deletes > 0 && keys.some((key) => acts(key.onDelete)) ? ["d.kind = 'l'"] : []),
      ...(keys.some((key) => acts(key.onUpdate) && key.parentColumns.some((column) => (table.counts.conflictsByColumn[column] ?? 0) > 0))
        ? ["d.kind = 'c'"]
        : []),
    ];
    const take = (letter: string, condition: string): Promise<unknown> =>
      session.query(
        `select pg_catalog.count(*) from (select from ${from(table.live)} as l, ${stagingTable(staging, letter, table.n)} as d where (${condition}) and ${atLive('d', 'l', table)} for update of l) as taken`,
      );
    if (kinds.length > 0) await take('d', kinds.join(' or '));
    if (rewritten) await take('w', 'true');
  }
}
