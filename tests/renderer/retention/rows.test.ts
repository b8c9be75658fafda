import { expect, test } from 'vitest';
import { reasonsInOrder, reasonWords } from '../../../renderer/retention/reasons.ts';
import { rowsOf, type Preview } from '../../../renderer/retention/rows.ts';
import type { Kept } from '../../../shared/contract/retention.ts';

const backup = (change: Partial<Kept>): Kept => ({
  id: 'bak_1',
  profile: 'Live',
  database: 'shop',
  schedule: 'Nightly',
  origin: 'schedule',
  startedAt: '2026-11-20T02:00:00.000Z',
  sizeBytes: 100,
  holds: 'whole',
  good: true,
  reasons: ['last:2'],
  ...change,
});
const gone = ({ reasons: _reasons, ...rest }: Kept, reason: string) => ({ ...rest, reason });

const preview: Preview = {
  keep: [
    backup({ id: 'b' }),
    backup({ id: 's', origin: 'safety', schedule: null }),
    backup({ id: 'q', holds: 'quick', schedule: 'Hourly' }),
  ],
  delete: [
    gone(backup({ id: 'a', startedAt: '2026-11-01T02:00:00.000Z', sizeBytes: 7 }), 'not-wanted'),
    gone(backup({ id: 'h', database: 'hr' }), 'over-size'),
  ],
};
const shape = (scope: Parameters<typeof rowsOf>[1]) =>
  rowsOf(preview, scope).map((row) =>
    row.kind === 'group' ? `${row.title} ${row.holds} ${row.stay}/${row.go} ${row.goBytes}` : `${row.goes ? '-' : '+'}${row.backup.id}`,
  );

test('rows stand under their database and what they hold, newest first; a quick one never beside a whole one', () => {
  expect(shape({ scope: { kind: 'profile', profileId: 'p' }, name: 'Live' })).toEqual([
    'hr whole 0/1 100',
    '-h',
    'shop quick 1/0 0',
    '+q',
    'shop whole 1/1 7',
    '+b',
    '-a',
  ]);
});

test('a schedule shows its own, safety shows safety backups with their profile', () => {
  expect(shape({ scope: { kind: 'schedule', scheduleId: 'x' }, name: 'Hourly' })).toEqual(['shop quick 1/0 0', '+q']);
  expect(shape({ scope: { kind: 'safety' }, name: 'Safety backups' })).toEqual(['shop on Live whole 1/0 0', '+s']);
});

test('every reason of the contract has words, and the strongest is said first', () => {
  const known = [
    'pinned',
    'last-good',
    'last:3',
    'days:30',
    'hourly:2026-11-20T09',
    'daily:2026-11-20',
    'weekly:2026-W47',
    'monthly:2026-11',
    'yearly:2026',
    'min-keep:3',
    'in-use',
    'no-rule',
    'missing',
    'not-wanted',
    'over-size',
    'not-good',
  ];
  for (const reason of known) if (reason !== 'pinned') expect(reasonWords(reason)).not.toBe(reason);
  expect(reasonWords('hourly:2026-11-20T09')).toBe('newest of its hour, 2026-11-20 09:00');
  expect(reasonsInOrder(['min-keep:3', 'last:3', 'pinned', 'last-good'])).toEqual(['last-good', 'pinned', 'last:3', 'min-keep:3']);
});
