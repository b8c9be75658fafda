import { setTimeout as after } from 'node:timers/promises';
import type { Command } from 'commander';
import {
  overlaps,
  runStates,
  scheduleFields,
  type MissedPolicy,
  type Schedule,
  type ScheduledDatabases,
  type ScheduledRun,
  type Task,
  type When,
} from '../../shared/contract/schedules.ts';
import { HowdahError } from '../../shared/errors.ts';
import { parseSpan, parseWhen } from '../../shared/schedules/text.ts';
import { addBackupOptions, oneOf, readBackupOptions, type BackupArguments } from './backup-options.ts';
import { checked } from './checked.ts';
import { parseNumber } from './numbers.ts';
import { exitCodes, table } from './output.ts';
import type { Session } from './session.ts';
import type { CommandTools } from './tools.ts';

type AddArguments = BackupArguments & {
  profile?: string;
  every?: string;
  cron?: string;
  tz?: string;
  missed?: string;
  overlap?: (typeof overlaps)[number];
  retries?: string;
  windowEnd?: string;
  start?: string;
  end?: string;
  databases?: string;
  allDatabases?: boolean;
  except?: string;
  cleanup?: boolean;
  colour?: string;
  disabled?: boolean;
};

export function addScheduleCommands(program: Command, tools: CommandTools): void {
  const { output } = tools;
  const schedule = program.command('schedule').description('what runs by itself, and when');
  const show = (found: Schedule): void => output.result({ schedule: found }, describe(found));

  addBackupOptions(
    schedule
      .command('add <name>')
      .description('plans backups, or cleanups')
      .option('--profile <name>', 'whose server (a cleanup without it: all backups)')
      .option('--every <rule>', '"hourly 9-17", "daily 02:00", "weekly mon,thu 02:00", "monthly 1 02:00", "monthly last 02:00"')
      .option('--cron <expression>', 'five fields: "30 2 * * 1-5"')
      .option('--tz <zone>', "IANA time zone, as Europe/Berlin (default: this machine's)")
      .option('--databases <list>', "these databases: a,b (default: the profile's own)")
      .option('--all-databases', 'every database of the server, new ones included')
      .option('--except <list>', 'but not these: a,b')
      .option('--cleanup', 'applies retention instead of backing up')
      .option('--missed <policy>', 'run-once, grace:2h, skip (run-once)')
      .option('--overlap <what>', `${overlaps.join(', ')} (skip)`, oneOf(overlaps))
      .option('--retries <n>', 'how often a fault that may pass is tried again (2)')
      .option('--window-end <time>', 'cancels a run that is still going then: 06:00')
      .option('--start <time>', 'no run before it (ISO)')
      .option('--end <time>', 'no run from then on (ISO)')
      .option('--colour <hex>', 'in the calendar: #4c6ef5')
      .option('--disabled', 'switched off at first'),
  ).action(async (name: string, args: AddArguments) => {
    const when = whenOf(args);
    const session = await tools.open();
    const fields = checked(scheduleFields, {
      name,
      task: await taskOf(session, args),
      when,
      timeZone: args.tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      enabled: args.disabled !== true,
      startsAt: args.start === undefined ? null : isoTime(args.start, '--start'),
      endsAt: args.end === undefined ? null : isoTime(args.end, '--end'),
      ...(args.missed === undefined ? {} : { missed: missedOf(args.missed) }),
      ...(args.overlap === undefined ? {} : { overlap: args.overlap }),
      ...(args.retries === undefined ? {} : { retries: parseNumber(args.retries, '--retries') }),
      ...(args.windowEnd === undefined ? {} : { windowEnd: args.windowEnd }),
      ...(args.colour === undefined ? {} : { colour: args.colour }),
    });
    show(await session.client.schedules.create({ schedule: fields }));
    await warnWhereNobodyLeads(session);
  });

  schedule.command('list').action(async () => {
    const session = await tools.open();
    const schedules = await session.client.schedules.list();
    const rows = schedules.map((one) => [one.name, one.words, one.profile, one.health, one.nextAt ?? '', one.lastRun?.state ?? '']);
    output.result(
      { schedules },
      rows.length === 0 ? 'No schedules.' : table(['NAME', 'WHEN', 'PROFILE', 'HEALTH', 'NEXT (UTC)', 'LAST'], rows),
    );
    await warnWhereNobodyLeads(session);
  });

  schedule.command('show <name>').action(async (name: string) => {
    const session = await tools.open();
    show(await scheduleOf(session, name));
  });

  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    schedule.command(`${verb} <name>`).action(async (name: string) => {
      const session = await tools.open();
      const { id } = await scheduleOf(session, name);
      show(await session.client.schedules.setEnabled({ id, enabled }));
    });
  }

  schedule
    .command('remove <name>')
    .description('its runs and backups stay')
    .action(async (name: string) => {
      const session = await tools.open();
      const { id } = await scheduleOf(session, name);
      output.result(await session.client.schedules.remove({ id }), `Removed ${name}. Its backups stay.`);
    });

  schedule
    .command('run <name>')
    .description('runs it now, beside its plan, and waits for its end')
    .action(async (name: string) => {
      const session = await tools.open();
      const { id } = await scheduleOf(session, name);
      const begun = await session.client.schedules.run({ id });
      const ended = await runEnded(session, begun, tools.ending);
      await session.cleanups();
      output.result(
        { run: ended },
        `${ended.schedule}: ${ended.state}${ended.error === null ? '' : `: ${ended.error.message} ${ended.error.hint}`}`,
      );
      if (ended.state === 'cancelled') tools.exitWith(exitCodes.cancelled);
      else if (ended.state !== 'succeeded') tools.exitWith(exitCodes.failed);
    });

  schedule
    .command('next [name]')
    .description('slots to come, in UTC')
    .option('--from <time>', 'ISO (default: now)')
    .option('--to <time>', 'ISO')
    .option('--limit <n>', 'at most so many (20; with --to: 100000)')
    .action(async (name: string | undefined, args: { from?: string; to?: string; limit?: string }) => {
      const session = await tools.open();
      const { runs } = await session.client.schedules.next({
        ...(name === undefined ? {} : { scheduleId: (await scheduleOf(session, name)).id }),
        ...(args.from === undefined ? {} : { from: isoTime(args.from, '--from') }),
        ...(args.to === undefined ? {} : { to: isoTime(args.to, '--to') }),
        limit: args.limit === undefined ? (args.to === undefined ? 20 : 100_000) : parseNumber(args.limit, '--limit'),
      });
      output.result(
        { runs },
        runs.length === 0
          ? 'Nothing is planned.'
          : table(
              ['AT (UTC)', 'SCHEDULE', 'PROFILE'],
              runs.map((run) => [run.at, run.schedule, run.profile]),
            ),
      );
    });

  schedule
    .command('history [name]')
    .description('what came of each slot, newest first')
    .option('--from <time>', 'ISO')
    .option('--to <time>', 'ISO')
    .option('--state <state>', runStates.join(', '), oneOf(runStates))
    .option('--limit <n>', 'at most so many', '1000')
    .action(async (name: string | undefined, args: { from?: string; to?: string; state?: (typeof runStates)[number]; limit: string }) => {
      const session = await tools.open();
      const { runs, total } = await session.client.schedules.history({
        ...(name === undefined ? {} : { scheduleId: (await scheduleOf(session, name)).id }),
        ...(args.from === undefined ? {} : { from: isoTime(args.from, '--from') }),
        ...(args.to === undefined ? {} : { to: isoTime(args.to, '--to') }),
        ...(args.state === undefined ? {} : { state: args.state }),
        limit: parseNumber(args.limit, '--limit'),
      });
      const rows = runs.map((run) => [
        run.plannedAt,
        run.schedule,
        run.state,
        run.reason ?? '',
        run.backupId ?? '',
        run.error?.message ?? run.detail,
      ]);
      output.result(
        { runs, total },
        rows.length === 0 ? 'No runs.' : table(['PLANNED (UTC)', 'SCHEDULE', 'STATE', 'WHY', 'BACKUP', ''], rows),
      );
    });

  schedule
    .command('pause')
    .description('slots that come meanwhile are on record as skipped')
    .option('--until <time>', 'ISO')
    .option('--for <span>', '90m, 2h, 1d')
    .action(async (args: { until?: string; for?: string }) => {
      if ((args.until === undefined) === (args.for === undefined)) throw badInput('Say how long: --until, or --for.');
      const session = await tools.open();
      const until =
        args.until === undefined
          ? new Date(session.clock() + parseSpan(args.for ?? '') * 1000).toISOString()
          : isoTime(args.until, '--until');
      const status = await session.client.schedules.pause({ until });
      output.result({ status }, `Paused until ${status.pausedUntil ?? ''}.`);
    });
  schedule.command('resume').action(async () => {
    const session = await tools.open();
    const status = await session.client.schedules.pause({ until: null });
    output.result({ status }, 'The schedules go on.');
  });
  schedule.command('status').action(async () => {
    const session = await tools.open();
    const status = await session.client.schedules.status();
    const { leader } = status;
    const lines = [
      leader === null
        ? 'Nobody looks after the schedules.'
        : `Looked after by ${leader.host}, process ${leader.pid}, since ${leader.since}.`,
      ...(status.pausedUntil === null ? [] : [`Paused until ${status.pausedUntil}.`]),
      ...status.running.map((run) => `${run.schedule}: ${run.phase ?? 'running'}`),
      ...(status.next === null ? [] : [`Next: ${status.next.schedule} at ${status.next.at}.`]),
      ...status.alarms.map((alarm) => alarm.text),
    ];
    output.result({ status }, lines.join('\n'));
  });

  async function warnWhereNobodyLeads(session: Session): Promise<void> {
    const { alarms } = await session.client.schedules.status();
    for (const alarm of alarms) if (alarm.kind === 'nobody-runs') output.note(alarm.text);
  }
}

const badInput = (message: string): HowdahError => new HowdahError('BAD_INPUT', message, { hint: 'See the command with --help.' });

async function scheduleOf(session: Session, nameOrId: string): Promise<Schedule> {
  const schedules = await session.client.schedules.list();
  const found = schedules.find((one) => one.name.toLowerCase() === nameOrId.toLowerCase()) ?? schedules.find((one) => one.id === nameOrId);
  if (found !== undefined) return found;
  throw new HowdahError('NOT_FOUND', `There is no schedule "${nameOrId}".`, {
    hint: schedules.length === 0 ? 'Add one: howdah schedule add NAME …' : `There are: ${schedules.map((one) => one.name).join(', ')}.`,
  });
}

function whenOf({ every, cron }: AddArguments): When {
  if ((every === undefined) === (cron === undefined)) throw badInput('Say when: --every, or --cron.');
  return every === undefined ? { kind: 'cron', expression: cron ?? '' } : parseWhen(every);
}

async function taskOf(session: Session, args: AddArguments): Promise<Task> {
  const profile = args.profile === undefined ? null : await session.profile(args.profile);
  if (args.cleanup) {
    if (args.databases !== undefined || args.allDatabases) throw badInput('A cleanup is about a profile, not about databases.');
    return { kind: 'cleanup', profileId: profile?.id ?? null };
  }
  if (profile === null) throw badInput('Say what to back up: --profile.');
  const databases = databasesOf(args);
  const first = databases.kind === 'named' ? databases.names[0] : undefined;
  const { database: _own, ...options } = await readBackupOptions(session, profile.id, args, first);
  return { kind: 'backup', profileId: profile.id, databases, options };
}

function databasesOf({ databases, allDatabases, except }: AddArguments): ScheduledDatabases {
  if (databases !== undefined && allDatabases) throw badInput('Either --databases or --all-databases.');
  if (except !== undefined && !allDatabases) throw badInput('--except goes with --all-databases.');
  if (allDatabases) return { kind: 'all', except: except?.split(',').filter(Boolean) ?? [] };
  return databases === undefined ? { kind: 'profile' } : { kind: 'named', names: databases.split(',').filter(Boolean) };
}

function missedOf(text: string): MissedPolicy {
  if (text === 'run-once') return { kind: 'runOnce' };
  if (text === 'skip') return { kind: 'skip' };
  if (text.startsWith('grace:')) return { kind: 'grace', seconds: parseSpan(text.slice('grace:'.length)) };
  throw badInput(`--missed takes run-once, grace:DURATION or skip, not "${text}".`);
}

function isoTime(text: string, option: string): string {
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw badInput(`${option} takes an ISO time, as 2026-11-22T08:00:00Z, not "${text}".`);
  return new Date(at).toISOString();
}

async function runEnded(session: Session, begun: ScheduledRun, ending: AbortSignal): Promise<ScheduledRun> {
  let run = begun;
  let asked = false;
  while (run.state === 'running') {
    if (ending.aborted && !asked) {
      asked = true;
      run = await session.client.schedules.cancelRun({ id: run.id });
      continue;
    }
    await after(100);
    run = await session.client.schedules.getRun({ id: run.id });
  }
  return run;
}

function describe(found: Schedule): string {
  return [
    `${found.name}: ${found.words}`,
    `${found.task.kind} of ${found.profile}, ${found.health}`,
    `next: ${found.nextAt ?? 'none'}`,
    `last: ${found.lastRun === null ? 'none' : `${found.lastRun.plannedAt} ${found.lastRun.state}`}`,
    `missed: ${found.missed.kind === 'grace' ? `grace ${found.missed.seconds} s` : found.missed.kind}, overlap: ${found.overlap}, retries: ${found.retries}`,
  ].join('\n');
}
