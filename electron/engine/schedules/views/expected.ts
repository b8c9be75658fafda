// How long a schedule's runs take.
import type { Sqlite } from '../../catalog/open.ts';

/** The mean duration of the last five runs that ended well, by schedule id; absent where there is none. Milliseconds. */
export function expectedDurations(catalog: Sqlite): Map<string, number> {
  const rows = catalog
    .prepare<[], { id: string; mean: number | null }>(
      `select s.id as id, (select avg(duration_ms) from (
         select duration_ms from (
           select * from (select planned_at, duration_ms from runs where schedule_id = s.id and state = 'succeeded' order by planned_at desc limit 5)
           union all
           select * from (select planned_at, duration_ms from runs where schedule_id = s.id and state = 'caught-up' order by planned_at desc limit 5))
         order by planned_at desc limit 5)) as mean
       from schedules s`,
    )
    .all();
  return new Map(rows.flatMap(({ id, mean }) => (mean === null ? [] : [[id, Math.round(mean)] as const])));
}
