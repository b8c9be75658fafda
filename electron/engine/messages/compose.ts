// Puts a message together from what was told: who, what, why, and what to do next.
import type { ScheduledRun } from '../../../shared/contract/schedules.ts';
import { errorCodes } from '../../../shared/errors.ts';
import { formatBytes, formatDuration, formatNumber } from '../../../shared/format.ts';
import { noData, type Message } from './message.ts';
import { timeIn, type Surroundings } from './surroundings.ts';
import type { Told } from './told.ts';
import { compact, detailOf, errorOf, oneLine, onServer, someOf, tidy, upper, workOf } from './wording.ts';

type Composed = Exclude<Told, { kind: 'run-started' }>;

/** `recovered`: a run's success after a failure or a missed slot. `now`: milliseconds since 1970. */
export function compose(told: Composed, recovered: boolean, around: Surroundings, now: number): Message {
  const message = composed(told, recovered, around, new Date(now).toISOString());
  return { ...message, subject: oneLine(message.subject) };
}

function composed(told: Composed, recovered: boolean, around: Surroundings, at: string): Message {
  switch (told.kind) {
    case 'run-ended':
      return ofRun(told.run, recovered, around, at);
    case 'slots-missed':
      return ofMissed(told.runs, told.count ?? told.runs.length, told.caughtUp, around, at);
    case 'alarm':
      return ofAlarm(told, around, at);
    case 'cleanup-failed':
      return ofCleanup(told, around, at);
  }
}

function ofRun(run: ScheduledRun, recovered: boolean, around: Surroundings, at: string): Message {
  const zone = around.zoneOf(run.scheduleId);
  const server = around.serverOf(run.profileId);
  const entries = around.backupsOf(run);
  const databases = entries.length > 0 ? entries.map((one) => one.database) : around.databasesOf(run);
  const bad = entries.filter((one) => one.status !== 'succeeded' && one.status !== 'running');
  const work = workOf(run, databases, server);
  const error = errorOf(run.error ?? bad.find((one) => one.error !== null)?.error ?? null);
  const took = run.durationMs === null ? '' : ` in ${formatDuration(run.durationMs)}`;
  const share = entries.length > 1 && bad.length > 0 ? `${bad.length} of ${formatNumber(entries.length, 'database')}: ` : '';
  const facts = compact([
    ['Server', server],
    [databases.length === 1 ? 'Database' : 'Databases', databases.join(', ')],
    ['Schedule', run.schedule],
    ['Profile', run.profile],
    ['Planned', timeIn(run.plannedAt, zone)],
    ['Started', run.startedAt === null ? '' : timeIn(run.startedAt, zone)],
    ['Duration', run.durationMs === null ? '' : formatDuration(run.durationMs)],
    ['Size', run.sizeBytes === null ? '' : formatBytes(run.sizeBytes)],
    ['Tries', run.attempts > 1 ? String(run.attempts) : ''],
  ]);
  const base = {
    facts,
    items:
      entries.length < 2
        ? null
        : { title: 'Databases', lines: entries.map((one) => ({ name: one.database, state: one.status, detail: detailOf(one) })) },
    at,
    page: 'schedules' as const,
    data: {
      ...noData,
      server: server || null,
      databases,
      profile: run.profile,
      schedule: run.schedule,
      scheduleId: run.scheduleId,
      runId: run.id,
      plannedAt: run.plannedAt,
      timeZone: zone,
      startedAt: run.startedAt,
      durationMs: run.durationMs,
      sizeBytes: run.sizeBytes,
      backupIds: entries.map((one) => one.backupId),
    },
  };
  if (run.state === 'succeeded' || run.state === 'caught-up') {
    const late = run.state === 'caught-up' ? ' It was made up for later than planned.' : '';
    return {
      ...base,
      event: recovered ? 'recovered' : 'succeeded',
      tone: 'good',
      state: recovered ? 'RECOVERED' : 'SUCCEEDED',
      subject: `${recovered ? 'RECOVERED' : 'Succeeded'}: ${work}`,
      summary: `${upper(work)} succeeded${took}${recovered ? ', after it had failed or been missed' : ''}.${late}`,
      error: null,
    };
  }
  const overstayed = run.state === 'cancelled';
  return {
    ...base,
    event: run.kind === 'cleanup' ? 'cleanup-failed' : 'failed',
    tone: 'bad',
    state: overstayed ? 'CANCELLED' : 'FAILED',
    subject: `${overstayed ? 'CANCELLED' : 'FAILED'}: ${work} – ${overstayed ? errorCodes.OVERSTAYED : share + (error === null ? 'no reason is on record' : errorCodes[error.code])}`,
    summary: overstayed
      ? `${upper(work)} was cancelled because its backup window ended. There is no new backup of it.`
      : `${upper(work)} failed${took}.${entries.length > bad.length ? '' : ' There is no new backup.'}${run.detail === '' ? '' : ` ${tidy(run.detail)}`}`,
    error,
  };
}

function ofMissed(runs: ScheduledRun[], count: number, caughtUp: boolean, around: Surroundings, at: string): Message {
  const [newest] = runs;
  if (newest === undefined) throw new Error('no slot was missed');
  const zone = around.zoneOf(newest.scheduleId);
  const server = around.serverOf(newest.profileId);
  const databases = around.databasesOf(newest);
  const slots = formatNumber(count, 'slot');
  const work = workOf(newest, databases, server);
  const oldest = runs.at(-1) ?? newest;
  return {
    event: 'missed',
    tone: 'attention',
    state: 'MISSED',
    subject: `MISSED: ${work} – ${slots}, ${caughtUp ? 'being made up for now' : 'not made up for'}`,
    summary: `Howdah was not running ${count === 1 ? `when ${work} was due` : `at ${slots} of ${work}`}. ${
      caughtUp
        ? 'The newest runs now and stands for all of them.'
        : `Nothing runs in ${count === 1 ? 'its' : 'their'} place${whyNot(newest)}.`
    }`,
    facts: compact([
      ['Server', server],
      [databases.length === 1 ? 'Database' : 'Databases', databases.join(', ')],
      ['Schedule', newest.schedule],
      ['Profile', newest.profile],
      ['Missed', String(count)],
      [count === 1 ? 'Planned' : count > runs.length ? 'Older than' : 'Oldest', timeIn(oldest.plannedAt, zone)],
      ['Newest', count === 1 ? '' : timeIn(newest.plannedAt, zone)],
    ]),
    items:
      runs.length < 2
        ? null
        : {
            title: 'Slots',
            lines: runs.slice(0, 24).map((run) => ({ name: timeIn(run.plannedAt, zone), state: run.state, detail: tidy(run.detail) })),
          },
    error: {
      code: 'INTERRUPTED',
      message: 'No scheduler was awake at that time.',
      hint: 'Keep the computer on at that hour, start Howdah at login, or let "howdah agent" run on a machine that stays on.',
    },
    at,
    page: 'schedules',
    data: {
      ...noData,
      server: server || null,
      databases,
      profile: newest.profile,
      schedule: newest.schedule,
      scheduleId: newest.scheduleId,
      runId: newest.id,
      plannedAt: newest.plannedAt,
      timeZone: zone,
    },
  };
}

const whyNot = (run: ScheduledRun): string =>
  run.reason === 'too-late' ? ': it is too late for them' : run.reason === 'policy-skip' ? ', as the schedule has it' : '';

const alarmNames = { overdue: 'OVERDUE', 'none-in-24h': 'NO BACKUP IN 24 H', 'many-failures': 'MANY FAILURES' } as const;
const alarmHints = {
  overdue: 'Open the calendar to see the last run, and run the schedule by hand where it must not wait.',
  'none-in-24h': 'Open the calendar to see why nothing ended well, and run the schedule by hand.',
  'many-failures': 'Open the failed runs in the calendar: each says what to do next.',
} as const;

function ofAlarm(told: Extract<Told, { kind: 'alarm' }>, around: Surroundings, at: string): Message {
  const about = around.ofSchedule(told.scheduleId);
  return {
    event: told.alarm,
    tone: 'bad',
    state: alarmNames[told.alarm],
    subject: `${alarmNames[told.alarm]}: ${told.schedule}${about.databases.length === 0 ? '' : ` of ${someOf(about.databases)}`}${onServer(about.server)}`,
    summary: tidy(told.text),
    facts: compact([
      ['Server', about.server],
      [about.databases.length === 1 ? 'Database' : 'Databases', about.databases.join(', ')],
      ['Schedule', told.schedule],
      ['Profile', told.profile],
      ['Noticed', timeIn(at, around.zoneOf(told.scheduleId))],
      ['Next step', alarmHints[told.alarm]],
    ]),
    items: null,
    error: null,
    at,
    page: 'schedules',
    data: {
      ...noData,
      server: about.server || null,
      databases: about.databases,
      profile: told.profile,
      schedule: told.schedule,
      scheduleId: told.scheduleId,
      timeZone: around.zoneOf(told.scheduleId),
    },
  };
}

function ofCleanup(told: Extract<Told, { kind: 'cleanup-failed' }>, around: Surroundings, at: string): Message {
  const backup = told.backupId === null ? null : around.backup(told.backupId);
  const error = errorOf(told.error);
  return {
    event: 'cleanup-failed',
    tone: 'attention',
    state: 'CLEANUP FAILED',
    subject: `CLEANUP FAILED: old backups of ${told.profile} – ${errorCodes[told.error.code]}`,
    summary: 'An old backup that retention no longer keeps could not be deleted. Newer backups are not affected, but the disk fills up.',
    facts: compact([
      ['Server', around.serverOf(backup?.profileId ?? null)],
      ['Profile', told.profile],
      ['Database', backup?.database ?? ''],
      ['Backup', told.backupId ?? ''],
      ['Noticed', timeIn(at, around.machineZone)],
    ]),
    items: null,
    error,
    at,
    page: 'retention',
    data: {
      ...noData,
      profile: told.profile,
      databases: backup === null ? [] : [backup.database],
      backupIds: told.backupId === null ? [] : [told.backupId],
    },
  };
}

/** What the test button sends. */
export function composeTest(channel: string, machineZone: string, now: number): Message {
  const at = new Date(now).toISOString();
  return {
    event: 'test',
    tone: 'plain',
    state: 'TEST',
    subject: `Test: Howdah can reach "${oneLine(channel)}"`,
    summary: 'This is a test message. Failures, missed runs and other events that you chose will arrive the same way.',
    facts: [
      { label: 'Channel', value: channel },
      { label: 'Sent', value: timeIn(at, machineZone) },
    ],
    items: null,
    error: null,
    at,
    page: 'schedules',
    data: noData,
  };
}
