// The schedule editor as data: what was typed, what is wrong with it, and what it asks of the engine.
import type { BackupOptions } from '../../../shared/contract/backups.ts';
import type {
  MissedPolicy,
  Schedule,
  ScheduledDatabases,
  ScheduleFields,
  Task,
  Weekday,
  When,
} from '../../../shared/contract/schedules.ts';
import { freshForm, methodChoices, toOptions, type BackupForm } from '../../backups/options.ts';
import { tableKey } from '../../ui/TablePicker.tsx';
import { machineZone } from '../calendar/zone.ts';
import { fromDateTimeField, parseWallTime, toDateTimeField } from './wall-time.ts';

export const weekdayNames: { value: Weekday; short: string; long: string }[] = [
  { value: 'mon', short: 'Mon', long: 'Monday' },
  { value: 'tue', short: 'Tue', long: 'Tuesday' },
  { value: 'wed', short: 'Wed', long: 'Wednesday' },
  { value: 'thu', short: 'Thu', long: 'Thursday' },
  { value: 'fri', short: 'Fri', long: 'Friday' },
  { value: 'sat', short: 'Sat', long: 'Saturday' },
  { value: 'sun', short: 'Sun', long: 'Sunday' },
];

export type ScheduleForm = {
  name: string;
  enabled: boolean;
  colour: string;
  kind: Task['kind'];
  /** Empty: nothing chosen yet (backup), everywhere (cleanup). */
  profileId: string;
  databases: ScheduledDatabases['kind'];
  named: string[];
  except: string[];
  backup: BackupForm;
  excludeTableData: string[];
  when: When['kind'];
  /** As typed: `2:30` is fine until it is saved. */
  time: string;
  fromHour: number;
  toHour: number;
  minute: number;
  hourlyDays: Weekday[];
  weeklyDays: Weekday[];
  day: number | 'last';
  expression: string;
  timeZone: string;
  /** Date-time fields, on the wall clock of `timeZone`. */
  startsAt: string;
  endsAt: string;
  missed: MissedPolicy['kind'];
  grace: number;
  graceUnit: 'minutes' | 'hours' | 'days';
  overlap: ScheduleFields['overlap'];
  retries: number;
  windowEnd: string;
};

const unitSeconds = { minutes: 60, hours: 3600, days: 86_400 };

/** Everything that a draft leaves open gets what most people want: every night at two. */
export function formOf(fields: Partial<ScheduleFields>): ScheduleForm {
  const zone = fields.timeZone ?? machineZone();
  const task = fields.task ?? { kind: 'backup', profileId: '', databases: { kind: 'profile' }, options: null };
  const when = fields.when ?? { kind: 'daily', time: '02:00' };
  const missed = fields.missed ?? { kind: 'runOnce' };
  const databases = task.kind === 'backup' ? task.databases : { kind: 'profile' as const };
  return {
    name: fields.name ?? '',
    enabled: fields.enabled ?? true,
    colour: fields.colour ?? '#4c6ef5',
    kind: task.kind,
    profileId: task.profileId ?? '',
    databases: databases.kind,
    named: databases.kind === 'named' ? databases.names : [],
    except: databases.kind === 'all' ? databases.except : [],
    backup: task.kind === 'backup' && task.options !== null ? backupForm(task.options) : freshForm,
    excludeTableData: task.kind === 'backup' ? (task.options?.excludeTableData ?? []) : [],
    when: when.kind,
    time: 'time' in when ? when.time : '02:00',
    fromHour: when.kind === 'hourly' ? when.fromHour : 9,
    toHour: when.kind === 'hourly' ? when.toHour : 17,
    minute: when.kind === 'hourly' ? when.minute : 0,
    hourlyDays: when.kind === 'hourly' ? when.days : [],
    weeklyDays: when.kind === 'weekly' ? when.days : ['sun'],
    day: when.kind === 'monthly' ? when.day : 1,
    expression: when.kind === 'cron' ? when.expression : '0 2 * * *',
    timeZone: zone,
    startsAt: toDateTimeField(fields.startsAt ?? null, zone),
    endsAt: toDateTimeField(fields.endsAt ?? null, zone),
    missed: missed.kind,
    ...graceOf(missed.kind === 'grace' ? missed.seconds : 7200),
    overlap: fields.overlap ?? 'skip',
    retries: fields.retries ?? 2,
    windowEnd: fields.windowEnd ?? '',
  };
}

export function fieldsOfSchedule(schedule: Schedule): ScheduleFields {
  const { name, task, when, timeZone, enabled, startsAt, endsAt, missed, overlap, retries, windowEnd, colour } = schedule;
  return { name, task, when, timeZone, enabled, startsAt, endsAt, missed, overlap, retries, windowEnd, colour };
}

function graceOf(seconds: number): { grace: number; graceUnit: ScheduleForm['graceUnit'] } {
  for (const unit of ['days', 'hours'] as const) {
    if (seconds % unitSeconds[unit] === 0) return { grace: seconds / unitSeconds[unit], graceUnit: unit };
  }
  return { grace: Math.max(1, Math.round(seconds / 60)), graceUnit: 'minutes' };
}

export function graceSeconds(form: Pick<ScheduleForm, 'grace' | 'graceUnit'>): number {
  return form.grace * unitSeconds[form.graceUnit];
}

function backupForm(options: Omit<BackupOptions, 'database'>): BackupForm {
  const [method, level] = options.compression.split(':');
  return {
    database: '',
    format: options.format ?? 'auto',
    method: methodChoices.find((choice) => choice.value === method)?.value ?? 'auto',
    level: level === undefined ? null : Number(level),
    jobs: options.jobs ?? null,
    quick: options.quick,
    scope: options.tables.length > 0 ? 'tables' : options.schemas.length > 0 ? 'schemas' : 'all',
    schemas: options.schemas,
    tables: new Set(options.tables.map(tableKey)),
    globals: options.globals,
    label: options.label,
    deepVerify: options.deepVerify,
  };
}

/** Null while what was typed is no rule yet. */
export function whenOf(form: ScheduleForm): When | null {
  const time = parseWallTime(form.time);
  switch (form.when) {
    case 'hourly':
      return { kind: 'hourly', fromHour: form.fromHour, toHour: form.toHour, minute: form.minute, days: form.hourlyDays };
    case 'daily':
      return time === null ? null : { kind: 'daily', time };
    case 'weekly':
      return time === null || form.weeklyDays.length === 0 ? null : { kind: 'weekly', days: form.weeklyDays, time };
    case 'monthly':
      return time === null ? null : { kind: 'monthly', day: form.day, time };
    case 'cron':
      return form.expression.trim() === '' ? null : { kind: 'cron', expression: form.expression.trim() };
  }
}

export type Problems = Partial<
  Record<'name' | 'profileId' | 'named' | 'scope' | 'time' | 'weeklyDays' | 'expression' | 'endsAt' | 'grace' | 'windowEnd', string>
>;

const noTime = 'A time from 00:00 to 23:59';

/** What keeps it from being saved, under the field that it is about. */
export function problemsOf(form: ScheduleForm): Problems {
  const problems: Problems = {};
  if (form.name.trim() === '') problems.name = 'Give it a name: messages and the calendar use it';
  if (form.kind === 'backup') {
    if (form.profileId === '') problems.profileId = 'Choose whose databases are backed up';
    if (form.databases === 'named' && form.named.length === 0) problems.named = 'Choose at least one database';
    if (toOptions(form.backup) === null) {
      problems.scope = form.backup.scope === 'tables' ? 'Choose at least one table' : 'Choose at least one schema';
    }
  }
  if (form.when !== 'hourly' && form.when !== 'cron' && parseWallTime(form.time) === null) problems.time = noTime;
  if (form.when === 'weekly' && form.weeklyDays.length === 0) problems.weeklyDays = 'Choose at least one day';
  if (form.when === 'cron' && form.expression.trim() === '') problems.expression = 'Five fields: minute, hour, day, month, weekday';
  const [starts, ends] = [fromDateTimeField(form.startsAt, form.timeZone), fromDateTimeField(form.endsAt, form.timeZone)];
  if (starts !== null && ends !== null && ends <= starts) problems.endsAt = 'The end lies before the start';
  if (form.missed === 'grace' && (graceSeconds(form) < 60 || graceSeconds(form) > 31_536_000)) problems.grace = 'From a minute to a year';
  if (form.windowEnd.trim() !== '' && parseWallTime(form.windowEnd) === null) problems.windowEnd = noTime;
  return problems;
}

/** Null while `problemsOf` has something to say. */
export function toFields(form: ScheduleForm): ScheduleFields | null {
  const when = whenOf(form);
  const task = taskOf(form);
  if (when === null || task === null || Object.keys(problemsOf(form)).length > 0) return null;
  return {
    name: form.name.trim(),
    task,
    when,
    timeZone: form.timeZone,
    enabled: form.enabled,
    startsAt: fromDateTimeField(form.startsAt, form.timeZone),
    endsAt: fromDateTimeField(form.endsAt, form.timeZone),
    missed: form.missed === 'grace' ? { kind: 'grace', seconds: graceSeconds(form) } : { kind: form.missed },
    overlap: form.overlap,
    retries: form.retries,
    windowEnd: form.windowEnd.trim() === '' ? null : parseWallTime(form.windowEnd),
    colour: form.colour,
  };
}

function taskOf(form: ScheduleForm): Task | null {
  if (form.kind === 'cleanup') return { kind: 'cleanup', profileId: form.profileId === '' ? null : form.profileId };
  const options = toOptions(form.backup);
  if (options === null) return null;
  const {
    format,
    jobs,
    compression = 'auto',
    quick = false,
    schemas = [],
    tables = [],
    globals = false,
    label = '',
    deepVerify = false,
  } = options;
  return {
    kind: 'backup',
    profileId: form.profileId,
    databases:
      form.databases === 'named'
        ? { kind: 'named', names: form.named }
        : form.databases === 'all'
          ? { kind: 'all', except: form.except }
          : { kind: 'profile' },
    options: {
      ...(format === undefined ? {} : { format }),
      ...(jobs === undefined || !hasWorkers(form) ? {} : { jobs }),
      compression,
      quick,
      excludeTableData: form.excludeTableData,
      schemas,
      tables,
      globals,
      label,
      deepVerify,
    },
  };
}

/** Workers only exist in the directory format. */
function hasWorkers(form: ScheduleForm): boolean {
  return form.backup.format === 'directory' || form.backup.format === 'auto';
}

/** The one database whose tables can be chosen; null where there are several. Empty: the profile's own. */
export function oneDatabase(form: ScheduleForm): string | null {
  if (form.databases === 'profile') return '';
  const [first, ...others] = form.named;
  return form.databases === 'named' && first !== undefined && others.length === 0 ? first : null;
}

/** A name that says what it does, until somebody types a better one. */
export function suggestedName(form: ScheduleForm, profile: string): string {
  if (form.kind === 'cleanup') return profile === '' ? 'Cleanup' : `Cleanup of ${profile}`;
  if (profile === '') return '';
  const often = { hourly: 'Hourly', daily: 'Daily', weekly: 'Weekly', monthly: 'Monthly', cron: 'Regular' }[form.when];
  return `${often} ${form.backup.quick ? 'quick ' : ''}backup of ${profile}`;
}
