import type { ScheduleFields } from '../../../shared/contract/schedules.ts';
import type { EmptyPlace } from './view-props.ts';
import { startOfDay } from './zone.ts';

/** What a new schedule starts from when somebody points at an empty place of the calendar: daily at that time, from that
 * day on where it is still to come. */
export function draftFor(place: EmptyPlace, zone: string, now: number): Partial<ScheduleFields> {
  const begin = startOfDay(place.day, zone);
  return {
    when: { kind: 'daily', time: place.time ?? '02:00' },
    timeZone: zone,
    ...(begin > now ? { startsAt: new Date(begin).toISOString() } : {}),
  };
}
