// A slot that is to run, while earlier runs of its schedule may still be going: docs/schedules.md, "Overlap".
import { assertNever } from '../../../shared/errors.ts';
import type { ScheduleFields } from '../../../shared/contract/schedules.ts';
import { endRun, type Desk } from './desk.ts';
import type { NewRun, RunRow } from './runs-store.ts';

/** Writes the record of a slot that is to run: it waits for its turn, which mostly is at once, or is skipped; earlier runs
 * may have to give way. A catch-up cancels nothing and gives way to nothing but a newer catch-up.
 * `before`: the catch-up of the same settling. Gives the ids of all records that changed. */
export function admit(desk: Desk, overlap: ScheduleFields['overlap'], run: NewRun, before: string | null): string[] {
  const open = desk.runs.open(run.scheduleId).filter((row) => row.id !== before);
  if (run.trigger === 'catch-up') {
    const stale = queueOf(open).filter((row) => row.trigger === 'catch-up');
    const admitted = waits(desk, run);
    for (const row of stale) {
      desk.runs.change(row.id, { coveredBy: run.id });
      endRun(desk, row, { state: 'missed', reason: 'covered' }, true);
      desk.runs.passCover(row.id, run.id);
    }
    return [...stale.map((row) => row.id), ...admitted];
  }
  const regular = open.filter((row) => row.trigger === 'slot');
  switch (overlap) {
    case 'skip':
      return regular.length > 0 ? skipped(desk, run) : waits(desk, run);
    case 'queue': {
      const waiting = queueOf(desk.runs.open(run.scheduleId)).filter((row) => row.trigger === 'slot');
      for (const row of waiting) endRun(desk, row, { state: 'skipped', reason: 'overlap' });
      return [...waiting.map((row) => row.id), ...waits(desk, run)];
    }
    case 'cancel':
      for (const row of regular) cancelRun(desk, row, 'replaced');
      return [...regular.map((row) => row.id), ...waits(desk, run)];
    default:
      return assertNever(overlap);
  }
}

/** It has not begun. One that was interrupted waits, too, but for a leader: that is no place in a queue. */
export const onlyWaits = (row: RunRow): boolean => row.phase === 'waiting' && row.started_at === null && row.trigger !== 'hand';

/** Those that wait behind another; where nothing is at work, the first in line is as good as begun. */
function queueOf(open: RunRow[]): RunRow[] {
  const waiting = open.filter(onlyWaits);
  return open.length > waiting.length ? waiting : waiting.slice(1);
}

/** What works is asked to end, by its mark; its owner sees to it. What only waits or pauses ends here. */
export function cancelRun(desk: Desk, row: RunRow, reason: 'replaced' | 'by-user' | 'window-end'): void {
  if (row.phase === 'working' && row.owner !== null) desk.runs.change(row.id, { reason });
  else endRun(desk, row, { state: 'cancelled', reason });
}

const waits = (desk: Desk, run: NewRun): string[] => (desk.runs.insert(run) ? [run.id] : []);

function skipped(desk: Desk, run: NewRun): string[] {
  if (!desk.runs.insert(run)) return [];
  const row = desk.runs.row(run.id);
  if (row !== null) endRun(desk, row, { state: 'skipped', reason: 'overlap' });
  return [run.id];
}
