import { beforeEach, describe, expect, it } from 'vitest';
import { countDays, fairShare, readCalendar } from '../../../../electron/engine/schedules/views/calendar.ts';
import { expectedDurations } from '../../../../electron/engine/schedules/views/expected.ts';
import { readHistory } from '../../../../electron/engine/schedules/views/history.ts';
import { clashesOf, readLoad } from '../../../../electron/engine/schedules/views/load.ts';
import { daysOf } from '../../../../electron/engine/schedules/views/span.ts';
import { notesOf, tryRule } from '../../../../electron/engine/schedules/views/try-when.ts';
import { nextRuns } from '../../../../electron/engine/schedules/views/upcoming.ts';
import { parseWhen } from '../../../../shared/schedules/text.ts';
import { makeDesk, type Desk } from './desk.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await makeDesk('2026-11-10T12:00:00Z');
});

const at = (text: string): number => Date.parse(text);
const month = { from: at('2026-11-01T00:00Z'), to: at('2026-12-01T00:00Z'), timeZone: 'UTC', scheduleIds: undefined, limit: 2000 };

describe('the calendar', () => {
  it('counts past and planned by the viewer’s days', () => {
    const nightly = desk.addSchedule('nightly', 'daily 23:30');
    desk.addRun(nightly, '2026-11-10T23:30:00Z', 'succeeded');
    desk.addRun(nightly, '2026-11-11T23:30:00Z', 'failed');
    desk.setNow('2026-11-12T12:00:00Z');
    const answer = readCalendar(desk.context, month);
    expect(answer.days).toHaveLength(30);
    expect(answer.days[9]).toMatchObject({ day: '2026-11-10', succeeded: 1, planned: 0 });
    expect(answer.days[10]).toMatchObject({ day: '2026-11-11', failed: 1, planned: 0 });
    expect(answer.days[11]).toMatchObject({ day: '2026-11-12', failed: 0, planned: 1 });
    expect(answer.planned).toHaveLength(19);
    expect(answer.runs.map((run) => run.state)).toEqual(['succeeded', 'failed']);
    expect(answer.cut).toBe(0);
    const berlin = readCalendar(desk.context, { ...month, timeZone: 'Europe/Berlin' });
    expect(berlin.days.find((day) => day.day === '2026-11-11')).toMatchObject({ succeeded: 1, failed: 0 });
  });

  it('shows moved and skipped slots as what they are', () => {
    const nightly = desk.addSchedule('nightly', 'daily 02:00');
    desk.schedules.putChange(nightly, { slotAt: at('2026-11-12T02:00Z'), movedTo: at('2026-11-12T05:00Z') });
    desk.schedules.putChange(nightly, { slotAt: at('2026-11-13T02:00Z'), movedTo: null });
    const answer = readCalendar(desk.context, { ...month, to: at('2026-11-14T00:00Z') });
    expect(answer.planned.map((run) => [run.at.slice(8, 16), run.movedFrom?.slice(8, 16)])).toEqual([
      ['11T02:00', undefined],
      ['12T05:00', '12T02:00'],
    ]);
    expect(answer.skips.map((run) => run.at.slice(8, 16))).toEqual(['13T02:00']);
    expect(answer.days[12]).toMatchObject({ planned: 0 });
  });

  it('cuts the busiest days, counts all, and leaves out what went wrong last', () => {
    const often = desk.addSchedule('often', 'cron */5 * * * *');
    const rare = desk.addSchedule('rare', 'daily 20:00');
    desk.context.catalog.transaction(() => {
      for (let minute = 0; minute < 12 * 60; minute += 5) {
        const time = new Date(at('2026-11-10T12:00Z') + minute * 60_000).toISOString();
        desk.addRun(often, time, minute % 60 === 0 ? 'failed' : 'succeeded');
      }
    })();
    desk.setNow('2026-11-10T23:59:00Z');
    const span = { ...month, from: at('2026-11-09T00:00Z'), to: at('2026-11-12T00:00Z'), limit: 60 };
    const answer = readCalendar(desk.context, span);
    expect(answer.days.map((day) => [day.day.slice(8), day.succeeded, day.failed, day.planned])).toEqual([
      ['09', 0, 0, 0],
      ['10', 132, 12, 1],
      ['11', 0, 0, 289],
    ]);
    expect(answer.runs.length + answer.planned.length).toBe(60);
    expect(answer.cut).toBe(144 + 290 - 60);
    expect(answer.runs.filter((run) => run.state === 'failed')).toHaveLength(12);
    expect(answer.planned.map((run) => run.scheduleId)).toContain(rare);
  });

  it('looks at chosen schedules only, also at one that is gone', () => {
    const kept = desk.addSchedule('kept', 'daily 02:00');
    const gone = desk.addSchedule('gone', 'daily 02:00');
    desk.addRun(kept, '2026-11-11T02:00:00Z', 'succeeded');
    desk.addRun(gone, '2026-11-11T02:00:00Z', 'failed');
    desk.schedules.remove(gone);
    const answer = readCalendar(desk.context, { ...month, scheduleIds: [gone] });
    expect(answer.runs.map((run) => run.scheduleId)).toEqual([gone]);
    expect(answer.planned).toEqual([]);
    expect(readCalendar(desk.context, month).runs).toHaveLength(2);
  });

  it('a year has all its days; days are as long as the zone makes them', () => {
    const { counts } = countDays(desk.context, { ...month, from: at('2028-01-01T00:00Z'), to: at('2029-01-01T00:00Z') });
    expect(counts).toHaveLength(366);
    const apia = daysOf(at('2011-12-29T10:00Z'), at('2012-01-01T10:00Z'), 'Pacific/Apia');
    expect(apia.map((day) => day.day)).toEqual(['2011-12-29', '2011-12-31', '2012-01-01']);
    const berlin = daysOf(at('2026-10-24T22:00Z'), at('2026-10-25T23:00Z'), 'Europe/Berlin');
    expect(berlin.map((day) => [day.day, (day.to - day.from) / 3_600_000])).toEqual([['2026-10-25', 25]]);
  });

  it('shares room out by the smallest days first', () => {
    expect(fairShare([10, 0, 1, 100], 40)).toEqual([10, 0, 1, 29]);
    expect(fairShare([100, 100], 41)).toEqual([20, 21]);
    expect(fairShare([1, 2], 10)).toEqual([1, 2]);
  });
});

describe('slots to come', () => {
  it('are those of all schedules in order, up to the limit', () => {
    desk.addSchedule('nightly', 'daily 02:00');
    desk.addSchedule('yearly', 'cron 0 0 29 2 *');
    desk.addSchedule('off', 'daily 02:00', { enabled: false });
    const span = { from: desk.now() + 1, to: null };
    const first = nextRuns(desk.context, desk.schedules.list(), span, 3);
    expect(first.runs.map((run) => run.at)).toEqual(['2026-11-11T02:00:00.000Z', '2026-11-12T02:00:00.000Z', '2026-11-13T02:00:00.000Z']);
    expect(first.cut).toBe(true);
    const leap = nextRuns(
      desk.context,
      desk.schedules.list().filter((schedule) => schedule.fields.name === 'yearly'),
      span,
      2,
    );
    expect(leap.runs.map((run) => run.at.slice(0, 10))).toEqual(['2028-02-29', '2032-02-29']);
  });

  it('takes in the beginning of a span and leaves out its end', () => {
    desk.addSchedule('nightly', 'daily 02:00');
    const span = { from: at('2026-11-20T02:00Z'), to: at('2026-11-21T02:00Z') };
    expect(nextRuns(desk.context, desk.schedules.list(), span, 10)).toMatchObject({
      runs: [{ at: '2026-11-20T02:00:00.000Z' }],
      cut: false,
    });
  });

  it('expects what the last five good runs took', () => {
    const nightly = desk.addSchedule('nightly', 'daily 02:00');
    expect(nextRuns(desk.context, desk.schedules.list(), { from: desk.now(), to: null }, 1).runs[0]?.expectedMs).toBeNull();
    [900, 100, 200, 300, 400, 500].forEach((durationMs, index) => {
      desk.addRun(nightly, `2026-11-1${index + 1}T02:00:00Z`, index % 2 === 0 ? 'succeeded' : 'caught-up', { durationMs });
    });
    desk.addRun(nightly, '2026-11-19T02:00:00Z', 'failed', { durationMs: 90_000 });
    expect(expectedDurations(desk.context.catalog)).toEqual(new Map([[nightly, 300]]));
  });
});

it('history is newest first, in pages, by schedule, time and state', () => {
  const nightly = desk.addSchedule('nightly', 'daily 02:00');
  const other = desk.addSchedule('other', 'daily 02:00');
  for (const day of [11, 12, 13]) desk.addRun(nightly, `2026-11-${day}T02:00:00Z`, day === 12 ? 'failed' : 'succeeded');
  desk.addRun(other, '2026-11-12T02:00:00Z', 'succeeded');
  const days = (filter: Partial<Parameters<typeof readHistory>[1]>) => {
    const { runs, total } = readHistory(desk.context.catalog, { limit: 10, offset: 0, ...filter });
    return [runs.map((run) => Number(run.plannedAt.slice(8, 10))), total];
  };
  expect(days({})).toEqual([[13, 12, 12, 11], 4]);
  expect(days({ limit: 1, offset: 1, scheduleId: nightly })).toEqual([[12], 3]);
  expect(days({ state: 'failed' })).toEqual([[12], 1]);
  expect(days({ from: at('2026-11-12T02:00Z'), to: at('2026-11-13T02:00Z') })).toEqual([[12, 12], 2]);
});

describe('load', () => {
  it('shows where more begin at one server than may run', () => {
    desk.addSchedule('first', 'daily 02:00');
    desk.addSchedule('second', 'daily 02:05');
    desk.addSchedule('later', 'daily 04:00');
    desk.addSchedule('cleanup', 'daily 02:00', { task: { kind: 'cleanup', profileId: null } });
    const { days, clashes } = readLoad(desk.context, 2, 'UTC');
    expect(days).toEqual([
      { day: '2026-11-10', runs: 0, busyMs: 0, mostAtOnce: 0, clashes: 0 },
      { day: '2026-11-11', runs: 4, busyMs: 2_400_000, mostAtOnce: 3, clashes: 2 },
    ]);
    expect(clashes[0]).toEqual({
      at: '2026-11-11T02:05:00.000Z',
      until: '2026-11-11T02:10:00.000Z',
      server: 'db.test:5432',
      schedules: ['first', 'second'],
      text: '2 runs at once from 02:05 to 02:10 on db.test:5432, where 1 may run: first, second. The others wait.',
    });
    expect(clashes[1]).toMatchObject({ server: 'all servers', schedules: ['cleanup', 'first', 'second'] });
  });

  it('keeps apart clashes with room between them', () => {
    const schedule = {} as never;
    const runs = [
      [0, 10],
      [5, 15],
      [12, 20],
      [30, 40],
      [40, 50],
    ].map(([from = 0, to = 0]) => ({ schedule, from, to }));
    expect(clashesOf(runs, 1).map((clash) => [clash.from, clash.to, clash.most])).toEqual([
      [5, 10, 2],
      [12, 15, 2],
    ]);
  });
});

describe('a rule that is not saved', () => {
  it('says what clock changes do to it', () => {
    const notes = (rule: string, zone: string) => notesOf(parseWhen(rule), zone, at('2026-01-01T00:00Z'));
    expect(notes('daily 02:30', 'Europe/Berlin')).toEqual([
      '02:30 does not exist on 29 March 2026 in Europe/Berlin: it runs at 03:00.',
      '02:30 comes twice on 25 October 2026 in Europe/Berlin: it runs once, the first time.',
    ]);
    expect(notes('cron 0,30 2 * * *', 'Europe/Berlin')[0]).toBe(
      '02:00 and 02:30 do not exist on 29 March 2026 in Europe/Berlin: they run once, at 03:00.',
    );
    expect(notes('daily 04:00', 'Europe/Berlin')).toEqual([]);
    expect(notes('daily 02:30', 'UTC')).toEqual([]);
    expect(notesOf(parseWhen('daily 00:00'), 'Pacific/Apia', at('2011-12-01T00:00Z'))[0]).toBe(
      '00:00 does not exist on 30 December 2011 in Pacific/Apia: it runs at 00:00 on 31 December 2011.',
    );
  });

  it('gives words and the next slots', () => {
    expect(tryRule(parseWhen('daily 02:00'), 'UTC', 2, desk.now())).toEqual({
      words: 'every day at 02:00 (UTC)',
      next: ['2026-11-11T02:00:00.000Z', '2026-11-12T02:00:00.000Z'],
      notes: [],
    });
  });
});
