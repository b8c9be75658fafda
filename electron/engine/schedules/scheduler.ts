// Looks at the clock: leads where nobody does, settles what has come, and has it run.
import type { ScheduledRun, SchedulerStatus } from '../../../shared/contract/schedules.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { newId } from '../ids.ts';
import { alarmsThatBeginOrEnd } from './alarms.ts';
import { openDesk, present, type Desk } from './desk.ts';
import { createExecutor, type Executor } from './execute.ts';
import { findOrphans } from './interrupted.ts';
import { createLead, type Lead } from './leader.ts';
import { cancelRun } from './overlap.ts';
import { runTaskWith, type RunTask } from './run-task.ts';
import { runOf, settlePiece } from './settle.ts';
import { iso } from './store.ts';

export type Scheduler = {
  /** Tries to lead from now on, and runs what is due while it does. Only for hosts that stay. */
  start(): void;
  /** Looks at the clock at once: the computer woke up, a schedule changed. */
  wake(): void;
  leader(): SchedulerStatus['leader'];
  /** Leads for one settling and waits for what it started (`agent --once`). False: another leads. */
  once(): Promise<boolean>;
  /** Lets go of the lead. Runs in hand are interrupted by the jobs' own end. */
  close(): Promise<void>;
  /** Runs a schedule now, in this process, beside its plan. Errors: NOT_FOUND. */
  runNow(scheduleId: string): ScheduledRun;
  /** Asks a run of any process to end. Errors: NOT_FOUND, BAD_INPUT (it has ended). */
  cancelRun(runId: string): ScheduledRun;
  /** Told of each record that is decided, begun or ended here. The returned function ends it. */
  onRun(listener: (run: ScheduledRun) => void): () => void;
  /** Told when this process begins or ceases to lead, and of alarms that begin. */
  onLeading(listener: (leading: boolean) => void): () => void;
  onAlarm(listener: (text: string) => void): () => void;
  /** One look at the clock, as the timer has it looked: for fake clocks. Synchronous; work that it starts goes on. */
  step(): void;
  /** The earliest instant at which a look would do something; null: never. Alarms and the lead aside. */
  nextDue(): number | null;
  /** For tests: as if the process had died in this moment. */
  abandon(): void;
};

export type SchedulerOptions = {
  /** What makes the backups; the default: real ones. */
  runTask?: RunTask;
  /** Calls back again and again, until the returned function is called; the default: the system's timer. */
  every?: (milliseconds: number, tick: () => void) => () => void;
  /** Has what dead processes left behind cleared away, in the background: half folders, jobs that look as if they ran. */
  settleDead?: () => void;
};

const lookMs = 1000;
/** So long one look may take, beyond its last piece. */
const settleMs = 150;
const leadTryMs = 3000;
const orphanLookMs = 5000;
const alarmLookMs = 60_000;
const clockBackMs = 60_000;

const everyBySystem = (milliseconds: number, tick: () => void): (() => void) => {
  const timer = setInterval(tick, milliseconds);
  return () => clearInterval(timer);
};

/** `of`: the context, once it is whole. */
export function createScheduler(of: () => EngineContext, options: SchedulerOptions = {}): Scheduler {
  const every = options.every ?? everyBySystem;
  const alarmListeners = new Set<(text: string) => void>();
  let made: { desk: Desk; lead: Lead; executor: Executor } | null = null;
  let started = false;
  /** `agent --once`: leads while it settles, and lets others lead while its runs work. */
  let once: 'settling' | 'working' | null = null;
  let closed = false;
  let closing: Promise<void> | null = null;
  let stopTicking: (() => void) | null = null;
  let triedAt = -Infinity;
  let orphansAt = -Infinity;
  let alarmsAt = -Infinity;
  let waiters: (() => void)[] = [];
  /** More has come than could be written at once: the next look goes on. */
  let unsettled = false;
  let goingOn: NodeJS.Immediate | null = null;

  const parts = () => {
    if (made !== null) return made;
    const context = of();
    const desk = openDesk(context);
    const executor = createExecutor(desk, options.runTask ?? runTaskWith(context), () => wake());
    made = { desk, lead: createLead(context), executor };
    return made;
  };
  const apart = (one: number, other: number): number => Math.abs(one - other);

  const takeLead = (): boolean => {
    const { desk, lead } = parts();
    if (lead.leading()) return true;
    if (!lead.take()) return false;
    orphansAt = alarmsAt = -Infinity;
    desk.context.messages.lead(true);
    options.settleDead?.();
    desk.context.events.emit({ kind: 'catalogChanged' });
    desk.news.emit('leading', true);
    return true;
  };

  /** What has come, in all schedules, as far as it can be written in a moment; the program has others to answer. */
  const settleAll = (now: number): void => {
    const until = performance.now() + settleMs;
    unsettled = false;
    const { desk } = parts();
    const openOnes = desk.runs.open();
    const foreign = openOnes.some((row) => row.owner !== null && row.owner !== desk.context.hostId);
    const left = openOnes.some((row) => row.owner === null);
    const lookAtOrphans = left || (foreign && apart(now, orphansAt) >= orphanLookMs);
    if (lookAtOrphans) orphansAt = now;
    const orphans = lookAtOrphans ? findOrphans(desk) : new Map<string, never[]>();
    if ([...orphans.values()].flat().some(({ row }) => row.owner !== null)) options.settleDead?.();
    const ids = new Set([
      ...orphans.keys(),
      // Each time: another program with another clock may have settled one, and one may have failed to be settled before.
      ...desk.schedules.settledBeyond(now + clockBackMs),
      ...desk.schedules.due(now),
    ]);
    for (const id of ids) {
      if (performance.now() > until) {
        unsettled = true;
        orphansAt = -Infinity;
        break;
      }
      try {
        const piece = settlePiece(desk, id, desk.context.hostId, orphans.get(id) ?? []);
        for (const run of piece.runs) desk.news.emit('run', run);
        if (piece.more) unsettled = true;
      } catch (thrown) {
        // One schedule that cannot be settled now keeps no other from it; the next look tries again.
        desk.context.ports.log.error(`the schedule ${id} could not be settled`, thrown);
      }
    }
    if (ids.size > 0) desk.context.events.emit({ kind: 'catalogChanged' });
  };

  const lookForAlarms = (now: number): void => {
    if (unsettled || apart(now, alarmsAt) < alarmLookMs) return;
    alarmsAt = now;
    const { context } = parts().desk;
    const began = context.catalog
      .transaction(() => {
        const found = alarmsThatBeginOrEnd(context, context.ports.clock());
        for (const alarm of found) context.messages.tell(alarm);
        return found;
      })
      .immediate();
    for (const alarm of began) for (const listener of alarmListeners) listener(alarm.text);
  };

  const letLeadGo = (): void => {
    const { desk, lead } = parts();
    if (lead.leading()) desk.context.messages.lead(false);
    lead.release();
  };

  const look = (): void => {
    const { desk, lead, executor } = parts();
    const now = desk.now();
    if (started && !lead.leading() && apart(now, triedAt) >= leadTryMs) {
      triedAt = now;
      takeLead();
    }
    if ((started || once === 'settling') && lead.leading()) settleAll(now);
    executor.step();
    if (once === 'settling' && !unsettled) {
      once = 'working';
      if (!started) letLeadGo();
    }
    if (lead.leading() && once === null) lookForAlarms(now);
    if (!executor.busy() && !unsettled) {
      const told = waiters;
      waiters = [];
      for (const tell of told) tell();
    }
  };
  const step = (): void => {
    if (closed) return;
    try {
      look();
    } catch (thrown) {
      // The catalog may be busy for a moment; the next look tries again.
      of().ports.log.error('the scheduler could not look', thrown);
    }
    if (unsettled && !closed)
      goingOn ??= setImmediate(() => {
        goingOn = null;
        step();
      });
    const needed = started || once !== null || parts().executor.busy();
    if (needed) stopTicking ??= every(lookMs, step);
    else {
      stopTicking?.();
      stopTicking = null;
    }
  };
  const wake = (): void => {
    if (started || made !== null) step();
  };

  const close = async (): Promise<void> => {
    closed = true;
    stopTicking?.();
    stopTicking = null;
    if (made === null) return;
    try {
      await made.executor.close();
    } finally {
      letLeadGo();
      for (const tell of waiters) tell();
    }
  };

  return {
    start() {
      started = true;
      step();
    },
    wake,
    step,
    leader: () => parts().lead.leader(),
    async once() {
      const { desk } = parts();
      if (closed || !takeLead()) return false;
      once = 'settling';
      const idle = new Promise<void>((resolve) => waiters.push(resolve));
      step();
      await idle;
      if (closed) return true;
      // Where another leads by now, it tells of everything.
      if (takeLead()) {
        alarmsAt = -Infinity;
        lookForAlarms(desk.now());
        await desk.context.messages.deliver();
      }
      once = null;
      if (!started) letLeadGo();
      step();
      return true;
    },
    close: () => (closing ??= close()),
    runNow(scheduleId) {
      const { desk } = parts();
      const schedule = desk.schedules.get(scheduleId);
      const id = newId('run');
      const insert = desk.context.catalog.transaction(() => {
        // Never on a whole minute: those belong to slots.
        for (let at = desk.now() + (desk.now() % 60_000 === 0 ? 1 : 0); ; at += 1) {
          if (at % 60_000 === 0) continue;
          const base = { ...runOf(schedule), id, plannedAt: iso(at), owner: desk.context.hostId, coveredBy: null, finishedAt: null };
          if (desk.runs.insert({ ...base, state: 'running', trigger: 'hand', reason: null, detail: '', phase: 'waiting' })) return;
        }
      });
      insert.immediate();
      step();
      return present(desk.runs.row(id));
    },
    cancelRun(runId) {
      const { desk } = parts();
      desk.context.catalog
        .transaction(() => {
          const row = desk.runs.row(runId);
          if (row === null) throw new HowdahError('NOT_FOUND', `There is no run ${runId}.`, { hint: 'See the history of the schedule.' });
          if (row.state !== 'running')
            throw new HowdahError('BAD_INPUT', `The run ${runId} has already ended (${row.state}).`, {
              hint: 'Nothing needs to be cancelled.',
            });
          cancelRun(desk, row, 'by-user');
        })
        .immediate();
      desk.context.events.emit({ kind: 'catalogChanged' });
      step();
      return present(desk.runs.row(runId));
    },
    onRun(listener) {
      const { news } = parts().desk;
      news.on('run', listener);
      return () => void news.off('run', listener);
    },
    onLeading(listener) {
      const { news } = parts().desk;
      news.on('leading', listener);
      return () => void news.off('leading', listener);
    },
    onAlarm(listener) {
      alarmListeners.add(listener);
      return () => void alarmListeners.delete(listener);
    },
    nextDue() {
      const { desk, executor } = parts();
      const times = [desk.schedules.firstNextAt(), executor.nextDue()].filter((at) => at !== null);
      return times.length === 0 ? null : Math.min(...times);
    },
    abandon() {
      closed = true;
      stopTicking?.();
      made?.executor.abandon();
      made?.lead.abandon();
    },
  };
}
