// What a mix of strategies would do to the live tables, and what stands in its way: asked of the staged differences.
import type { Judgement, StrategyChoice } from '../../../shared/contract/previews.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { withSession, type Session } from '../postgres/connection.ts';
import type { Target } from '../postgres/target.ts';
import { liftTimeLimits } from '../postgres/time-limits.ts';
import { hasDifferences, type Compared, type ComparedTable } from './compared.ts';
import { addEffects, effectsOf, noEffects, strategyFor, type OneStrategy } from './effects.ts';
import { misfits, nameOf, type Blocker } from './fits.ts';
import { brokenReferences } from './references.ts';
import { applySettings, planningSettings, printingSettings } from './session.ts';
import { verdictOf, type Part } from './verdict.ts';

/** A blocker with the table that it is about; -1: a table that was not compared. */
export type FoundBlocker = { n: number; table: { schema: string; table: string }; blocker: Blocker };

export type Judged = Judgement & { found: FoundBlocker[] };

/** Whether a choice puts the whole database in place of the live one, instead of going row by row. */
export const isSwap = (compared: Pick<Compared, 'whole'>, choice: StrategyChoice): boolean =>
  compared.whole && choice.strategy === 'replace' && choice.tableStrategies.length === 0;

/** In the session's open transaction, which prints as a work session does. The live tables must be what the comparison saw. */
export async function judge(session: Session, compared: Compared, choice: StrategyChoice): Promise<Judged> {
  const swap = isSwap(compared, choice);
  const parts: Part[] = compared.tables.map((table) => {
    const strategy = strategyFor(table, choice);
    return { table, strategy, effects: effectsOf(table, strategy, choice.fillEmptyStrings) };
  });
  const found = swap ? [] : await blockersOf(session, compared, parts, choice);
  // A swap brings tables that the target lacks.
  const brought = swap ? compared.blocked.map((table) => ({ ...noEffects, created: table.rows ?? 0 })) : [];
  return {
    effects: [...parts.map((part) => part.effects), ...brought].reduce(addEffects, noEffects),
    tables: parts.map(({ table, strategy, effects }) => ({ schema: table.live.schema, table: table.live.table, strategy, effects })),
    blockers: found.map(({ blocker }) => ({ ...blocker, strategies: [choice.strategy] })),
    verdict: verdictOf(
      compared,
      parts,
      found.map(({ blocker }) => blocker),
      swap,
    ),
    found,
  };
}

/** The same in a session and a snapshot of its own. Errors: those of connecting. */
export const judgeNow = (target: Target, compared: Compared, choice: StrategyChoice): Promise<Judged> =>
  withSession(target, async (session) => {
    await applySettings(session, { ...printingSettings, ...planningSettings });
    await liftTimeLimits(session);
    await session.query('begin isolation level repeatable read read only');
    return judge(session, compared, choice);
  });

async function blockersOf(session: Session, compared: Compared, parts: Part[], choice: StrategyChoice): Promise<FoundBlocker[]> {
  const found: FoundBlocker[] = [];
  for (const blocked of compared.blocked) {
    if (choice.tableStrategies.some((one) => tableKey(one) === tableKey(blocked) && one.strategy === 'leave')) continue;
    for (const blocker of blocked.blockers) found.push({ n: -1, table: blocked, blocker });
  }
  const mixed = parts
    .filter(({ table }) => hasDifferences(table))
    .map(({ table, strategy }) => ({ table, mix: { staging: compared.staging, strategy, fillEmptyStrings: choice.fillEmptyStrings } }));
  for (const { table, strategy, effects } of parts) {
    if (effects.created + effects.updated + effects.deleted === 0) continue;
    const mix = { staging: compared.staging, strategy, fillEmptyStrings: choice.fillEmptyStrings };
    const blockers = [...standing(compared, table, strategy, effects), ...(await misfits(session, mix, table))];
    for (const blocker of blockers) found.push({ n: table.n, table: table.live, blocker });
  }
  for (const { n, blocker } of await brokenReferences(session, compared.foreignKeys, mixed)) {
    const table = compared.tables.find((one) => one.n === n);
    if (table !== undefined) found.push({ n, table: table.live, blocker });
  }
  return found;
}

/** What can be told without looking at rows. */
function standing(compared: Compared, table: ComparedTable, strategy: OneStrategy, effects: Part['effects']): Blocker[] {
  const { live } = table;
  const name = nameOf(table);
  const found: Blocker[] = [];
  const lacking = [
    effects.created > 0 && !live.privileges.insert ? 'INSERT' : null,
    effects.updated > 0 && !live.privileges.update ? 'UPDATE' : null,
    effects.deleted > 0 && !live.privileges.delete ? 'DELETE' : null,
    // LOCK TABLE against writers asks for one of these. https://www.postgresql.org/docs/current/sql-lock.html
    !live.privileges.update && !live.privileges.delete ? 'UPDATE or DELETE (to lock it against writers)' : null,
  ].filter((right) => right !== null);
  if (lacking.length > 0) {
    found.push({
      code: 'NO_PRIVILEGE',
      message: `The role lacks ${lacking.join(' and ')} on ${name}.`,
      hint: `Let the owner grant it, use a profile of another role, or leave ${name} alone.`,
    });
  }
  if (live.rules.length > 0) {
    found.push({
      code: 'RULES',
      message: `${name} has rules (${live.rules.join(', ')}) that turn changes into something else.`,
      hint: `Disable them (ALTER TABLE ${name} DISABLE RULE …) for the restore, or leave the table alone.`,
    });
  }
  if (compared.largeObjects && live.columns.some((column) => column.isLargeObject)) {
    found.push({
      code: 'LARGE_OBJECTS',
      message: `${name} points to large objects, which are not carried over row by row.`,
      hint: 'Replace the whole database, or leave this table alone.',
    });
  }
  const pulled = compared.foreignKeys.filter((key) => key.parent.oid === live.oid && key.onDelete !== 'noAction');
  if (strategy === 'replace' && table.rewritten > 0 && pulled.length > 0) {
    found.push({
      code: 'UNIQUE_SWAP',
      message: `Rows of ${name} exchange values that are checked row by row, and ${pulled.map((key) => key.name).join(', ')} would act on them meanwhile.`,
      hint: 'Make the unique constraint DEFERRABLE, use merge or skip for this table, or replace the whole database.',
    });
  }
  return found;
}
