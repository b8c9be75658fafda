// A catalog with schedules and runs put in by hand, and just enough of the engine around it to look at them.
import type { EngineContext } from '../../../../electron/engine/context.ts';
import { openCatalog } from '../../../../electron/engine/catalog/open.ts';
import { createProfiles } from '../../../../electron/engine/profiles/profiles.ts';
import { nextPlanned } from '../../../../electron/engine/schedules/planned.ts';
import { runsStore, type NewRun, type RunChange } from '../../../../electron/engine/schedules/runs-store.ts';
import { iso, scheduleStore } from '../../../../electron/engine/schedules/store.ts';
import { profileFields } from '../../../../shared/contract/profiles.ts';
import { scheduleFields, type ScheduledRun } from '../../../../shared/contract/schedules.ts';
import { parseWhen } from '../../../../shared/schedules/text.ts';
import { makeHome } from '../../../support/home.ts';

export type Desk = Awaited<ReturnType<typeof makeDesk>>;

export async function makeDesk(start: string) {
  const catalog = openCatalog(makeHome());
  let now = Date.parse(start);
  const woken = { times: 0 };
  const ports = { clock: () => now };
  const profiles = createProfiles(catalog, ports as never);
  const profile = await profiles.create(profileFields.parse({ name: 'shop', host: 'db.test', port: 5432, database: 'orders' }), undefined);
  const context = {
    catalog,
    ports,
    profiles,
    hostId: 'hos_test',
    settings: () => ({ jobsPerServer: 1, jobsInAll: 2 }),
    events: { emit: () => undefined },
    scheduler: { wake: () => void (woken.times += 1), leader: () => null },
  } as unknown as EngineContext;
  const schedules = scheduleStore(catalog);
  const runs = runsStore(catalog);
  let made = 0;

  const addSchedule = (name: string, every: string, change: Record<string, unknown> = {}): string => {
    made += 1;
    const id = `sch_${made}`;
    const task = { kind: 'backup', profileId: profile.id };
    const fields = scheduleFields.parse({ name, task, when: parseWhen(every), timeZone: 'UTC', ...change });
    const nextAt = nextPlanned({ fields, changes: [] }, now);
    schedules.insert(id, fields, { settledAt: now, nextAt, now });
    return id;
  };

  /** Puts a record in, and has its slot settled. */
  const addRun = (
    scheduleId: string,
    plannedAt: string,
    state: ScheduledRun['state'],
    change: RunChange & Partial<NewRun> = {},
  ): string => {
    made += 1;
    const id = `run_${made}`;
    const schedule = schedules.find(scheduleId);
    const ran = ['succeeded', 'failed', 'caught-up', 'cancelled'].includes(state);
    const at = iso(Date.parse(plannedAt));
    const written = runs.insert({
      id,
      scheduleId,
      schedule: schedule?.fields.name ?? 'gone',
      kind: 'backup',
      profile: 'shop',
      profileId: profile.id,
      colour: '#4c6ef5',
      plannedAt: at,
      state,
      trigger: change.trigger ?? 'slot',
      reason: change.reason ?? null,
      detail: '',
      phase: change.phase ?? null,
      owner: null,
      coveredBy: null,
      finishedAt: null,
    });
    if (!written) throw new Error(`there is a run at ${at} already`);
    runs.change(id, {
      ...(ran ? { startedAt: at, finishedAt: iso(Date.parse(at) + 60_000), durationMs: 60_000, attempts: 1 } : {}),
      ...change,
    });
    if (schedule !== null && change.trigger !== 'hand') settle(scheduleId, Math.max(schedule.settledAt, Date.parse(at)));
    return id;
  };

  const settle = (scheduleId: string, upTo: number): void =>
    schedules.settled(scheduleId, upTo, nextPlanned(schedules.get(scheduleId), upTo));

  return {
    context,
    profileId: profile.id,
    schedules,
    runs,
    woken,
    addSchedule,
    addRun,
    settle: (scheduleId: string, upTo: string) => settle(scheduleId, Date.parse(upTo)),
    get: (scheduleId: string) => schedules.get(scheduleId),
    now: () => now,
    setNow: (time: string) => void (now = Date.parse(time)),
  };
}
