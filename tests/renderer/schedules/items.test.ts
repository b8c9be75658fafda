import { describe, expect, test } from 'vitest';
import type { DayCounts, PlannedRun, ScheduledRun } from '../../../shared/contract/schedules.ts';
import { runReasons, runStates } from '../../../shared/contract/schedules.ts';
import {
  byDay,
  countWords,
  isMovable,
  itemsOf,
  plannedItem,
  reasonWords,
  runItem,
  sentence,
  sumOfDays,
  toneOfDay,
  worstThatFit,
} from '../../../renderer/schedules/calendar/items.ts';
import { placeInColumns, type Block } from '../../../renderer/schedules/calendar/columns.ts';
import { draftFor } from '../../../renderer/schedules/calendar/draft.ts';

const now = Date.parse('2026-11-21T12:00:00Z');

function run(change: Partial<ScheduledRun> & { plannedAt: string }): ScheduledRun {
  return {
    id: `run_${change.plannedAt}`,
    scheduleId: 'sch_a',
    schedule: 'Nightly backup',
    kind: 'backup',
    profile: 'Live',
    profileId: 'pro_a',
    colour: '#4c6ef5',
    state: 'succeeded',
    trigger: 'slot',
    reason: null,
    detail: '',
    phase: null,
    nextTryAt: null,
    startedAt: null,
    finishedAt: null,
    durationMs: null,
    sizeBytes: null,
    attempts: 1,
    coveredBy: null,
    backupId: null,
    jobId: null,
    backups: [],
    error: null,
    ...change,
  };
}

function planned(at: string, change: Partial<PlannedRun> = {}): PlannedRun {
  return {
    scheduleId: 'sch_a',
    schedule: 'Nightly backup',
    kind: 'backup',
    profile: 'Live',
    colour: '#4c6ef5',
    at,
    movedFrom: null,
    expectedMs: null,
    paused: false,
    ...change,
  };
}

function counts(day: string, change: Partial<DayCounts> = {}): DayCounts {
  return { day, planned: 0, succeeded: 0, failed: 0, missed: 0, caughtUp: 0, skipped: 0, cancelled: 0, running: 0, ...change };
}

describe('what fits into a day', () => {
  const busy = [
    ...Array.from({ length: 20 }, (_, index) => run({ plannedAt: `2026-11-20T${String(index).padStart(2, '0')}:00:00.000Z` })),
    run({ plannedAt: '2026-11-20T20:00:00.000Z', state: 'missed', id: 'run_missed' }),
    run({ plannedAt: '2026-11-20T21:00:00.000Z', state: 'failed', id: 'run_failed' }),
  ].map((one) => runItem(one, now));

  test('failed and missed ones stay in sight, in order of time', () => {
    const { shown, more, hiddenBad } = worstThatFit(busy, 4);
    expect(shown.map(({ key }) => key)).toEqual(['run_2026-11-20T00:00:00.000Z', 'run_missed', 'run_failed']);
    expect(more).toBe(19);
    expect(hiddenBad).toBe(0);
  });

  test('all of them where there is room, and no "more" then', () => {
    expect(worstThatFit(busy, 22)).toMatchObject({ more: 0, hiddenBad: 0 });
    expect(worstThatFit(busy, 22).shown).toHaveLength(22);
  });

  test('failures without room are counted', () => {
    expect(worstThatFit(busy, 1)).toEqual({ shown: [], more: 22, hiddenBad: 2 });
    expect(worstThatFit(busy, 2)).toMatchObject({ more: 21, hiddenBad: 1 });
  });

  test('those that the engine left out are counted as well', () => {
    expect(worstThatFit(busy.slice(0, 3), 4, 500)).toMatchObject({ more: 497 });
  });
});

test('runs and slots are put in one order of time, each on its day of the zone', () => {
  const items = itemsOf(
    {
      runs: [run({ plannedAt: '2026-11-21T02:00:00.000Z' }), run({ plannedAt: '2026-11-20T23:30:00.000Z' })],
      planned: [planned('2026-11-22T02:00:00.000Z')],
      skips: [planned('2026-11-21T22:00:00.000Z')],
    },
    now,
  );
  expect(items.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'to-skip', 'planned']);
  expect([...byDay(items, 'Europe/Berlin').keys()]).toEqual(['2026-11-21', '2026-11-22']);
  expect([...byDay(items, 'UTC').keys()]).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
});

test('the sentence tells a screen reader what sighted people see', () => {
  const failed = run({
    plannedAt: '2026-11-21T01:00:00.000Z',
    state: 'failed',
    error: { code: 'CONNECTION_FAILED', message: 'The server cannot be reached.', hint: '' },
  });
  expect(sentence(runItem(failed, now), 'Europe/Berlin')).toBe(
    'Nightly backup, failed, Saturday 21 November 2026 02:00, Live, The server cannot be reached',
  );
  expect(
    sentence(plannedItem(planned('2026-11-22T01:00:00.000Z', { expectedMs: 2_280_000, movedFrom: '2026-11-22T00:00:00.000Z' })), 'UTC'),
  ).toBe('Nightly backup, planned, Sunday 22 November 2026 01:00, Live, expected to take 38 min, moved from 2026-11-22 00:00');
  expect(sentence(runItem(run({ plannedAt: '2026-11-20T01:00:00.000Z', state: 'missed', reason: 'too-late' }), now), 'UTC')).toContain(
    'missed, Friday 20 November 2026 01:00, Live, it was found too late for its grace time',
  );
});

test('a run that began late says when', () => {
  const late = run({
    plannedAt: '2026-11-20T02:00:00.000Z',
    startedAt: '2026-11-20T07:10:00.000Z',
    finishedAt: '2026-11-20T07:15:00.000Z',
    durationMs: 300_000,
    state: 'caught-up',
  });
  expect(sentence(runItem(late, now), 'UTC')).toBe(
    'Nightly backup, caught up, Friday 20 November 2026 02:00, Live, began 07:10, took 5 min 0 s',
  );
  const nextDay = { ...late, startedAt: '2026-11-21T00:10:00.000Z' };
  expect(sentence(runItem(nextDay, now), 'UTC')).toContain('began Saturday 21 November 2026 00:10');
  expect(sentence(runItem({ ...late, startedAt: '2026-11-20T02:00:03.000Z' }, now), 'UTC')).not.toContain('began');
});

test('every reason has words', () => {
  for (const reason of runReasons) expect(reasonWords(reason)).not.toBe('');
});

test('only what has not come can be moved', () => {
  expect(isMovable(plannedItem(planned('2026-11-22T01:00:00.000Z')), now)).toBe(true);
  expect(isMovable(plannedItem(planned('2026-11-21T11:59:00.000Z')), now)).toBe(false);
  expect(isMovable(plannedItem(planned('2026-11-22T01:00:00.000Z'), 'to-skip'), now)).toBe(false);
  for (const state of runStates) expect(isMovable(runItem(run({ plannedAt: '2026-11-22T01:00:00.000Z', state }), now), now)).toBe(false);
});

test('a running one lasts until now', () => {
  const item = runItem(run({ plannedAt: '2026-11-21T11:00:00.000Z', startedAt: '2026-11-21T11:00:02.000Z', state: 'running' }), now);
  expect(item.until).toBe(now);
});

describe('a day of the year', () => {
  test('shows its worst', () => {
    expect(toneOfDay(undefined)).toBe('none');
    expect(toneOfDay(counts('2026-11-20'))).toBe('none');
    expect(toneOfDay(counts('2026-11-20', { planned: 3 }))).toBe('planned');
    expect(toneOfDay(counts('2026-11-20', { succeeded: 30, planned: 1 }))).toBe('good');
    expect(toneOfDay(counts('2026-11-20', { caughtUp: 1 }))).toBe('good');
    expect(toneOfDay(counts('2026-11-20', { skipped: 2 }))).toBe('stopped');
    expect(toneOfDay(counts('2026-11-20', { succeeded: 30, missed: 1 }))).toBe('missed');
    expect(toneOfDay(counts('2026-11-20', { succeeded: 30, missed: 9, failed: 1 }))).toBe('failed');
  });

  test('says what it has in words, the worst first', () => {
    expect(countWords(counts('2026-11-20', { succeeded: 20, failed: 3, missed: 1 }))).toBe('3 failed, 1 missed, 20 succeeded');
    expect(countWords(counts('2026-11-20'))).toBe('');
  });

  test('is the sum over the schedules chosen', () => {
    const days = sumOfDays([
      [counts('2026-11-20', { succeeded: 2 })],
      [counts('2026-11-20', { failed: 1 }), counts('2026-11-21', { missed: 1 })],
    ]);
    expect(days.get('2026-11-20')).toEqual(counts('2026-11-20', { succeeded: 2, failed: 1 }));
    expect(days.get('2026-11-21')).toEqual(counts('2026-11-21', { missed: 1 }));
  });
});

describe('columns of a day', () => {
  const block = (id: string, top: number, height: number, state: ScheduledRun['state'] = 'succeeded'): Block => ({
    item: runItem(run({ id, plannedAt: '2026-11-20T00:00:00.000Z', state }), now),
    top,
    height,
  });
  const keys = (placed: ReturnType<typeof placeInColumns>) =>
    placed.map((one) => [one.kind === 'item' ? one.item.key : `+${one.items.length}`, one.column, one.columns, one.span]);

  test('those that do not touch have the whole width', () => {
    expect(keys(placeInColumns([block('a', 0, 20), block('b', 20, 20)], 3, 20))).toEqual([
      ['a', 0, 1, 1],
      ['b', 0, 1, 1],
    ]);
  });

  test('those that overlap stand side by side, and fill what is free beside them', () => {
    expect(keys(placeInColumns([block('a', 0, 60), block('b', 10, 20), block('c', 10, 20), block('d', 40, 20)], 4, 20))).toEqual([
      ['a', 0, 3, 1],
      ['b', 1, 3, 1],
      ['c', 2, 3, 1],
      ['d', 1, 3, 2],
    ]);
  });

  test('where there are too many, the failed one stays in sight and the rest is counted', () => {
    const placed = placeInColumns(
      [...Array.from({ length: 8 }, (_, index) => block(`ok${index}`, 0, 20)), block('bad', 0, 20, 'failed')],
      3,
      20,
    );
    const names = keys(placed);
    expect(names).toHaveLength(3);
    expect(names).toContainEqual(['bad', 0, 3, 1]);
    expect(names).toContainEqual(['+7', 2, 3, 1]);
  });
});

test('an empty place becomes a draft: from that day on where it is to come', () => {
  expect(draftFor({ day: '2026-11-25', time: '23:30' }, 'Europe/Berlin', now)).toEqual({
    when: { kind: 'daily', time: '23:30' },
    timeZone: 'Europe/Berlin',
    startsAt: '2026-11-24T23:00:00.000Z',
  });
  expect(draftFor({ day: '2026-11-20', time: null }, 'UTC', now)).toEqual({ when: { kind: 'daily', time: '02:00' }, timeZone: 'UTC' });
});
