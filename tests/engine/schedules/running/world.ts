// The real catalog and the real scheduler; the clock, the backup itself and the death of a process are in the test's hand.
import { onTestFinished } from 'vitest';
import type { EngineContext } from '../../../../electron/engine/context.ts';
import { holdHostLock } from '../../../../electron/engine/catalog/host-lock.ts';
import { openCatalog } from '../../../../electron/engine/catalog/open.ts';
import { createMessages } from '../../../../electron/engine/messages/index.ts';
import { createProfiles } from '../../../../electron/engine/profiles/profiles.ts';
import { scheduleEditor } from '../../../../electron/engine/schedules/edit.ts';
import type { RunTask, TaskEnd, TaskOrder } from '../../../../electron/engine/schedules/run-task.ts';
import { runsStore, type RunRow } from '../../../../electron/engine/schedules/runs-store.ts';
import { createScheduler } from '../../../../electron/engine/schedules/scheduler.ts';
import { profileFields } from '../../../../shared/contract/profiles.ts';
import { scheduleFields, type ScheduleFields } from '../../../../shared/contract/schedules.ts';
import { HowdahError, type ErrorCode } from '../../../../shared/errors.ts';
import { parseWhen } from '../../../../shared/schedules/text.ts';
import { makeHome } from '../../../support/home.ts';

/** `03-10 02:00`, optionally with seconds, in 2026, UTC; or a whole ISO time. */
export const instant = (time: string): number =>
  Date.parse(time.includes('T') ? time : `2026-${time.replace(' ', 'T')}${time.length === 11 ? ':00' : ''}Z`);
const shown = (iso: string): string => `${iso.startsWith('2026-') ? '' : iso.slice(0, 5)}${iso.slice(5, 16).replace('T', ' ')}`;

/** One try that the stand-in has been handed. */
export type Try = {
  order: TaskOrder;
  databases: string[];
  /** Ends it: those named here fail, all others are made, of 100 bytes each. */
  end(faults?: Record<string, Fault>): Promise<void>;
  over: boolean;
};
export type Fault = ErrorCode | { code: ErrorCode; detail: string };

export type World = Awaited<ReturnType<typeof makeWorld>>;

/** Lets all that is done already be told. */
export async function told(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export async function makeWorld(start = '03-10 00:00') {
  const home = makeHome();
  let now = instant(start);
  const faults: string[] = [];
  const tries: Try[] = [];
  let holds = false;
  let stubborn = false;
  let hosts = 0;
  let made = 0;

  /** The stand-in for the backup: ends well at once, or when the test says so; a cancel ends it as cancelled. */
  const standIn: RunTask = (order) =>
    new Promise<TaskEnd>((resolve) => {
      const { task } = order;
      const named = task.kind === 'backup' && task.databases.kind === 'named' ? task.databases.names : ['shop'];
      const databases = order.only ?? named;
      const backups = databases.map((database) => ({
        backupId: `bak_${order.runId}_${order.attempt}_${database}`,
        database,
        status: 'running' as 'running' | 'failed' | 'succeeded',
        jobId: null,
      }));
      order.queued({ backups, jobId: null });
      const one: Try = {
        order,
        databases,
        over: false,
        end(failing = {}) {
          if (one.over) throw new Error('that try has ended');
          one.over = true;
          const failures = databases.flatMap((database) => {
            const fault = failing[database];
            if (fault === undefined) return [];
            const { code, detail } = typeof fault === 'string' ? { code: fault, detail: undefined } : fault;
            const rest = { hint: 'h', ...(detail === undefined ? {} : { detail }) };
            return [{ database, error: new HowdahError(code, `${code} of ${database}`, rest).report() }];
          });
          for (const entry of backups) entry.status = failures.some((each) => each.database === entry.database) ? 'failed' : 'succeeded';
          resolve({ backups, jobId: null, sizeBytes: 100 * (databases.length - failures.length), failures, detail: '' });
          return told();
        },
      };
      tries.push(one);
      order.signal.addEventListener('abort', () => {
        if (!one.over && !stubborn) void one.end(Object.fromEntries(databases.map((name) => [name, 'CANCELLED' as const])));
      });
      if (!holds) void one.end();
    });

  /** One process. `leads` false: a command, which decides but runs nothing. */
  const boot = (leads: boolean) => {
    hosts += 1;
    const hostId = `hos_${hosts}`;
    const catalog = openCatalog(home);
    const lock = holdHostLock(home, hostId);
    const ports = {
      homeDirectory: home,
      clock: () => now,
      host: { kind: leads ? 'agent' : 'command-line', keepAwake: () => () => undefined, notify: null },
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: (text: string, thrown: unknown) => void faults.push(`${text}: ${thrown instanceof Error ? thrown.stack : ''}`),
      },
    };
    const events = { emit: () => undefined, watch: () => () => undefined };
    const profiles = createProfiles(catalog, ports as never);
    const parts = { catalog, hostId, ports, events, profiles, settings: () => ({ jobsPerServer: 4, jobsInAll: 8 }) };
    const messages = createMessages(parts as never);
    const context = { ...parts, messages } as unknown as EngineContext;
    const scheduler = createScheduler(() => context, { runTask: standIn, every: () => () => undefined });
    context.scheduler = leads ? scheduler : { ...scheduler, wake: () => undefined };
    const one = {
      context,
      scheduler,
      editor: scheduleEditor(context),
      gone: false,
      /** The process dies: nothing more is written, the system lets go of its locks. */
      kill() {
        one.gone = true;
        scheduler.abandon();
        lock.release();
        tries.splice(0);
      },
      async close() {
        one.gone = true;
        await scheduler.close();
        lock.release();
      },
    };
    onTestFinished(async () => {
      if (!one.gone) await one.close();
      await messages.close();
      catalog.close();
    });
    if (leads) scheduler.start();
    return one;
  };

  let host = boot(true);
  const command = boot(false);
  const runs = runsStore(command.context.catalog);
  const profile = await command.context.profiles.create(
    profileFields.parse({ name: 'shop', host: 'db.test', port: 5432, database: 'shop' }),
    undefined,
  );
  onTestFinished(() => {
    if (faults.length > 0) throw new Error(faults.join('\n'));
  });
  const rows = (scheduleId: string): RunRow[] =>
    command.context.catalog.prepare<[string], RunRow>('select * from runs where schedule_id = ? order by planned_at').all(scheduleId);

  return {
    /** The leader. */
    host: () => host,
    /** Another process, which does not lead. */
    command,
    boot,
    faults,
    runs,
    rows,
    now: () => now,
    set: (time: string): void => void (now = instant(time)),
    /** It is that time, and the leader looks at the clock. */
    async at(time: string): Promise<void> {
      now = instant(time);
      host.scheduler.step();
      await told();
    },
    /** From now on tries go on until they are ended. */
    hold: (on = true): void => void (holds = on),
    /** A try that is cancelled goes on until it is ended. */
    set stubborn(on: boolean) {
      stubborn = on;
    },
    tries,
    /** The only try that goes on. */
    work(): Try {
      const open = tries.filter((each) => !each.over);
      if (open.length !== 1 || open[0] === undefined) throw new Error(`${open.length} tries go on`);
      return open[0];
    },
    /** How many go on. */
    working: (): number => tries.filter((each) => !each.over).length,
    /** Another process takes over at that time. */
    async next(time: string): Promise<void> {
      now = instant(time);
      host = boot(true);
      await told();
    },
    fields: (every: string, change: Record<string, unknown> = {}): ScheduleFields =>
      scheduleFields.parse({
        name: `s${(made += 1)}`,
        when: parseWhen(every),
        timeZone: 'UTC',
        task: { kind: 'backup', profileId: profile.id },
        ...change,
      }),
    several: (...names: string[]) => ({ task: { kind: 'backup', profileId: profile.id, databases: { kind: 'named', names } } }),
    add(every: string, change: Record<string, unknown> = {}): string {
      return command.editor.create(this.fields(every, change)).id;
    },
    /** Runs it by hand in the leader. */
    async byHand(scheduleId: string): Promise<string> {
      const { id } = host.scheduler.runNow(scheduleId);
      await told();
      return id;
    },
    /** Its records, the oldest slot first: `03-10 02:00 missed covered by 03-11 02:00`; trigger where it is not `slot`. */
    history(scheduleId: string): string[] {
      return rows(scheduleId).map((row) => {
        const trigger = row.trigger === 'slot' ? null : `(${row.trigger})`;
        const by = row.covered_by === null ? null : `by ${shown(runs.row(row.covered_by)?.planned_at ?? 'nothing')}`;
        const words = [shown(row.planned_at), row.state, row.phase, row.reason, trigger, by];
        return words.filter((word) => word !== null).join(' ');
      });
    },
    row(scheduleId: string, time: string): RunRow {
      const row = runs.at(scheduleId, instant(time));
      if (row === null) throw new Error(`no record of ${time}`);
      return row;
    },
  };
}
