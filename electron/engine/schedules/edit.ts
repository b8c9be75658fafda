// Schedules made, changed, switched and removed. Whatever has come by then is settled by the old rule first.
import type { ScheduleFields, Task } from '../../../shared/contract/schedules.ts';
import { scheduleFields } from '../../../shared/contract/schedules.ts';
import { retentionRule } from '../../../shared/contract/retention.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { newId } from '../ids.ts';
import { endRun, openDesk, type Desk } from './desk.ts';
import { onlyWaits } from './overlap.ts';
import { nextPlanned } from './planned.ts';
import { settle } from './settle.ts';
import { iso, type ScheduleStore, type StoredSchedule } from './store.ts';
import { requireGoodWhen, slotsBetween } from './when/slots.ts';

export type ScheduleEditor = ReturnType<typeof scheduleEditor>;

export function scheduleEditor(context: EngineContext) {
  const desk = openDesk(context);
  const { schedules } = desk;
  const { catalog } = context;

  const check = (fields: ScheduleFields, ownId: string | null): void => {
    requireGoodWhen(fields.when);
    requireSpan(fields);
    if (fields.task.profileId !== null) context.profiles.get(fields.task.profileId);
    const other = schedules.idOfName(fields.name);
    if (other !== null && other !== ownId)
      throw new HowdahError('ALREADY_EXISTS', `There is already a schedule named "${fields.name}".`, {
        hint: 'Choose another name, or edit that schedule.',
      });
  };
  const add = (fields: ScheduleFields): StoredSchedule => {
    check(fields, null);
    const id = newId('sch');
    const now = desk.now();
    schedules.insert(id, fields, { settledAt: now, nextAt: nextPlanned({ fields, changes: [] }, now), now });
    return schedules.get(id);
  };
  const write = (id: string, fields: ScheduleFields): void => {
    const now = desk.now();
    const before = schedules.get(id);
    schedules.update(id, fields, now);
    if (!fields.enabled) skipWaiting(desk, id);
    dropLostChanges(schedules, id);
    // No slot of another rule before this moment, and none that has its record already.
    const settledAt = before.fields.enabled ? Math.max(now, before.settledAt) : now;
    schedules.settled(id, settledAt, nextPlanned(schedules.get(id), settledAt));
  };
  const changed = <T>(value: T): T => {
    context.events.emit({ kind: 'catalogChanged' });
    context.scheduler.wake();
    return value;
  };

  return {
    /** Errors: ALREADY_EXISTS (name), NOT_FOUND (profile), BAD_INPUT (cron, span). */
    create: (fields: ScheduleFields): StoredSchedule => changed(catalog.transaction(() => add(fields)).immediate()),
    /** Errors: as `create`, and NOT_FOUND. */
    update(id: string, fields: ScheduleFields): StoredSchedule {
      return changed(
        catalog
          .transaction(() => {
            schedules.get(id);
            check(fields, id);
            settle(desk, id, null);
            write(id, fields);
            return schedules.get(id);
          })
          .immediate(),
      );
    },
    setEnabled(id: string, enabled: boolean): StoredSchedule {
      return changed(
        catalog
          .transaction(() => {
            const { fields } = schedules.get(id);
            if (fields.enabled === enabled) return schedules.get(id);
            settle(desk, id, null);
            write(id, { ...fields, enabled });
            return schedules.get(id);
          })
          .immediate(),
      );
    },
    remove(id: string): void {
      catalog
        .transaction(() => {
          schedules.get(id);
          settle(desk, id, null);
          skipWaiting(desk, id);
          schedules.remove(id);
        })
        .immediate();
      changed(null);
    },
    /** Nightly, hourly quick, cleanup, and a retention rule where the profile has none. Errors: NOT_FOUND (profile). */
    addPreset(profileId: string, timeZone: string): StoredSchedule[] {
      const backup = (options: object): Task => ({ kind: 'backup', profileId, databases: { kind: 'profile' }, options }) as unknown as Task;
      const wanted = [
        { name: 'Nightly backup', task: backup({}), when: { kind: 'daily', time: '02:00' }, colour: '#4c6ef5' },
        {
          name: 'Hourly quick backup',
          task: backup({ quick: true }),
          when: { kind: 'hourly', fromHour: 9, toHour: 17 },
          colour: '#12b886',
        },
        { name: 'Cleanup', task: { kind: 'cleanup', profileId }, when: { kind: 'daily', time: '03:00' }, colour: '#868e96' },
      ];
      return changed(
        catalog
          .transaction(() => {
            context.profiles.get(profileId);
            const rule = retentionRule.parse({ keepLast: 7, daily: 14, weekly: 8, monthly: 12, keepAtLeast: 3 });
            catalog
              .prepare('insert into retention (scope, rule, updated_at) values (?, ?, ?) on conflict (scope) do nothing')
              .run(`profile:${profileId}`, JSON.stringify(rule), iso(desk.now()));
            return wanted.map((fields) => add(scheduleFields.parse({ ...fields, name: freeName(desk, fields.name), timeZone })));
          })
          .immediate(),
      );
    },
    /** Slots that come until then are on record as skipped. Errors: BAD_INPUT (no time to come). */
    pause(until: string | null): void {
      const end = until === null ? null : Date.parse(until);
      if (end !== null && !(end > desk.now()))
        throw new HowdahError('BAD_INPUT', 'A pause ends at a time to come.', { hint: 'Give a later time, as 2026-11-22T08:00:00Z.' });
      desk.pauses.set(end, desk.now());
      changed(null);
    },
  };
}

/** Moves and skips of slots that the rule no longer has: else they would run beside its new ones. A slot that was moved past its
 * own time still has to come. */
export function dropLostChanges(schedules: ScheduleStore, id: string): void {
  const { changes, fields, settledAt } = schedules.get(id);
  for (const { slotAt } of changes)
    if (slotAt > settledAt && slotsBetween(fields, slotAt - 1, slotAt).length === 0) schedules.dropChange(id, slotAt);
}

/** What waits is over; what works goes on. */
function skipWaiting(desk: Desk, id: string): void {
  for (const row of desk.runs.open(id)) {
    if (onlyWaits(row)) endRun(desk, row, { state: 'skipped', reason: 'removed' });
  }
}

function requireSpan({ startsAt, endsAt }: ScheduleFields): void {
  for (const at of [startsAt, endsAt])
    if (at !== null && Number.isNaN(Date.parse(at)))
      throw new HowdahError('BAD_INPUT', `"${at}" is not an ISO time.`, { hint: 'Give it as 2026-11-22T08:00:00Z.' });
  if (startsAt !== null && endsAt !== null && Date.parse(startsAt) >= Date.parse(endsAt))
    throw new HowdahError('BAD_INPUT', 'The schedule would end before it starts.', { hint: 'Give an end after the start, or none.' });
}

function freeName(desk: Desk, name: string): string {
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${name} ${number}`;
    if (desk.schedules.idOfName(tried) === null) return tried;
  }
}
