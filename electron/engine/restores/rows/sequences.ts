// Sequences behind the columns of written tables: the next value must not be one that a restored row has.
import { quoteIdentifier, type Session } from '../../postgres/connection.ts';
import type { LiveTable } from '../../previews/compared.ts';
import { from } from '../../previews/seen.ts';
import { sqlState } from './lock.ts';

const numbers = new Set(['smallint', 'integer', 'bigint', 'numeric']);

/** Past the largest value that is now in the column (the smallest where the sequence counts down), never back.
 * `setval` is not taken back by a rollback: to be called last, in the open transaction. Gives warnings. */
export async function moveSequences(session: Session, tables: LiveTable[]): Promise<string[]> {
  const warnings: string[] = [];
  for (const table of tables) {
    for (const { column, sequence, increment } of table.sequences) {
      const found = table.columns.find((one) => one.name === column);
      if (found === undefined || !numbers.has(found.bareType)) continue;
      await session.query('savepoint sequences');
      try {
        await session.query(moving(table, column, sequence, increment));
      } catch (thrown) {
        await session.query('rollback to savepoint sequences');
        const state = sqlState(thrown);
        // insufficient_privilege; numeric_value_out_of_range: the sequence ends before the column's largest value
        if (state !== '42501' && state !== '22003') throw thrown;
        warnings.push(
          state === '42501'
            ? `The sequence ${sequence} could not be moved past the rows of ${table.schema}.${table.table}: the role lacks the right (USAGE and UPDATE).`
            : `The sequence ${sequence} cannot be moved past the rows of ${table.schema}.${table.table}: it ends before.`,
        );
      }
      await session.query('release savepoint sequences');
    }
  }
  return warnings;
}

function moving(table: LiveTable, column: string, sequence: string, increment: number): string {
  const down = increment < 0;
  const end = `(select pg_catalog.${down ? 'min' : 'max'}(${quoteIdentifier(column)})::bigint from ${from(table)})`;
  const beyond = down ? '<' : '>';
  return `select pg_catalog.setval('${sequence.replaceAll("'", "''")}'::pg_catalog.regclass, v.value)
    from (select ${end} as value) v, ${sequence} q
   where v.value ${beyond} q.last_value or (v.value = q.last_value and not q.is_called)`;
}
