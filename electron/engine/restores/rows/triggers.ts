// User triggers are off while rows are put in, where the role may: they ran when the rows were written first.
import { assertNever } from '../../../../shared/errors.ts';
import { quoteIdentifier, type Session } from '../../postgres/connection.ts';
import { quoteTable } from '../../postgres/row-counts.ts';
import type { LiveTable } from '../../previews/compared.ts';

/** In the open transaction. Gives what puts them back exactly as they were. Triggers of partitions are switched each
 * for itself (`only`), as each can be enabled in a way of its own. Foreign keys are no user triggers: they stay. */
export async function triggersOff(session: Session, tables: LiveTable[]): Promise<() => Promise<void>> {
  const triggers = tables.filter((table) => table.owned).flatMap((table) => table.triggers);
  const each = async (action: (trigger: LiveTable['triggers'][number]) => string): Promise<void> => {
    for (const trigger of triggers) {
      await session.query(`alter table only ${quoteTable(trigger.relation)} ${action(trigger)} trigger ${quoteIdentifier(trigger.name)}`);
    }
  };
  await each(() => 'disable');
  return () => each((trigger) => enabling(trigger.enabled));
}

function enabling(enabled: 'O' | 'A' | 'R'): string {
  switch (enabled) {
    case 'O':
      return 'enable';
    case 'A':
      return 'enable always';
    case 'R':
      return 'enable replica';
    default:
      return assertNever(enabled);
  }
}

/** Whether some would fire, as the tables are not the role's own. */
export const firing = (tables: LiveTable[]): LiveTable[] =>
  tables.filter((table) => !table.owned && table.triggers.some((trigger) => trigger.enabled !== 'R'));
