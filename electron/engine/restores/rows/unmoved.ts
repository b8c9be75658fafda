// Is every live table still what the preview saw?
import { HowdahError } from '../../../../shared/errors.ts';
import { formatCount, formatNumber } from '../../../../shared/format.ts';
import type { Session } from '../../postgres/connection.ts';
import type { ComparedTable } from '../../previews/compared.ts';
import { lookAt } from '../../previews/seen.ts';
import { applySettings, printingSettings } from '../../previews/session.ts';
import { sqlState } from './lock.ts';

/** Errors: PLAN_STALE, with every table that moved and how. */
export async function assertUnmoved(session: Session, tables: ComparedTable[]): Promise<void> {
  // Definitions are compared as text.
  await applySettings(session, printingSettings);
  const moved: string[] = [];
  for (const { live, seen } of tables) {
    const name = `${live.schema}.${live.table}`;
    try {
      const now = await lookAt(session, live);
      if (now.shape !== seen.shape) moved.push(`${name} (its columns, constraints or triggers)`);
      else if (now.rows !== seen.rows) moved.push(`${name} (${formatNumber(seen.rows, 'row')} then, ${formatCount(now.rows)} now)`);
      else if (now.digest !== seen.digest) moved.push(`${name} (rows were changed)`);
    } catch (thrown) {
      // undefined_table, invalid_schema_name
      if (!['42P01', '3F000'].includes(sqlState(thrown) ?? '')) throw thrown;
      moved.push(`${name} (it is gone)`);
      // The transaction is of no more use; what else moved does not matter.
      break;
    }
  }
  if (moved.length > 0) throw stale(`The target has changed since the preview: ${moved.join(', ')}. Nothing was touched.`);
}

export const stale = (message: string, cause?: unknown): HowdahError =>
  new HowdahError('PLAN_STALE', message, { hint: 'Make a new preview, look at it, and start again.', cause });
