// What the rest of the engine tells `messages`; it decides which channels hear of it.
import type { ScheduledRun } from '../../../shared/contract/schedules.ts';
import type { ErrorReport } from '../../../shared/errors.ts';

export type Told =
  | { kind: 'run-started'; run: ScheduledRun }
  /** Any end but `missed`; whether it is a failure, a success or a recovery is worked out from the runs before it. */
  | { kind: 'run-ended'; run: ScheduledRun }
  /** One settling's late slots of one schedule, newest first; `caughtUp`: the newest runs now. */
  | { kind: 'slots-missed'; runs: ScheduledRun[]; caughtUp: boolean; /** Of all; `runs` has the newest thousand at most. */ count?: number }
  | {
      kind: 'alarm';
      alarm: 'overdue' | 'none-in-24h' | 'many-failures';
      scheduleId: string;
      schedule: string;
      profile: string;
      text: string;
    }
  | { kind: 'cleanup-failed'; profile: string; backupId: string | null; error: ErrorReport };

export type Messages = {
  /** Writes to the outbox, synchronously: call it inside the transaction that records what it tells of. */
  tell(told: Told): void;
  /** Begins sending, while this process leads; and showing desktop notifications, where the host can. */
  lead(leading: boolean): void;
  /** Tries what is due now; resolves when those tries are over. With patience, also what falls due (a second try, say)
   * within so many milliseconds: for a process that ends afterwards. */
  deliver(patienceMs?: number): Promise<void>;
  close(): Promise<void>;
};
