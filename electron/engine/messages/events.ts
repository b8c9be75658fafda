// What an end of a run means for those who asked to be told.
import type { ChannelFields, MessageEvent } from '../../../shared/contract/messages.ts';
import type { ScheduledRun } from '../../../shared/contract/schedules.ts';
import type { Sqlite } from '../catalog/open.ts';
import type { Told } from './told.ts';

/** The events that it is, the most telling first: a channel gets the first that it asked for, once. */
export type Meaning = { events: MessageEvent[]; scheduleId: string | null };

/** Null: nobody is told. `recovers`: see `recoveryOf`. */
export function meaningOf(told: Told, recovers: (run: ScheduledRun) => boolean): Meaning | null {
  switch (told.kind) {
    case 'run-started':
      return null;
    case 'run-ended':
      return endOf(told.run, recovers);
    case 'slots-missed': {
      const [newest] = told.runs;
      return newest === undefined ? null : { events: ['missed'], scheduleId: newest.scheduleId };
    }
    case 'alarm':
      return { events: [told.alarm], scheduleId: told.scheduleId };
    case 'cleanup-failed':
      return { events: ['cleanup-failed'], scheduleId: null };
  }
}

function endOf(run: ScheduledRun, recovers: (run: ScheduledRun) => boolean): Meaning | null {
  const { scheduleId } = run;
  switch (run.state) {
    case 'failed':
      return { events: run.kind === 'cleanup' ? ['cleanup-failed', 'failed'] : ['failed'], scheduleId };
    case 'succeeded':
    case 'caught-up':
      return { events: recovers(run) ? ['recovered', 'succeeded'] : ['succeeded'], scheduleId };
    case 'cancelled':
      // Nobody asked for that one: there is no backup, as after a failure.
      return run.reason === 'window-end' ? { events: ['failed'], scheduleId } : null;
    case 'missed':
    case 'skipped':
    case 'running':
      return null;
  }
}

/** A run recovers where the schedule's newest earlier run with an outcome failed or was missed.
 * What was skipped or cancelled by hand says nothing either way. A catch-up always does: its own slot had been missed. */
export function recoveryOf(catalog: Sqlite): (run: ScheduledRun) => boolean {
  const before = catalog.prepare<[string, string, string], { state: string }>(
    `select state from runs
     where schedule_id = ? and planned_at < ? and id <> ?
       and (state in ('succeeded', 'caught-up', 'failed', 'missed') or (state = 'cancelled' and reason = 'window-end'))
     order by planned_at desc limit 1`,
  );
  return (run) => {
    if (run.state === 'caught-up') return true;
    const earlier = before.get(run.scheduleId, run.plannedAt, run.id);
    return earlier !== undefined && earlier.state !== 'succeeded' && earlier.state !== 'caught-up';
  };
}

/** Which address of a dead man's ping to call; null: none. */
export function pingOf(told: Told): 'start' | 'success' | 'fail' | null {
  if (told.kind === 'run-started') return 'start';
  if (told.kind !== 'run-ended') return null;
  switch (told.run.state) {
    case 'succeeded':
    case 'caught-up':
      return 'success';
    case 'failed':
      return 'fail';
    case 'cancelled':
      return told.run.reason === 'window-end' ? 'fail' : null;
    case 'missed':
    case 'skipped':
    case 'running':
      return null;
  }
}

/** Whether a ping channel speaks for that run. Cleanups only where they are named: they must not vouch for backups. */
export const pingsFor = (channel: ChannelFields, run: ScheduledRun): boolean =>
  channel.scheduleIds.length === 0 ? run.kind === 'backup' : channel.scheduleIds.includes(run.scheduleId);

/** What the channel is told of it; null: nothing. What belongs to no schedule reaches every channel. */
export function wantedEvent(channel: ChannelFields, meaning: Meaning): MessageEvent | null {
  const about = meaning.scheduleId === null || channel.scheduleIds.length === 0 || channel.scheduleIds.includes(meaning.scheduleId);
  return about ? (meaning.events.find((event) => channel.events.includes(event)) ?? null) : null;
}
