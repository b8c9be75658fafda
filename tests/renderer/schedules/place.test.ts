import { expect, test } from 'vitest';
import { placeId, placeOf, views } from '../../../renderer/schedules/place.ts';

test('every view of a day is found again from the address', () => {
  for (const view of views) expect(placeOf(placeId(view, '2026-11-21'))).toEqual({ kind: 'view', view, day: '2026-11-21' });
});

test('a run is opened by its id', () => {
  expect(placeOf('run_abc')).toEqual({ kind: 'run', id: 'run_abc' });
});

test.each([null, '', 'month', 'month-', 'month-2026-13-45', 'century-2026-11-21', 'month-2026-11-21x', 'sch_abc'])(
  '%s is no place',
  (id) => {
    expect(placeOf(id)).toEqual({ kind: 'none' });
  },
);
