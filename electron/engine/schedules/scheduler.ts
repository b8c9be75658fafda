// Placeholder of the interface; the scheduler itself is being built.
import type { SchedulerStatus } from '../../../shared/contract/schedules.ts';

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
};

export const createScheduler = (): Scheduler => ({
  start: () => undefined,
  wake: () => undefined,
  leader: () => null,
  once: () => Promise.resolve(false),
  close: () => Promise.resolve(),
});
