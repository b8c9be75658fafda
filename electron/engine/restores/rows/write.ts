// Runs the one statement of a restore, and turns what the server says about the rows into an answer.
import type { RowEffects, StrategyChoice } from '../../../../shared/contract/previews.ts';
import { HowdahError } from '../../../../shared/errors.ts';
import type { JobRun } from '../../jobs/jobs.ts';
import { quoteIdentifier, type Session } from '../../postgres/connection.ts';
import type { Compared } from '../../previews/compared.ts';
import { applyStatement, fillsTable, mergeOf, type TableWork } from './apply-sql.ts';
import { busy, holdersOf, isLockTrouble, sqlState } from './lock.ts';

/** What the server counted. */
export type Counts = Omit<RowEffects, 'skipped'>;

/** In the open transaction; by the tables' numbers. Errors: RESTORE_BLOCKED, BUSY, others of the server as they come. */
export async function writeRows(
  job: JobRun,
  session: Session,
  { compared, choice }: { compared: Compared; choice: StrategyChoice },
  works: TableWork[],
): Promise<Map<number, Counts>> {
  const filled: TableWork[] = [];
  for (const one of works) filled.push({ ...one, fills: await fillsOf(session, compared, one, choice.fillEmptyStrings) });
  const statement = applyStatement(compared.staging, filled, choice.fillEmptyStrings);
  if (statement === null) return new Map();
  try {
    const { rows } = await session.query<Record<string, number>>(statement.sql);
    // What is deferred is checked here, where its error still has a meaning, and before triggers are switched back.
    await session.query('set constraints all immediate');
    return new Map(statement.effectsOf(rows[0] ?? {}).map((one) => [one.n, one.effects]));
  } catch (thrown) {
    job.signal.throwIfAborted();
    throw await refused(job, session, thrown, works);
  }
}

/** Columns that merge fills in some row. */
async function fillsOf(session: Session, compared: Compared, { table, strategy }: TableWork, fillEmptyStrings: boolean): Promise<number[]> {
  if (strategy !== 'merge' || mergeOf(table, fillEmptyStrings).rows === 0) return [];
  const fills = fillsTable(compared.staging, table.n, fillEmptyStrings);
  const { rows: columns } = await session.query<{ name: string }>(
    "select attname as name from pg_catalog.pg_attribute where attrelid = $1::regclass and attname ~ '^y[0-9]+$' and not attisdropped",
    [fills],
  );
  if (columns.length === 0) return [];
  const { rows } = await session.query<Record<string, boolean | null>>(
    `select ${columns.map(({ name }) => `pg_catalog.bool_or(${quoteIdentifier(name)}) as ${quoteIdentifier(name)}`).join(', ')} from ${fills} where not left_out`,
  );
  return columns.filter(({ name }) => rows[0]?.[name] === true).map(({ name }) => Number(name.slice(1)));
}

/** What the server says about the rows: a rule that was broken is an answer, not a fault. Everything is taken back. */
async function refused(job: JobRun, session: Session, thrown: unknown, works: TableWork[]): Promise<unknown> {
  const state = sqlState(thrown);
  if (state === null) return thrown;
  if (isLockTrouble(thrown)) {
    await session.query('rollback').catch(() => {});
    return busy(
      await holdersOf(
        session,
        works.map((one) => one.table.live),
      ).catch(() => []),
      thrown,
    );
  }
  // Classes: integrity constraint violation, data exception, triggered data change violation, with check option,
  // limits, states (no replica identity), raised by a trigger's code; the role's rights.
  const ofRows = /^(22|23|27|44|54|55|P0)/.test(state) || state === '42501' || state === '0A000';
  // A context means code of the target: a trigger, a function in a check.
  const own = ofRows || (thrown as { where?: string }).where !== undefined;
  if (!own) return thrown;
  job.log('info', 'Everything is taken back.');
  const more = thrown as Error & { schema?: string; table?: string; constraint?: string; where?: string };
  return new HowdahError('RESTORE_BLOCKED', `The server refused the rows: ${more.message}`, {
    hint: 'Nothing was changed. Choose another strategy for that table, or mend the rows that the server names.',
    // The server's own detail holds values of the row, and this goes on record.
    detail: [
      `SQLSTATE ${state}`,
      more.table === undefined ? '' : `table ${more.schema ?? ''}.${more.table}`,
      more.constraint === undefined ? '' : `constraint ${more.constraint}`,
      more.where ?? '',
    ]
      .filter((line) => line !== '')
      .join('\n'),
    cause: thrown,
  });
}
