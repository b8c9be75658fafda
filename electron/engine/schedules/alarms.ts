// What needs a DBA's eye: the first line of page and tray, and the alarms that messages tell of once (docs/schedules.md, Overdue).
import type { Schedule, SchedulerStatus } from '../../../shared/contract/schedules.ts';
import { assertNever, reportOf } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import type { EngineContext } from '../context.ts';
import type { Told } from '../messages/told.ts';
import { lastFailedRun, manyFailures, standingOf, standings, type Standing } from './standing.ts';
import { iso, scheduleStore, type StoredSchedule } from './store.ts';
import { wallOf } from './when/zones.ts';

export type Alarm = SchedulerStatus['alarms'][number];
type ToldAlarm = Extract<Told, { kind: 'alarm' }>;

/** Its health in one word, and since when it is overdue (ISO 8601). `now`: milliseconds since 1970. */
export function healthOf(context: EngineContext, schedule: StoredSchedule, now: number): Pick<Schedule, 'health' | 'overdueSince'> {
  return shown(standingOf(context.catalog, schedule, now));
}

/** The same for many at once, by id. */
export function healths(
  context: EngineContext,
  schedules: readonly StoredSchedule[],
  now: number,
): Map<string, Pick<Schedule, 'health' | 'overdueSince'>> {
  return new Map([...standings(context.catalog, schedules, now)].map(([id, standing]) => [id, shown(standing)]));
}

const shown = ({ health, overdueSince }: Standing): Pick<Schedule, 'health' | 'overdueSince'> => ({
  health,
  overdueSince: overdueSince === null ? null : iso(overdueSince),
});

/** What is wrong now, worst first; one alarm for each schedule, its worst. `schedules`: where the caller has them read already. */
export function currentAlarms(
  context: EngineContext,
  now: number,
  leader: SchedulerStatus['leader'],
  schedules: readonly StoredSchedule[] = scheduleStore(context.catalog).list(),
): Alarm[] {
  const standing = standings(context.catalog, schedules, now);
  const look = lookFrom(context);
  const alarms: (Alarm & { since: number })[] = [];
  for (const schedule of schedules) {
    const own = standing.get(schedule.id);
    const kind = own === undefined || !schedule.fields.enabled ? null : worstOf(own);
    if (own === undefined || kind === null) continue;
    alarms.push({ kind, scheduleId: schedule.id, text: textOf(look, schedule, own, kind), since: own.overdueSince ?? now });
  }
  const order: Alarm['kind'][] = ['nobody-runs', 'overdue', 'none-in-24h', 'many-failures', 'failing', 'missed'];
  alarms.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind) || one.since - other.since);
  const listed = alarms.map(({ kind, scheduleId, text }) => ({ kind, scheduleId, text }));
  const waiting = schedules.filter(({ fields }) => fields.enabled).length;
  if (leader !== null || waiting === 0) return listed;
  const text = `Nothing will run: no Howdah is looking after ${formatNumber(waiting, 'schedule that is on', 'schedules that are on')}. Leave the window or the tray open, or start "howdah agent".`;
  return [{ kind: 'nobody-runs', scheduleId: null, text }, ...listed];
}

/** Compares what is wrong with what has been told of, writes down the difference, and gives what is new, for `messages`.
 * What is over is forgotten, so that it is told of when it comes again. Call it inside a transaction. */
export function alarmsThatBeginOrEnd(context: EngineContext, now: number): ToldAlarm[] {
  const { catalog } = context;
  const schedules = scheduleStore(catalog).list();
  const standing = standings(catalog, schedules, now);
  const known = new Set(
    catalog
      .prepare<[], { kind: string; schedule_id: string }>('select kind, schedule_id from alarms')
      .all()
      .map((row) => `${row.kind} ${row.schedule_id}`),
  );
  const look = lookFrom(context);
  const began: ToldAlarm[] = [];
  for (const schedule of schedules) {
    const own = standing.get(schedule.id);
    if (own === undefined || !schedule.fields.enabled) continue;
    for (const alarm of standingAlarms(own)) {
      if (known.delete(`${alarm} ${schedule.id}`)) continue;
      const text = textOf(look, schedule, own, alarm);
      began.push({ kind: 'alarm', alarm, scheduleId: schedule.id, schedule: schedule.fields.name, profile: schedule.profile, text });
      catalog
        .prepare('insert into alarms (kind, schedule_id, since) values (?, ?, ?)')
        .run(alarm, schedule.id, iso(alarm === 'overdue' ? (own.overdueSince ?? now) : now));
    }
    // While another try works it is not over yet, nor told of anew should that fail.
    if (own.health === 'running') known.delete(`overdue ${schedule.id}`);
  }
  for (const over of known) {
    const [kind, scheduleId] = over.split(' ');
    catalog.prepare('delete from alarms where kind = ? and schedule_id = ?').run(kind, scheduleId);
  }
  return began;
}

function standingAlarms(standing: Standing): ToldAlarm['alarm'][] {
  return [
    ...(standing.overdueSince === null ? [] : (['overdue'] as const)),
    ...(standing.noneInDay ? (['none-in-24h'] as const) : []),
    ...(standing.failures > manyFailures ? (['many-failures'] as const) : []),
  ];
}

function worstOf(standing: Standing): Exclude<Alarm['kind'], 'nobody-runs'> | null {
  const told = standingAlarms(standing)[0];
  if (told !== undefined) return told;
  if (standing.failing) return 'failing';
  return standing.missed ? 'missed' : null;
}

/** What an alarm's text is made from; each profile is read once. */
type Look = { catalog: EngineContext['catalog']; profile: (id: string) => ReturnType<EngineContext['profiles']['find']> };

function lookFrom(context: EngineContext): Look {
  const known = new Map<string, ReturnType<Look['profile']>>();
  return {
    catalog: context.catalog,
    profile: (id) => {
      const found = known.get(id) ?? context.profiles.find(id);
      known.set(id, found);
      return found;
    },
  };
}

/** One schedule of which not even the words can be found (a time zone that this machine does not know) silences no other. */
function textOf(look: Look, schedule: StoredSchedule, standing: Standing, kind: Exclude<Alarm['kind'], 'nobody-runs'>): string {
  try {
    return wholeTextOf(look, schedule, standing, kind);
  } catch (thrown) {
    return `${schedule.fields.name}: ${kind}. ${reportOf(thrown).message} Open the schedule and save it again.`;
  }
}

/** Which schedule, what is wrong, since when, what to do. */
function wholeTextOf(look: Look, schedule: StoredSchedule, standing: Standing, kind: Exclude<Alarm['kind'], 'nobody-runs'>): string {
  const name = `${schedule.fields.name} (${subjectOf(look, schedule)})`;
  const at = (instant: number): string =>
    `${iso(wallOf(instant, schedule.fields.timeZone)).slice(0, 16).replace('T', ' ')} ${schedule.fields.timeZone}`;
  const lastGood = standing.lastGoodAt === null ? 'It has never ended well.' : `The last good run ended ${at(standing.lastGoodAt)}.`;
  const next = nextStep(look, schedule, standing);
  switch (kind) {
    case 'overdue':
      return `${name} is overdue: no good backup since its run of ${at(standing.overdueSince ?? 0)} was due. ${lastGood} ${next}`;
    case 'none-in-24h':
      return `${name} has had no good backup in 24 hours. ${lastGood} ${next}`;
    case 'many-failures':
      return `${name} has failed ${standing.failures} times in 24 hours. ${lastGood} ${next}`;
    case 'failing':
      return `${name} failed. ${lastGood} ${next}`;
    case 'missed':
      return `${name} missed its last run. ${lastGood} ${next}`;
    default:
      return assertNever(kind);
  }
}

/** `profile shop, database orders`. */
function subjectOf(look: Look, schedule: StoredSchedule): string {
  const { task } = schedule.fields;
  const profile = schedule.profileId === null ? null : look.profile(schedule.profileId);
  if (profile === null) return schedule.profile === '' ? 'its profile is gone' : schedule.profile;
  if (task.kind === 'cleanup') return `cleanup, profile ${profile.name}`;
  const { databases } = task;
  switch (databases.kind) {
    case 'all':
      return `profile ${profile.name}, all databases`;
    case 'named':
      return `profile ${profile.name}, ${databases.names.length === 1 ? 'database' : 'databases'} ${databases.names.join(', ')}`;
    case 'profile':
      return profile.database === '' ? `profile ${profile.name}` : `profile ${profile.name}, database ${profile.database}`;
    default:
      return assertNever(databases);
  }
}

function nextStep(look: Look, schedule: StoredSchedule, standing: Standing): string {
  const failed = standing.failing ? lastFailedRun(look.catalog, schedule.id) : null;
  if (failed?.error) return `${failed.error.message} ${failed.error.hint}`;
  if (standing.failing) return 'Open its last run to see why, then run it now.';
  return 'Keep Howdah running at its time, or run it now.';
}
