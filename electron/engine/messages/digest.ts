// The digest of the week: Monday 08:00 on this machine's clock, the seven days before.
import { formatBytes, formatNumber } from '../../../shared/format.ts';
import type { Sqlite } from '../catalog/open.ts';
import { noData, type Message } from './message.ts';
import { timeIn } from './surroundings.ts';

/** The Monday 08:00 of this machine's clock that came last. Milliseconds since 1970. */
export function lastDigestTime(now: number): number {
  const at = new Date(now);
  at.setHours(8, 0, 0, 0);
  at.setDate(at.getDate() - ((at.getDay() + 6) % 7));
  if (at.getTime() > now) at.setDate(at.getDate() - 7);
  return at.getTime();
}

type Counts = {
  schedule_id: string;
  schedule: string;
  profile: string;
  succeeded: number;
  caughtUp: number;
  failed: number;
  missed: number;
  skipped: number;
  cancelled: number;
  bytes: number;
  last: string | null;
};

/** `scheduleIds`: only these; empty: all. `until`: the week's end. */
export function composeDigest(catalog: Sqlite, scheduleIds: string[], until: number, machineZone: string, now: number): Message {
  const start = new Date(until);
  start.setDate(start.getDate() - 7);
  const rows = catalog
    .prepare<[string, string], Counts>(
      `select schedule_id, max(schedule) as schedule, max(profile) as profile,
              sum(state = 'succeeded') as succeeded, sum(state = 'caught-up') as caughtUp, sum(state = 'failed') as failed,
              sum(state = 'missed') as missed, sum(state = 'skipped') as skipped, sum(state = 'cancelled') as cancelled,
              coalesce(sum(size_bytes), 0) as bytes,
              max(case when state in ('succeeded', 'caught-up') then planned_at end) as last
       from runs where planned_at >= ? and planned_at < ? and state <> 'running' and kind = 'backup' group by schedule_id`,
    )
    .all(start.toISOString(), new Date(until).toISOString())
    .filter((row) => scheduleIds.length === 0 || scheduleIds.includes(row.schedule_id));
  const silent = catalog
    .prepare<[string], { id: string; name: string }>(
      `select id, name from schedules where enabled = 1 and created_at < ? and json_extract(fields, '$.task.kind') = 'backup'`,
    )
    .all(start.toISOString())
    .filter((one) => scheduleIds.length === 0 || scheduleIds.includes(one.id))
    .filter((one) => !rows.some((row) => row.schedule_id === one.id));
  rows.sort((a, b) => b.failed - a.failed || b.missed - a.missed || a.schedule.localeCompare(b.schedule, 'en'));
  const sum = (pick: (row: Counts) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  const good = sum((row) => row.succeeded + row.caughtUp);
  const bad = [
    [sum((row) => row.failed), 'failed'],
    [sum((row) => row.missed), 'missed'],
    [sum((row) => row.cancelled), 'cancelled'],
  ].filter(([count]) => count !== 0);
  const words = [...bad.map(([count, word]) => `${count} ${word}`), `${good} succeeded`].join(', ');
  const clean = bad.length === 0 && good > 0;
  return {
    event: 'digest',
    tone: clean ? 'good' : 'attention',
    state: 'THE WEEK',
    subject: `The week's backups: ${words}`,
    summary: `From ${timeIn(start.toISOString(), machineZone)} until ${timeIn(new Date(until).toISOString(), machineZone)}: ${words}.${
      good === 0 ? ' No backup was made in this week.' : ''
    }${silent.length === 0 ? '' : ` Without any run: ${silent.map((one) => one.name).join(', ')}.`}`,
    facts: [
      { label: 'Succeeded', value: String(good) },
      { label: 'Failed', value: String(sum((row) => row.failed)) },
      { label: 'Missed', value: String(sum((row) => row.missed)) },
      { label: 'Skipped', value: String(sum((row) => row.skipped)) },
      { label: 'Size', value: formatBytes(sum((row) => row.bytes)) },
    ],
    items: {
      title: 'Schedules',
      lines: rows.map((row) => ({
        name: `${row.schedule} (${row.profile})`,
        state: row.failed > 0 ? 'failed' : row.missed > 0 ? 'missed' : row.succeeded + row.caughtUp > 0 ? 'fine' : 'nothing',
        detail: [
          formatNumber(row.succeeded + row.caughtUp, 'success', 'successes'),
          row.failed === 0 ? '' : `${row.failed} failed`,
          row.missed === 0 ? '' : `${row.missed} missed`,
          row.cancelled === 0 ? '' : `${row.cancelled} cancelled`,
          row.skipped === 0 ? '' : `${row.skipped} skipped`,
          row.bytes === 0 ? '' : formatBytes(row.bytes),
          row.last === null ? 'none ended well' : `last good ${timeIn(row.last, machineZone)}`,
        ]
          .filter((part) => part !== '')
          .join(', '),
      })),
    },
    error: null,
    at: new Date(now).toISOString(),
    page: 'schedules',
    data: noData,
  };
}
