// Schedules in several zones with two months of runs in every state, written straight into a catalog: what a calendar has
// to be able to show. The same every time, but for the clock it is counted from.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { catalogFileName } from '../../electron/engine/catalog/open.ts';
import { newId } from '../../electron/engine/ids.ts';
import { scheduleFields, type RunReason, type RunState, type ScheduleFields } from '../../shared/contract/schedules.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { addDays, dayLength, dayOf, fromWall, hour, minute, wallOfDay } from '../../renderer/schedules/calendar/zone.ts';

export const longName = 'A very long schedule name that somebody gave it in a hurry on a Friday afternoon before release';

type Seed = {
  name: string;
  zone: string;
  colour: string;
  when: ScheduleFields['when'];
  kind?: 'cleanup';
  took: number;
  size: number;
  days: (day: string) => number[];
};

const at =
  (...times: number[]) =>
  () =>
    times.map((time) => time * hour);
const weekday = (day: string) => new Date(wallOfDay(day)).getUTCDay();

/** `days`: the slots of a day, in milliseconds after its midnight; the same as `when` says. */
const seeds: readonly Seed[] = [
  {
    name: 'Nightly full backup',
    zone: 'Europe/Berlin',
    colour: '#4c6ef5',
    when: { kind: 'daily', time: '02:00' },
    took: 47 * minute,
    size: 18e9,
    days: at(2),
  },
  {
    name: 'Hourly quick',
    zone: 'Europe/Berlin',
    colour: '#12b886',
    when: { kind: 'hourly', fromHour: 9, toHour: 18, minute: 0, days: [] },
    took: 3 * minute,
    size: 4e8,
    days: at(9, 10, 11, 12, 13, 14, 15, 16, 17, 18),
  },
  {
    name: 'Orders, every six hours',
    zone: 'UTC',
    colour: '#e8590c',
    when: { kind: 'cron', expression: '30 */6 * * *' },
    took: 38 * minute,
    size: 7e9,
    days: at(0.5, 6.5, 12.5, 18.5),
  },
  {
    name: 'Warehouse New York',
    zone: 'America/New_York',
    colour: '#ae3ec9',
    when: { kind: 'daily', time: '03:15' },
    took: 96 * minute,
    size: 61e9,
    days: at(3.25),
  },
  {
    name: longName,
    zone: 'Asia/Kolkata',
    colour: '#f08c00',
    when: { kind: 'weekly', days: ['mon', 'thu'], time: '22:30' },
    took: 190 * minute,
    size: 120e9,
    days: (day) => ([1, 4].includes(weekday(day)) ? [22.5 * hour] : []),
  },
  {
    name: 'Cleanup',
    zone: 'Europe/Berlin',
    colour: '#868e96',
    when: { kind: 'daily', time: '03:00' },
    kind: 'cleanup',
    took: 40_000,
    size: 0,
    days: at(3),
  },
  {
    name: 'Reports before work',
    zone: 'Europe/London',
    colour: '#1098ad',
    when: { kind: 'daily', time: '05:45' },
    took: 22 * minute,
    size: 2e9,
    days: at(5.75),
  },
];

const unreachable: ErrorReport = {
  code: 'CONNECTION_FAILED',
  message: 'The server db.example.invalid:5432 cannot be reached.',
  hint: 'Check that it is up and that a firewall lets this machine through, then run the schedule again.',
};
const diskFull: ErrorReport = {
  code: 'DISK_FULL',
  message: 'The disk that holds the backups is full: 1.2 GB were needed, 310 MB are free.',
  hint: 'Make room or choose another folder in the profile. Nothing that was there has been touched.',
};

export type SeededRun = { id: string; scheduleId: string; schedule: string; plannedAt: string; state: RunState };
export type Seeded = { schedules: { id: string; name: string }[]; runs: SeededRun[] };

/** What becomes of the nth slot of a schedule on the day that is so many days ago. */
function outcome(
  seed: Seed,
  index: number,
  daysAgo: number,
  n: number,
): { state: RunState; reason?: RunReason; error?: ErrorReport; trigger?: 'catch-up' } {
  // A weekend that the machine slept through: the newest slot is caught up, the older ones are covered by it.
  if ((daysAgo === 13 || daysAgo === 12) && seed.name !== 'Hourly quick') return { state: 'missed', reason: 'covered' };
  if (daysAgo === 11 && index !== 1) return { state: 'caught-up', trigger: 'catch-up' };
  if (daysAgo === 34 && seed.name === 'Hourly quick') return { state: 'skipped', reason: 'paused' };
  if (daysAgo === 5 && (index === 3 || index === 0)) return { state: 'failed', error: unreachable };
  const luck = (n * 7919 + index * 104_729) % 197;
  if (luck === 3) return { state: 'failed', error: unreachable };
  if (luck === 41) return { state: 'failed', error: diskFull };
  if (luck === 17) return { state: 'missed', reason: 'too-late' };
  if (luck === 29) return { state: 'skipped', reason: 'overlap' };
  if (luck === 53) return { state: 'cancelled', reason: 'window-end' };
  return { state: 'succeeded' };
}

/** Fills the catalog of `home`, which must exist. More than 500 runs in each of the two months before `now`.
 * `backupId`: a real backup, given to the newest run that went well. `running`: whether one is at work now.
 * `failing`: the schedule whose newest run failed. */
export function seedSchedules(
  home: string,
  options: { profileId: string; profile: string; now?: number; backupId?: string; running?: boolean; failing?: string },
): Seeded {
  const now = options.now ?? Date.now();
  const catalog = new Database(join(home, catalogFileName), { timeout: 15_000 });
  const iso = (instant: number) => new Date(instant).toISOString();
  const putSchedule = catalog.prepare(
    `insert into schedules (id, name, fields, enabled, settled_at, next_at, created_at, updated_at) values (?, ?, ?, 1, ?, null, ?, ?)`,
  );
  const putRun = catalog.prepare(
    `insert into runs (id, schedule_id, schedule, kind, profile, profile_id, colour, planned_at, state, trigger, reason, detail, phase,
                       started_at, finished_at, duration_ms, size_bytes, attempts, backups, error)
     values (@id, @scheduleId, @schedule, @kind, @profile, @profileId, @colour, @plannedAt, @state, @trigger, @reason, '', @phase,
             @startedAt, @finishedAt, @durationMs, @sizeBytes, @attempts, @backups, @error)`,
  );
  const schedules: Seeded['schedules'] = [];
  const runs: (SeededRun & Record<string, unknown>)[] = [];
  const began = iso(now - 400 * dayLength);

  for (const [index, seed] of seeds.entries()) {
    const id = newId('sch');
    schedules.push({ id, name: seed.name });
    const fields: ScheduleFields = scheduleFields.parse({
      name: seed.name,
      task: seed.kind === 'cleanup' ? { kind: 'cleanup', profileId: options.profileId } : { kind: 'backup', profileId: options.profileId },
      when: seed.when,
      timeZone: seed.zone,
      colour: seed.colour,
    });
    putSchedule.run(id, seed.name, JSON.stringify(fields), iso(now), began, began);
    const today = dayOf(now, seed.zone);
    let n = 0;
    for (let daysAgo = 75; daysAgo >= 0; daysAgo--) {
      const day = addDays(today, -daysAgo);
      for (const offset of seed.days(day)) {
        const plannedAt = fromWall(wallOfDay(day) + offset, seed.zone);
        if (plannedAt > now) continue;
        n += 1;
        const { state, reason, error, trigger } = outcome(seed, index, daysAgo, n);
        const ran = state === 'succeeded' || state === 'failed' || state === 'caught-up' || state === 'cancelled';
        const startedAt = trigger === 'catch-up' ? plannedAt + 5 * hour : plannedAt + 1500;
        const took = state === 'failed' ? 42_000 : Math.round(seed.took * (0.8 + ((n * 37) % 50) / 100));
        runs.push({
          id: newId('run'),
          scheduleId: id,
          schedule: seed.name,
          kind: seed.kind ?? 'backup',
          profile: options.profile,
          profileId: options.profileId,
          colour: seed.colour,
          plannedAt: iso(plannedAt),
          state,
          trigger: trigger ?? 'slot',
          reason: reason ?? null,
          phase: null,
          startedAt: ran ? iso(startedAt) : null,
          finishedAt: iso(ran ? startedAt + took : plannedAt + 60_000),
          durationMs: ran ? took : null,
          sizeBytes: state === 'succeeded' || state === 'caught-up' ? Math.round(seed.size * (0.9 + (n % 20) / 100)) : null,
          attempts: ran ? (state === 'failed' ? 3 : 1) : 0,
          backups: '[]',
          error: error === undefined ? null : JSON.stringify(error),
        });
      }
    }
  }
  const newest = runs.toSorted((a, b) => b.plannedAt.localeCompare(a.plannedAt));
  const latest = newest[0];
  if (options.running === true && latest !== undefined) {
    Object.assign(latest, {
      state: 'running',
      phase: 'working',
      reason: null,
      error: null,
      startedAt: iso(now - 9 * minute),
      finishedAt: null,
      durationMs: null,
      sizeBytes: null,
      attempts: 1,
    });
  }
  const failed = newest.find(({ schedule }) => schedule === options.failing);
  if (failed !== undefined) Object.assign(failed, { state: 'failed', reason: null, error: JSON.stringify(unreachable), sizeBytes: null });
  const good = newest.find(({ state, kind }) => state === 'succeeded' && kind === 'backup');
  if (options.backupId !== undefined && good !== undefined) {
    good['backups'] = JSON.stringify([{ backupId: options.backupId, database: 'shop', status: 'succeeded', jobId: null }]);
  }
  catalog.transaction(() => {
    for (const run of runs) putRun.run(run);
  })();
  catalog.close();
  return { schedules, runs };
}
