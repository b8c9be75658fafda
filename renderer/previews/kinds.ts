// The kinds of rows in words, wherever they are named.
import type { RowKind, TablePreview } from '../../shared/contract/previews.ts';

export type Kind = 'new' | 'identical' | 'conflicts' | 'liveOnly' | 'uniqueClashes';

export const kindOrder: readonly Kind[] = ['new', 'identical', 'conflicts', 'liveOnly', 'uniqueClashes'];

export const kindWords: Record<Kind, { name: string; means: string }> = {
  new: { name: 'New', means: 'only in the backup' },
  identical: { name: 'Identical', means: 'the same on both sides' },
  conflicts: { name: 'Conflicts', means: 'same key, other values' },
  liveOnly: { name: 'Live only', means: 'not in the backup' },
  uniqueClashes: { name: 'Clashes', means: 'their value is taken' },
};

/** Those whose rows can be looked at, in the order of their tabs. */
export const rowTabs: readonly { kind: RowKind; of: Kind; empty: string }[] = [
  { kind: 'conflict', of: 'conflicts', empty: 'No row has the same key and other values.' },
  { kind: 'new', of: 'new', empty: 'Every row of the backup is in the live table.' },
  { kind: 'liveOnly', of: 'liveOnly', empty: 'Every live row is in the backup.' },
  { kind: 'uniqueClash', of: 'uniqueClashes', empty: 'No row clashes over a unique or exclusion constraint.' },
];

/** `12 new, 300 identical, 5 conflicts`; only what there is. */
export function countsInWords(table: Pick<TablePreview, Kind>, count: (value: number) => string): string {
  const words = kindOrder.filter((kind) => table[kind] > 0).map((kind) => `${count(table[kind])} ${kindWords[kind].name.toLowerCase()}`);
  return words.length === 0 ? 'no rows' : words.join(', ');
}
