// What each choice of the editor will lead to, in one sentence (docs/schedules.md).
import { plural } from '../../ui/format.ts';
import { graceSeconds, type ScheduleForm } from './form.ts';
import { parseWallTime } from './wall-time.ts';

export function missedWords(form: Pick<ScheduleForm, 'missed' | 'grace' | 'graceUnit'>): string {
  switch (form.missed) {
    case 'runOnce':
      return 'One run is made as soon as the machine is awake, however many were missed; the next regular one runs all the same.';
    case 'grace':
      return `A missed run is made up for if it is at most ${spanWords(graceSeconds(form))} late; later than that, it is on record as missed and the next regular one is waited for.`;
    case 'skip':
      return 'Missed runs are on record as missed, and nothing is made up for: the next backup is the next regular one.';
  }
}

export function overlapWords(overlap: ScheduleForm['overlap']): string {
  switch (overlap) {
    case 'skip':
      return 'The run that goes on is left alone; the new one is on record as skipped.';
    case 'queue':
      return 'The new one starts when the old one has ended. At most one waits.';
    case 'cancel':
      return 'The old run is cancelled and leaves nothing behind, then the new one starts. A backup that always takes longer never ends well.';
  }
}

export function retryWords(retries: number): string {
  if (retries === 0) return 'It fails at the first fault, whatever it is.';
  const pauses = Array.from({ length: retries }, (_, index) => Math.min(2 ** index, 30));
  const shown = pauses.length > 5 ? `${pauses.slice(0, 4).join(', ')} … ${pauses.at(-1)}` : pauses.join(', ');
  return `After ${shown} ${retries === 1 ? 'minute' : 'minutes'}, for a server out of reach or a lock. A wrong password or a full disk fails at once.`;
}

export function windowWords(windowEnd: string): string {
  const time = parseWallTime(windowEnd);
  return time === null
    ? 'It may take as long as it takes.'
    : `A run that is still going at the next ${time} is cancelled and leaves nothing behind.`;
}

/** `2 hours`, `90 minutes`, `1 day`. */
export function spanWords(seconds: number): string {
  if (seconds % 86_400 === 0) return plural(seconds / 86_400, 'day');
  if (seconds % 3600 === 0) return plural(seconds / 3600, 'hour');
  return plural(Math.round(seconds / 60), 'minute');
}
