// The verdict in plain words: one sentence that can be read at three in the morning.
import type { Preview, RowEffects } from '../../shared/contract/previews.ts';
import { count, plural } from '../ui/format.ts';
import type { Tone } from '../ui/Tag.tsx';
import type { Outlook } from './choice.ts';

export type Headline = { tone: Tone; title: string; line: string };

/** `identical`: no row differs on either side, whatever the strategy. */
export function headlineOf(preview: Preview, outlook: Outlook): Headline {
  const { effects, blockers, verdict } = outlook;
  if (blockers.length > 0) {
    return {
      tone: 'bad',
      title: `Cannot be done as it is: ${plural(blockers.length, 'thing is', 'things are')} in the way`,
      line: 'Nothing was touched.',
    };
  }
  if (sameRows(preview) && verdict.safe) {
    return {
      tone: 'ok',
      title: 'Nothing differs',
      line: `${plural(preview.totals.identical, 'row')} in ${plural(preview.tables.length, 'table')}, compared field by field: the live database and the backup are the same.`,
    };
  }
  if (changesNothing(effects)) {
    return {
      tone: verdict.safe ? 'ok' : 'warn',
      title: 'This would change nothing',
      line: 'Every row that it could add or fill is there already.',
    };
  }
  return verdict.safe
    ? { tone: 'ok', title: 'Safe', line: `${sentenceOf(effects)} Nothing that exists would be lost or changed.` }
    : { tone: losesSomething(outlook) ? 'bad' : 'warn', title: 'Not safe', line: sentenceOf(effects) };
}

/** `It would add 12 rows, change 3 and delete 1.` */
export function sentenceOf(effects: RowEffects): string {
  const parts: string[] = [];
  const part = (verb: string, rows: number) => {
    if (rows > 0) parts.push(`${verb} ${parts.length === 0 ? plural(rows, 'row') : count(rows)}`);
  };
  part('add', effects.created);
  part('change', effects.updated);
  part('delete', effects.deleted);
  if (parts.length === 0) return 'It would change nothing.';
  const last = parts.pop();
  return `It would ${parts.length === 0 ? last : `${parts.join(', ')} and ${last}`}.`;
}

export function changesNothing(effects: RowEffects): boolean {
  return effects.created + effects.updated + effects.deleted === 0;
}

/** Every table was compared, and no row differs on either side. */
export function sameRows({ tables, totals }: Preview): boolean {
  return (
    tables.length > 0 &&
    tables.every((table) => table.compared) &&
    totals.new + totals.conflicts + totals.liveOnly + totals.uniqueClashes === 0
  );
}

/** Whether the database's name has to be typed before this may run. A dry run takes everything back. */
export function mustType(preview: Preview, outlook: Outlook, dryRun: boolean): boolean {
  return preview.environment === 'production' || (!dryRun && losesSomething(outlook));
}

/** Tables can be lost without a row being: the reasons know. */
export function losesSomething({ lostOrChanged, verdict }: Outlook): boolean {
  return lostOrChanged > 0 || verdict.reasons.some(({ code }) => losing.has(code));
}

const losing = new Set(['ROWS_LOST', 'ROWS_CHANGED', 'TABLES_LOST']);

export type Compared = { name: string; predicted: number; done: number };

/** Prediction and result side by side. */
export function compareEffects(predicted: RowEffects, done: RowEffects): Compared[] {
  return effectNames.map(([key, name]) => ({ name, predicted: predicted[key], done: done[key] }));
}

export const effectNames: readonly (readonly [keyof RowEffects, string])[] = [
  ['created', 'Added'],
  ['updated', 'Changed'],
  ['deleted', 'Deleted'],
  ['skipped', 'Unchanged'],
];
