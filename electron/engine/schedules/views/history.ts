// Runs on record, newest first.
import type { RunState, ScheduledRun } from '../../../../shared/contract/schedules.ts';
import type { Sqlite } from '../../catalog/open.ts';
import { toRun, type RunRow } from '../runs-store.ts';
import { iso } from '../store.ts';

/** from <= planned < to, milliseconds since 1970. */
export type HistoryFilter = {
  scheduleId?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
  state?: RunState | undefined;
  limit: number;
  offset: number;
};

export function readHistory(catalog: Sqlite, filter: HistoryFilter): { runs: ScheduledRun[]; total: number } {
  const conditions: string[] = [];
  const values: string[] = [];
  const where = (condition: string, value: string | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  where('schedule_id = ?', filter.scheduleId);
  where('planned_at >= ?', filter.from === undefined ? undefined : iso(filter.from));
  where('planned_at < ?', filter.to === undefined ? undefined : iso(filter.to));
  where('state = ?', filter.state);
  const clause = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const total = catalog.prepare<unknown[], { count: number }>(`select count(*) as count from runs ${clause}`).get(...values)?.count ?? 0;
  const runs = catalog
    .prepare<unknown[], RunRow>(`select * from runs ${clause} order by planned_at desc, id limit ? offset ?`)
    .all(...values, filter.limit, filter.offset)
    .map(toRun);
  return { runs, total };
}
