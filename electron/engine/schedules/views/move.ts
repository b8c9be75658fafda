// Slots moved and skipped by hand.
import type { ScheduleFields, When } from '../../../../shared/contract/schedules.ts';
import { assertNever, HowdahError } from '../../../../shared/errors.ts';
import type { EngineContext } from '../../context.ts';
import { newId } from '../../ids.ts';
import { nextPlanned, plannedSlots, type PlannedSlot } from '../planned.ts';
import { runsStore } from '../runs-store.ts';
import { iso, scheduleStore, type StoredSchedule } from '../store.ts';
import { slotsBetween } from '../when/slots.ts';
import { weekdayOf } from '../when/wall-slots.ts';
import { wallOf } from '../when/zones.ts';

const dayMs = 86_400_000;

/** Moves one slot. Errors: NOT_FOUND (no such slot to come), BAD_INPUT (past, not a whole minute, outside the schedule, another slot). */
export function moveOne(context: EngineContext, id: string, at: number, to: number): void {
  const { catalog } = context;
  catalog
    .transaction(() => {
      const store = scheduleStore(catalog);
      const schedule = store.get(id);
      const slot = slotAt(schedule, at);
      requireFreeTime(context, schedule, slot, to);
      const ruled = slot.movedFrom ?? slot.at;
      if (to === ruled) store.dropChange(id, ruled);
      else store.putChange(id, { slotAt: ruled, movedTo: to });
      planAgain(context, id);
    })
    .immediate();
}

/** Skips a slot, or takes that, or its move, back. Errors: NOT_FOUND, BAD_INPUT (its own time is past or taken). */
export function skipOne(context: EngineContext, id: string, at: number, skip: boolean): void {
  const { catalog } = context;
  catalog
    .transaction(() => {
      const store = scheduleStore(catalog);
      const schedule = store.get(id);
      if (skip) skipSlot(context, schedule, slotAt(schedule, at));
      else takeBack(context, schedule, at);
      planAgain(context, id);
    })
    .immediate();
}

function skipSlot(context: EngineContext, schedule: StoredSchedule, slot: PlannedSlot): void {
  const store = scheduleStore(context.catalog);
  const ruled = slot.movedFrom ?? slot.at;
  if (ruled > schedule.settledAt) {
    store.putChange(schedule.id, { slotAt: ruled, movedTo: null });
    return;
  }
  // It was moved to later, and its own time is past: nothing would come by there any more to write its record.
  store.dropChange(schedule.id, ruled);
  runsStore(context.catalog).insert({
    id: newId('run'),
    scheduleId: schedule.id,
    schedule: schedule.fields.name,
    kind: schedule.fields.task.kind,
    profile: schedule.profile,
    profileId: schedule.profileId,
    colour: schedule.fields.colour,
    plannedAt: iso(slot.at),
    state: 'skipped',
    trigger: 'slot',
    reason: 'by-user',
    detail: `Moved from ${iso(ruled)}.`,
    phase: null,
    owner: null,
    coveredBy: null,
    finishedAt: iso(context.ports.clock()),
  });
}

function takeBack(context: EngineContext, schedule: StoredSchedule, at: number): void {
  const change = schedule.changes.find(({ slotAt: ruled, movedTo }) => movedTo === at || (ruled === at && movedTo === null));
  if (change === undefined) throw noSuchSlot(schedule, at);
  if (change.slotAt <= Math.max(schedule.settledAt, context.ports.clock())) {
    throw new HowdahError('BAD_INPUT', 'The time that the schedule gives to this run is past.', {
      hint: 'Move it to a time to come, or skip it.',
    });
  }
  if (schedule.changes.some(({ movedTo }) => movedTo === change.slotAt)) throw taken(schedule, change.slotAt);
  scheduleStore(context.catalog).dropChange(schedule.id, change.slotAt);
}

/** The rule that has the slot where it was dragged, and with it all that follow. Errors: as `moveOne`, and BAD_INPUT for a rule
 * that has no one time. */
export function moveAll(context: EngineContext, id: string, at: number, to: number): ScheduleFields {
  const schedule = scheduleStore(context.catalog).get(id);
  const slot = slotAt(schedule, at);
  requireTimeToCome(context, schedule, to);
  const ruled = slot.movedFrom ?? slot.at;
  const { timeZone } = schedule.fields;
  return { ...schedule.fields, when: movedRule(schedule.fields.when, wallOf(ruled, timeZone), wallOf(to, timeZone)) };
}

/** After the rule was moved: a slot that had been moved past its own time still has to come, and comes where it was dragged. */
export function bringAlong(context: EngineContext, id: string, at: number, to: number): void {
  const { catalog } = context;
  catalog
    .transaction(() => {
      const store = scheduleStore(catalog);
      const { changes, settledAt } = store.get(id);
      for (const { slotAt: ruled, movedTo } of changes)
        if (ruled <= settledAt && movedTo === at) store.putChange(id, { slotAt: ruled, movedTo: to });
      planAgain(context, id);
    })
    .immediate();
}

/** Wall times, as milliseconds of the same digits in UTC. Errors: BAD_INPUT. */
export function movedRule(when: When, from: number, to: number): When {
  const time = iso(to).slice(11, 16);
  const day = Math.floor(to / dayMs);
  const sameDay = Math.floor(from / dayMs) === day;
  switch (when.kind) {
    case 'daily':
      return { ...when, time };
    case 'weekly': {
      const [dragged, target] = [weekdayOf(Math.floor(from / dayMs)), weekdayOf(day)];
      if (dragged !== target && when.days.includes(target)) {
        throw new HowdahError('BAD_INPUT', 'The schedule already runs on that day of the week.', {
          hint: 'Move this run only, or edit the days of the schedule.',
        });
      }
      return { ...when, days: when.days.map((each) => (each === dragged ? target : each)), time };
    }
    case 'monthly': {
      const date = new Date(to);
      const isLast = new Date(to + dayMs).getUTCDate() === 1;
      if (sameDay || (when.day === 'last' && isLast)) return { ...when, time };
      return { ...when, day: date.getUTCDate(), time };
    }
    case 'hourly':
      if (Math.floor(from / 3_600_000) === Math.floor(to / 3_600_000)) return { ...when, minute: new Date(to).getUTCMinutes() };
      throw new HowdahError('BAD_INPUT', 'An hourly schedule has no one time that could be moved to another hour.', {
        hint: 'Move this run only, move it within its hour, or edit the hours of the schedule.',
      });
    case 'cron':
      throw new HowdahError('BAD_INPUT', `A cron schedule (${when.expression}) cannot be moved as a whole.`, {
        hint: 'Move this run only, or edit the expression of the schedule.',
      });
    default:
      return assertNever(when);
  }
}

/** A slot that has no record yet, and is not skipped. */
function slotAt(schedule: StoredSchedule, at: number): PlannedSlot {
  const slot = at <= schedule.settledAt ? undefined : plannedSlots(schedule, at - 1, at)[0];
  if (slot === undefined || slot.skipped) throw noSuchSlot(schedule, at);
  return slot;
}

function requireTimeToCome(context: EngineContext, schedule: StoredSchedule, to: number): void {
  const refuse = (message: string, hint: string): never => {
    throw new HowdahError('BAD_INPUT', message, { hint });
  };
  if (to <= Math.max(context.ports.clock(), schedule.settledAt)) {
    refuse('A run cannot be moved into the past.', 'Choose a time to come, or run the schedule now.');
  }
  if (to % 60_000 !== 0) refuse('Runs begin at whole minutes.', 'Choose a time without seconds.');
  const { startsAt, endsAt } = schedule.fields;
  if ((startsAt !== null && to < Date.parse(startsAt)) || (endsAt !== null && to >= Date.parse(endsAt))) {
    refuse('The schedule has not begun by then, or has ended.', 'Choose a time between its start and its end, or edit those.');
  }
}

function requireFreeTime(context: EngineContext, schedule: StoredSchedule, slot: PlannedSlot, to: number): void {
  requireTimeToCome(context, schedule, to);
  const ruled = slot.movedFrom ?? slot.at;
  if (to === slot.at) return;
  const there = plannedSlots(schedule, to - 1, to).length > 0;
  // A slot that was itself moved away from there could be moved back.
  const ruledThere = to !== ruled && slotsBetween(schedule.fields, to - 1, to).length > 0;
  if (there || ruledThere || runsStore(context.catalog).at(schedule.id, to) !== null) throw taken(schedule, to);
}

/** What changed may come first now. */
function planAgain(context: EngineContext, id: string): void {
  const store = scheduleStore(context.catalog);
  const schedule = store.get(id);
  store.settled(id, schedule.settledAt, nextPlanned(schedule, schedule.settledAt));
}

const taken = (schedule: StoredSchedule, at: number): HowdahError =>
  new HowdahError('BAD_INPUT', `"${schedule.fields.name}" has another run at ${iso(at)}.`, {
    hint: 'Choose another time, or skip one of them.',
  });

const noSuchSlot = (schedule: StoredSchedule, at: number): HowdahError =>
  new HowdahError('NOT_FOUND', `"${schedule.fields.name}" has no run to come at ${iso(at)}.`, {
    hint: 'It may have run by now, or been moved. Look at the calendar again.',
  });
