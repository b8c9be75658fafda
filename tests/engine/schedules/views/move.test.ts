import { beforeEach, describe, expect, it } from 'vitest';
import { dropLostChanges } from '../../../../electron/engine/schedules/edit.ts';
import { bringAlong, moveAll, movedRule, moveOne, skipOne } from '../../../../electron/engine/schedules/views/move.ts';
import { plannedSlots } from '../../../../electron/engine/schedules/planned.ts';
import { parseWhen, whenText } from '../../../../shared/schedules/text.ts';
import { makeDesk, type Desk } from './desk.ts';

let desk: Desk;
let nightly: string;
beforeEach(async () => {
  desk = await makeDesk('2026-11-21T12:00:00Z');
  nightly = desk.addSchedule('nightly', 'daily 02:00');
});

const at = (text: string): number => Date.parse(text);
const move = (from: string, to: string) => moveOne(desk.context, nightly, at(from), at(to));
const skip = (from: string, yes: boolean) => skipOne(desk.context, nightly, at(from), yes);
const code = (run: () => unknown): unknown => {
  try {
    run();
  } catch (thrown) {
    return (thrown as { code: unknown }).code;
  }
  return null;
};
const planned = (): string[] =>
  plannedSlots(desk.get(nightly), at('2026-11-21T12:00Z'), at('2026-11-24T12:00Z')).map(
    (slot) => `${new Date(slot.at).toISOString().slice(8, 16)}${slot.skipped ? ' skipped' : slot.movedFrom === null ? '' : ' moved'}`,
  );

describe('one slot', () => {
  it('is at its new time only, and what comes next is known at once', () => {
    move('2026-11-22T02:00Z', '2026-11-21T20:00Z');
    expect(planned()).toEqual(['21T20:00 moved', '23T02:00', '24T02:00']);
    expect(desk.get(nightly).nextAt).toBe(at('2026-11-21T20:00Z'));
  });

  it('can be moved again, and back', () => {
    move('2026-11-22T02:00Z', '2026-11-22T05:00Z');
    move('2026-11-22T05:00Z', '2026-11-22T06:00Z');
    expect(desk.get(nightly).changes).toEqual([{ slotAt: at('2026-11-22T02:00Z'), movedTo: at('2026-11-22T06:00Z') }]);
    move('2026-11-22T06:00Z', '2026-11-22T02:00Z');
    expect(desk.get(nightly).changes).toEqual([]);
    expect(planned()).toEqual(['22T02:00', '23T02:00', '24T02:00']);
  });

  it.each([
    ['into the past', '2026-11-22T02:00Z', '2026-11-21T11:00Z', 'BAD_INPUT'],
    ['onto another', '2026-11-22T02:00Z', '2026-11-23T02:00Z', 'BAD_INPUT'],
    ['to a broken minute', '2026-11-22T02:00Z', '2026-11-22T03:00:30Z', 'BAD_INPUT'],
    ['that is none', '2026-11-22T02:01Z', '2026-11-22T03:00Z', 'NOT_FOUND'],
    ['that has been', '2026-11-21T02:00Z', '2026-11-22T03:00Z', 'NOT_FOUND'],
  ])('%s', (_what, from, to, expected) => {
    expect(code(() => move(from, to))).toBe(expected);
    expect(desk.get(nightly).changes).toEqual([]);
  });

  it('is not moved to where one was moved away from, nor beyond the end', () => {
    move('2026-11-23T02:00Z', '2026-11-23T05:00Z');
    expect(code(() => move('2026-11-22T02:00Z', '2026-11-23T02:00Z'))).toBe('BAD_INPUT');
    const ending = desk.addSchedule('ending', 'daily 02:00', { endsAt: '2026-11-24T00:00:00.000Z' });
    expect(code(() => moveOne(desk.context, ending, at('2026-11-23T02:00Z'), at('2026-11-24T01:00Z')))).toBe('BAD_INPUT');
  });
});

describe('skipping', () => {
  it('marks the slot, and takes that back', () => {
    skip('2026-11-22T02:00Z', true);
    expect(planned()).toEqual(['22T02:00 skipped', '23T02:00', '24T02:00']);
    expect(code(() => skip('2026-11-22T02:00Z', true))).toBe('NOT_FOUND');
    skip('2026-11-22T02:00Z', false);
    expect(planned()).toEqual(['22T02:00', '23T02:00', '24T02:00']);
    expect(code(() => skip('2026-11-22T02:00Z', false))).toBe('NOT_FOUND');
  });

  it('takes a move back by the new time', () => {
    move('2026-11-22T02:00Z', '2026-11-22T05:00Z');
    skip('2026-11-22T05:00Z', false);
    expect(planned()).toEqual(['22T02:00', '23T02:00', '24T02:00']);
  });

  it('keeps a record of a moved one whose own time is past', () => {
    move('2026-11-22T02:00Z', '2026-11-22T05:00Z');
    desk.setNow('2026-11-22T03:00:00Z');
    desk.settle(nightly, '2026-11-22T03:00:00Z');
    expect(code(() => skip('2026-11-22T05:00Z', false))).toBe('BAD_INPUT');
    skip('2026-11-22T05:00Z', true);
    expect(desk.runs.last(nightly)).toMatchObject({ plannedAt: '2026-11-22T05:00:00.000Z', state: 'skipped', reason: 'by-user' });
    expect(desk.get(nightly).nextAt).toBe(at('2026-11-23T02:00Z'));
  });
});

describe('the rule with all that follow', () => {
  it.each([
    ['daily 02:00', '2026-11-22T02:00', '2026-11-22T04:30', 'daily 04:30'],
    ['daily 02:00', '2026-11-22T02:00', '2026-11-24T23:00', 'daily 23:00'],
    ['weekly mon,thu 02:00', '2026-11-23T02:00', '2026-11-24T03:00', 'weekly tue,thu 03:00'],
    ['weekly mon 02:00', '2026-11-23T02:00', '2026-11-23T03:00', 'weekly mon 03:00'],
    ['monthly 1 02:00', '2026-12-01T02:00', '2026-12-03T02:00', 'monthly 3 02:00'],
    ['monthly 31 02:00', '2027-02-28T02:00', '2027-02-28T05:00', 'monthly 31 05:00'],
    ['monthly last 02:00', '2026-11-30T02:00', '2026-11-29T02:00', 'monthly 29 02:00'],
    ['monthly last 02:00', '2026-11-30T02:00', '2026-12-31T04:00', 'monthly last 04:00'],
    ['hourly 9-17', '2026-11-23T10:00', '2026-11-23T10:45', 'hourly 9-17 :45'],
  ])('%s: from %s to %s is %s', (rule, from, to, expected) => {
    expect(whenText(movedRule(parseWhen(rule), at(`${from}Z`), at(`${to}Z`)))).toBe(expected);
  });

  it.each([
    ['weekly mon,tue 02:00', '2026-11-23T02:00', '2026-11-24T02:00'],
    ['hourly 9-17', '2026-11-23T10:00', '2026-11-23T11:00'],
    ['hourly 9-17', '2026-11-23T10:00', '2026-11-24T10:00'],
    ['cron 0 2 * * *', '2026-11-23T02:00', '2026-11-23T03:00'],
  ])('%s cannot go from %s to %s', (rule, from, to) => {
    expect(code(() => movedRule(parseWhen(rule), at(`${from}Z`), at(`${to}Z`)))).toBe('BAD_INPUT');
  });

  it('forgets moves and skips of slots that the new rule lacks', () => {
    move('2026-11-23T02:00Z', '2026-11-23T05:00Z');
    skip('2026-11-24T02:00Z', true);
    const fields = moveAll(desk.context, nightly, at('2026-11-22T02:00Z'), at('2026-11-22T04:00Z'));
    desk.schedules.update(nightly, fields, desk.now());
    dropLostChanges(desk.schedules, nightly);
    bringAlong(desk.context, nightly, at('2026-11-22T02:00Z'), at('2026-11-22T04:00Z'));
    expect(planned()).toEqual(['22T04:00', '23T04:00', '24T04:00']);
    expect(desk.get(nightly).nextAt).toBe(at('2026-11-22T04:00Z'));
  });

  it('keeps a slot whose own time is past: it comes where it was dragged', () => {
    move('2026-11-22T02:00Z', '2026-11-22T05:00Z');
    desk.setNow('2026-11-22T03:00:00Z');
    desk.settle(nightly, '2026-11-22T03:00:00Z');
    const fields = moveAll(desk.context, nightly, at('2026-11-22T05:00Z'), at('2026-11-22T06:00Z'));
    desk.schedules.update(nightly, fields, desk.now());
    dropLostChanges(desk.schedules, nightly);
    bringAlong(desk.context, nightly, at('2026-11-22T05:00Z'), at('2026-11-22T06:00Z'));
    expect(plannedSlots(desk.get(nightly), desk.now(), at('2026-11-23T12:00Z')).map((slot) => slot.at)).toEqual([
      at('2026-11-22T06:00Z'),
      at('2026-11-23T06:00Z'),
    ]);
  });

  it('reads the wall clock of the schedule’s zone', () => {
    const id = desk.addSchedule('berlin', 'weekly mon 00:30', { timeZone: 'Europe/Berlin' });
    const fields = moveAll(desk.context, id, at('2026-11-22T23:30Z'), at('2026-11-23T23:15Z'));
    expect(whenText(fields.when)).toBe('weekly tue 00:15');
  });
});
