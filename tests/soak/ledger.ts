// A table large enough that work on it takes a moment, with a model of its own that stays quick at that size.
import type { RowEffects, Strategy } from '../../shared/contract/previews.ts';
import type { SeededDraw } from './random.ts';

export type Entry = { label: string; note: string | null };
/** Rows by key. Never changed once made. */
export type Ledger = ReadonlyMap<number, Entry>;

export const ledgerTable = { schema: 'public', table: 'ledger' };
export const ledgerSql = 'CREATE TABLE public.ledger (id integer PRIMARY KEY, label text NOT NULL, note text)';

const highestId = 2_500;
const columns = ['label', 'note'] as const;

const entry = (draw: SeededDraw): Entry => ({
  label: `${draw.oneOf(['öl', "it's", 'tab\there', 'plain', 'line\nbreak', ''])} ${draw.upTo(99_999)} ${'x'.repeat(draw.upTo(60))}`,
  note: draw.chance(30) ? null : draw.chance(10) ? '' : `note ${draw.upTo(9)}`,
});

export function firstLedger(draw: SeededDraw): Ledger {
  const ledger = new Map<number, Entry>();
  for (let rows = 600 + draw.upTo(900); rows > 0; rows -= 1) ledger.set(1 + draw.upTo(highestId - 1), entry(draw));
  return ledger;
}

/** With some rows added, changed and deleted. */
export function laterLedger(draw: SeededDraw, before: Ledger): Ledger {
  const ledger = new Map(before);
  for (let changes = 1 + draw.upTo(80); changes > 0; changes -= 1) {
    const id = 1 + draw.upTo(highestId - 1);
    const found = ledger.get(id);
    if (found === undefined || draw.chance(15)) ledger.set(id, entry(draw));
    else if (draw.chance(30)) ledger.delete(id);
    else ledger.set(id, { ...found, note: draw.oneOf([null, '', 'another note']) });
  }
  return ledger;
}

/** Statements that bring one state into the other, each row by itself, as applications do. */
export function ledgerChanges(before: Ledger, after: Ledger): { text: string; values: unknown[] }[] {
  const gone = [...before.keys()].filter((id) => !after.has(id));
  const written = [...after].filter(([id, row]) => !sameEntry(before.get(id), row));
  return [
    { text: 'DELETE FROM public.ledger WHERE id = ANY ($1::int[])', values: [gone] },
    {
      text: `INSERT INTO public.ledger SELECT * FROM unnest($1::int[], $2::text[], $3::text[])
             ON CONFLICT (id) DO UPDATE SET label = excluded.label, note = excluded.note`,
      values: [written.map(([id]) => id), written.map(([, row]) => row.label), written.map(([, row]) => row.note)],
    },
  ];
}

const sameEntry = (one: Entry | undefined, other: Entry | undefined): boolean => one?.label === other?.label && one?.note === other?.note;

export const sameLedger = (one: Ledger, other: Ledger): boolean =>
  one.size === other.size && [...one].every(([id, row]) => sameEntry(row, other.get(id)));

/** The numbers of a preview of it: what docs/preview.md says of a table with a key and no other rule. */
export function ledgerCounts(backup: Ledger, live: Ledger) {
  const paired = [...backup].flatMap(([id, values]) => {
    const was = live.get(id);
    return was === undefined ? [] : [{ was, values }];
  });
  const fields = paired.flatMap(({ was, values }) => columns.filter((column) => isFilled(was[column], values[column], false))).length;
  const conflictsByColumn: Record<string, number> = {};
  for (const column of columns) {
    const count = paired.filter(({ was, values }) => was[column] !== values[column]).length;
    if (count > 0) conflictsByColumn[column] = count;
  }
  const effects = (strategy: Strategy): RowEffects => ledgerOutcome(backup, live, strategy, false).effects;
  return {
    rows: backup.size,
    liveRows: live.size,
    new: backup.size - paired.length,
    identical: paired.filter(({ was, values }) => sameEntry(was, values)).length,
    conflicts: paired.filter(({ was, values }) => !sameEntry(was, values)).length,
    liveOnly: live.size - paired.length,
    uniqueClashes: 0,
    conflictsByColumn,
    filled: { rows: effects('merge').updated, fields },
    strategies: { replace: effects('replace'), merge: effects('merge'), skip: effects('skip') },
  };
}

const isFilled = (was: string | null, value: string | null, empty: boolean): boolean => {
  const isEmpty = (text: string | null): boolean => text === null || (empty && text === '');
  return isEmpty(was) && !isEmpty(value);
};

/** The table after a restore by strategy, and the rows that it created, updated, deleted and skipped. */
export function ledgerOutcome(backup: Ledger, live: Ledger, strategy: Strategy | 'leave', empty: boolean) {
  const rows = new Map(live);
  const effects: RowEffects = { created: 0, updated: 0, deleted: 0, skipped: 0 };
  for (const [id, values] of backup) {
    const was = live.get(id);
    const is = strategy === 'leave' ? was : was === undefined ? values : written(was, values, strategy, empty);
    if (is === undefined || sameEntry(was, is)) effects.skipped += 1;
    else {
      rows.set(id, is);
      effects[was === undefined ? 'created' : 'updated'] += 1;
    }
  }
  if (strategy === 'replace') {
    for (const id of live.keys()) {
      if (backup.has(id)) continue;
      rows.delete(id);
      effects.deleted += 1;
    }
  }
  return { ledger: rows as Ledger, effects };
}

function written(was: Entry, values: Entry, strategy: Strategy, empty: boolean): Entry {
  if (strategy === 'skip') return was;
  if (strategy === 'replace') return values;
  const label = isFilled(was.label, values.label, empty) ? values.label : was.label;
  return { label, note: isFilled(was.note, values.note, empty) ? values.note : was.note };
}
