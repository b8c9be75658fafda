// Only some rows of the backup: those that meet a condition, and the rows of other tables that they refer to.
import type { PreviewRequest } from '../../../shared/contract/previews.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { requireOneCondition } from '../dumps/condition.ts';
import type { Session } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { ForeignKey, LiveTable } from './compared.ts';
import { id, stagingTable } from './rows-sql.ts';
import { from } from './seen.ts';
import type { StagedTable } from './stage.ts';

/** The column of s<n> that says of a row that it only came along because others refer to it. */
export const along = '"~along"';

/** Takes all other rows out of s<n>, and corrects `rows`. Of a table with a condition a<n> keeps every row of the backup:
 * a live row that it has is not live-only, whether the row was chosen or not. Errors: BAD_INPUT (the condition). */
export async function selectRows(
  session: Session,
  staging: string,
  tables: StagedTable[],
  foreignKeys: ForeignKey[],
  request: Pick<PreviewRequest, 'rows' | 'withReferenced'>,
): Promise<void> {
  if (request.rows.length === 0 && !request.withReferenced) return;
  const conditions = new Map(request.rows.map((one) => [tableKey(one), one.where]));
  const selected = (table: StagedTable): string => stagingTable(staging, 'q', table.n);
  for (const table of tables) {
    const where = conditions.get(tableKey(table.live));
    if (where !== undefined) await requireCondition(session, table.live, where);
    await session.query(`create unlogged table ${selected(table)} (tid tid primary key, along boolean not null default false)`);
    if (table.referencedOnly) continue;
    const typed = table.columns.map((column) => `s.${id(column.name)}::${column.type} as ${id(column.name)}`);
    const source = `(select ${['s.ctid as "~s"', ...typed].join(', ')} from ${stagingTable(staging, 's', table.n)} s) as r`;
    await session.query(
      `insert into ${selected(table)} (tid) select "~s" from ${source}${where === undefined ? '' : ` where (${where}\n)`}`,
    );
  }
  if (request.withReferenced) await addReferenced(session, staging, tables, foreignKeys, selected);
  for (const table of tables) {
    const [s, kept] = [stagingTable(staging, 's', table.n), stagingTable(staging, 'r', table.n)];
    const { rowCount } = await session.query(
      `create unlogged table ${kept} as select s.*, q.along as ${along} from ${s} s join ${selected(table)} q on q.tid = s.ctid`,
    );
    await session.query(`drop table ${selected(table)}`);
    await session.query(conditions.has(tableKey(table.live)) ? `alter table ${s} rename to ${id(`a${table.n}`)}` : `drop table ${s}`);
    await session.query(`alter table ${kept} rename to ${id(`s${table.n}`)}`);
    table.rows = rowCount ?? 0;
  }
}

/** Round after round, until nothing more is referred to. */
async function addReferenced(
  session: Session,
  staging: string,
  tables: StagedTable[],
  foreignKeys: ForeignKey[],
  selected: (table: StagedTable) => string,
): Promise<void> {
  const byOid = new Map(tables.map((table) => [table.live.oid, table]));
  for (let more = 1; more > 0;) {
    more = 0;
    for (const key of foreignKeys) {
      const [child, parent] = [byOid.get(key.child.oid), byOid.get(key.parent.oid)];
      if (child === undefined || parent === undefined) continue;
      const pairs = key.parentColumns.map(
        (column, at) => `p.${id(column)} ${key.operators[at] ?? '='} c.${id(key.childColumns[at] ?? '')}`,
      );
      const { rowCount } = await session.query(
        `insert into ${selected(parent)} (tid, along) select p.ctid, true from ${stagingTable(staging, 's', parent.n)} p
          where exists (select from ${stagingTable(staging, 's', child.n)} c join ${selected(child)} q on q.tid = c.ctid where ${pairs.join(' and ')})
         on conflict do nothing`,
      );
      more += rowCount ?? 0;
    }
  }
}

/** One condition, that only reads: tried on the live table before it is used. Errors: BAD_INPUT. */
async function requireCondition(session: Session, live: LiveTable, where: string): Promise<void> {
  const wrong = (why: string, cause?: unknown): HowdahError =>
    new HowdahError('BAD_INPUT', `The condition for ${live.schema}.${live.table} cannot be used: ${why}`, {
      hint: `Write one SQL condition over the table's columns, for example: id = 5`,
      detail: where,
      cause,
    });
  requireOneCondition(where);
  await session.query('begin read only');
  try {
    // Values are given, so that the server takes one statement and no more.
    await session.query({ text: `select 1 from ${from(live)} where ($1::text is not null) and (${where}\n) limit 1`, values: [''] });
  } catch (thrown) {
    throw wrong((thrown as Error).message, thrown);
  } finally {
    await session.query('rollback');
  }
}
