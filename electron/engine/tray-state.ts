// What the tray says about this catalog, whoever works on it: the worst first, then what was last and what comes next.
import { backupOptions } from '../../shared/contract/backups.ts';
import type { PlannedRun, ScheduledRun, SchedulerStatus } from '../../shared/contract/schedules.ts';
import { formatAgo, formatDuration } from '../../shared/format.ts';
import { startBackup } from './backups/start.ts';
import { isOpenEnded } from '../../shared/schedules/pauses.ts';
import type { EngineContext } from './context.ts';

export type TrayState = {
  kind: 'idle' | 'running' | 'attention' | 'paused';
  /** The state in one line. */
  text: string;
  /** What stands besides, worst first. */
  notes: string[];
  last: string | null;
  next: string | null;
  /** `none`: there is no schedule to pause. */
  pause: 'none' | 'possible' | 'paused';
  profiles: { id: string; name: string }[];
  /** How many alarms stand: the badge. */
  alarms: number;
};

type Seen = Pick<EngineContext, 'ports' | 'catalog' | 'jobs' | 'profiles'>;

type LastBackup = { status: string; database: string; at: string; origin: string };

/** `status`: as `schedules.status` answers. Times are told on this machine's clock. */
export function trayStateOf(context: Seen, status: SchedulerStatus): TrayState {
  const now = context.ports.clock();
  const running = runningLine(context);
  const backup = lastBackup(context);
  const alarms = status.alarms.map((alarm) => alarm.text);
  const paused = status.pausedUntil === null ? null : `Paused until ${pauseWords(status.pausedUntil, now)}`;
  const failed =
    alarms.length === 0 && backup !== null && !good(backup) && backup.status !== 'running' && backup.origin !== 'schedule'
      ? [backupWords(backup)]
      : [];
  const bad = [...alarms, ...failed];
  const lines = [...(running === null ? [] : [running]), ...bad, ...(paused === null ? [] : [paused])];
  const [text = backup === null ? 'No backup yet' : good(backup) ? backupWords(backup) : 'Ready', ...notes] = lines;
  const anySchedule = context.catalog.prepare<[], { one: number }>('select 1 as one from schedules limit 1').get() !== undefined;
  return {
    kind: running !== null ? 'running' : bad.length > 0 ? 'attention' : paused !== null ? 'paused' : 'idle',
    text,
    notes,
    last: lastLine(status.last, backup, now),
    next: status.next === null ? null : nextLine(status.next, now),
    pause: paused !== null ? 'paused' : anySchedule ? 'possible' : 'none',
    profiles: context.profiles.list().map(({ id, name }) => ({ id, name })),
    alarms: bad.length,
  };
}

/** Backs up a profile's own database with its defaults. */
export async function backUpProfile(context: EngineContext, profileId: string): Promise<void> {
  await startBackup(context, { profileId, options: backupOptions.parse({}), origin: 'manual' });
}

const pauseWords = (until: string, now: number): string =>
  isOpenEnded(until, now) ? 'somebody resumes' : timeWords(Date.parse(until), now);

/** Midnight after `now` on this machine's clock, in milliseconds since 1970. */
function tomorrow(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1).getTime();
}

function runningLine(context: Seen): string | null {
  const running = context.jobs.store.list(true, 100).flatMap((job) => (job.status === 'running' ? [job] : []));
  const [first] = running;
  if (first === undefined) return null;
  const fractions = running.flatMap((job) => (job.progress.fraction === null ? [] : [job.progress.fraction]));
  // Jobs that cannot tell how far they are leave the number to those that can.
  const done = fractions.length === 0 ? '' : `: ${Math.floor((100 * fractions.reduce((sum, one) => sum + one, 0)) / fractions.length)} %`;
  return `${running.length === 1 ? first.title : `${running.length} jobs running`}${done}`;
}

function lastBackup(context: Seen): LastBackup | null {
  const row = context.catalog
    .prepare<[], LastBackup>(
      `select status, database, coalesce(finished_at, started_at) as at, origin from backups where job_id is not null
       order by started_at desc limit 1`,
    )
    .get();
  return row ?? null;
}

const good = (backup: LastBackup): boolean => backup.status === 'succeeded';
const backupWords = (backup: LastBackup): string => `Last backup of ${backup.database}: ${good(backup) ? 'good' : backup.status}`;

const stateWords: Record<ScheduledRun['state'], string> = {
  succeeded: 'good',
  'caught-up': 'caught up',
  failed: 'failed',
  missed: 'missed',
  skipped: 'skipped',
  cancelled: 'cancelled',
  running: 'running',
};

/** The newest run of a schedule; or the newest backup that somebody asked for, where that is newer. */
function lastLine(run: ScheduledRun | null, backup: LastBackup | null, now: number): string | null {
  const runAt = run === null ? null : Date.parse(run.finishedAt ?? run.plannedAt);
  if (backup !== null && backup.origin !== 'schedule' && backup.status !== 'running' && (runAt === null || Date.parse(backup.at) > runAt))
    return `${backupWords(backup)}, ${formatAgo(Date.parse(backup.at), now)}`;
  if (run === null || runAt === null) return null;
  return `Last run: ${run.schedule}, ${stateWords[run.state]}, ${formatAgo(runAt, now)}`;
}

function nextLine(next: PlannedRun, now: number): string {
  const at = Date.parse(next.at);
  const away = Math.round((at - now) / 60_000) * 60_000;
  const inWords = away < 60_000 ? 'now' : `in ${formatDuration(away).replace(/ 00 s$/, '')}`;
  return `Next run: ${next.schedule}, ${timeWords(at, now)} (${inWords})${next.paused ? ', paused' : ''}`;
}

/** `02:00` today, `tomorrow 02:00`, `Mon 02:00` within a week, else with the date. */
function timeWords(at: number, now: number): string {
  const time = new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (at < tomorrow(now)) return time;
  if (at < tomorrow(tomorrow(now))) return `tomorrow ${time}`;
  const days: Intl.DateTimeFormatOptions = at - now < 6 * 86_400_000 ? { weekday: 'short' } : { day: 'numeric', month: 'short' };
  return `${new Date(at).toLocaleDateString('en-GB', days)} ${time}`;
}
