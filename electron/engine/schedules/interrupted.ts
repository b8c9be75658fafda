// Runs whose process is gone: docs/schedules.md, "The program dies during a run". Only a leader decides about them.
import { HowdahError } from '../../../shared/errors.ts';
import type { RunReason } from '../../../shared/contract/schedules.ts';
import { hostIsAlive } from '../catalog/host-lock.ts';
import { endRun, type Desk, type RunEnd } from './desk.ts';
import type { RunBackupEntry, RunRow } from './runs-store.ts';
import type { Owner } from './settle.ts';

/** `begun`: it was at work, or paused before another try. Else it only waited. */
export type Orphan = { row: RunRow; begun: boolean };

/** Of a run whose program ended as planned. */
export const waitsForLeader = 'The program ended; the run waits for another that looks after the schedules.';

/** At most this late is on time. */
export const onTimeMs = 60_000;
const interruptionsAtMost = 3;

/** By schedule. Those of a process that let go of them, and those of processes that are gone; looking whether others live
 * costs a little. */
export function findOrphans(desk: Desk): Map<string, Orphan[]> {
  const { hostId, ports } = desk.context;
  const alive = new Map<string, boolean>();
  const lives = (owner: string): boolean => {
    const known = alive.get(owner) ?? hostIsAlive(ports.homeDirectory, owner);
    alive.set(owner, known);
    return known;
  };
  const found = new Map<string, Orphan[]>();
  for (const row of desk.runs.open()) {
    if (row.owner === hostId || (row.owner !== null && lives(row.owner))) continue;
    const own = found.get(row.schedule_id) ?? [];
    own.push({ row, begun: row.started_at !== null });
    found.set(row.schedule_id, own);
  }
  return found;
}

/** Ends those that need no policy and adopts those that are still on time; the late ones come back, the oldest first.
 * `over`: nothing of the schedule is to run. */
export function sortOrphans(
  desk: Desk,
  orphans: Orphan[],
  owner: Owner,
  over: 'paused' | 'removed' | null,
  wrote: (...ids: string[]) => unknown,
): Orphan[] {
  const late: Orphan[] = [];
  for (const given of orphans) {
    const row = desk.runs.row(given.row.id);
    if (row === null || row.state !== 'running' || row.owner !== given.row.owner) continue; // another was quicker
    if (row.detail.includes(waitsForLeader)) {
      row.detail = row.detail.replace(waitsForLeader, '').trim();
      desk.runs.change(row.id, { detail: row.detail });
    }
    const orphan = { row, begun: row.started_at !== null };
    if (endedAnyway(desk, orphan)) wrote(row.id);
    else if (over !== null) wrote(...endOrphans(desk, [orphan], { reason: over, coveredBy: null }));
    else if (!orphan.begun && desk.now() - Date.parse(row.planned_at) <= onTimeMs) {
      desk.runs.change(row.id, { owner });
      wrote(row.id);
    } else late.push(orphan);
  }
  return late;
}

/** Whether it is over whatever the policy says, and on record so. */
function endedAnyway(desk: Desk, { row, begun }: Orphan): boolean {
  if (isCancelled(row)) {
    endRun(desk, row, { state: 'cancelled', reason: row.reason });
    return true;
  }
  if (!begun && row.trigger !== 'hand') return false;
  const backups = backupsNow(desk, row);
  desk.runs.change(row.id, { backups });
  if (row.phase === 'working' && row.error === null && isDone(desk, row, backups)) {
    // The work was done; only its record was not.
    desk.runs.change(row.id, { sizeBytes: sizeOf(desk, backups) });
    endRun(desk, row, row.trigger === 'catch-up' ? { state: 'caught-up', reason: row.reason } : { state: 'succeeded', reason: null });
    return true;
  }
  desk.runs.change(row.id, { interruptions: row.interruptions + 1 });
  if (row.trigger !== 'hand' && row.interruptions + 1 < interruptionsAtMost) return false;
  endRun(desk, row, interrupted());
  return true;
}

/** A slot that had begun and is not run again has failed; one that only waited is like any other late slot. */
export function endOrphans(desk: Desk, orphans: Orphan[], why: { reason: RunReason; coveredBy: string | null }): string[] {
  for (const { row, begun } of orphans) {
    if (why.coveredBy !== null) {
      desk.runs.passCover(row.id, why.coveredBy);
      desk.runs.change(row.id, { coveredBy: why.coveredBy });
    }
    if (begun) endRun(desk, row, interrupted());
    else if (why.reason === 'removed' || why.reason === 'paused') endRun(desk, row, { state: 'skipped', reason: why.reason });
    else endRun(desk, row, { state: 'missed', reason: why.reason }, true);
  }
  return orphans.map(({ row }) => row.id);
}

/** The slot's own record goes on, as a catch-up from the start. */
export function runAgain(desk: Desk, { row, begun }: Orphan, owner: Owner): string {
  desk.runs.change(row.id, {
    trigger: 'catch-up',
    reason: begun ? 'interrupted' : 'not-running',
    phase: 'waiting',
    owner,
    startedAt: null,
    nextTryAt: null,
    attempts: 0,
    sizeBytes: null,
    backups: [],
    jobId: null,
    error: null,
  });
  return row.id;
}

/** A run that ends without somebody who could try it again. */
export const interrupted = (): RunEnd => ({
  state: 'failed',
  reason: 'interrupted',
  error: new HowdahError('INTERRUPTED', 'The program ended while this run was at work.', {
    hint: 'Whatever it had made half-way was removed. Start the schedule by hand, or wait for its next slot.',
  }).report(),
});

/** Somebody wanted it to end, and it had no time to. */
const isCancelled = (row: RunRow): boolean => row.reason === 'by-user' || row.reason === 'replaced' || row.reason === 'window-end';

/** The entries as the backups themselves say: those still at work went with their process. */
function backupsNow(desk: Desk, row: RunRow): RunBackupEntry[] {
  const status = desk.context.catalog.prepare<[string], { status: RunBackupEntry['status'] }>('select status from backups where id = ?');
  return (JSON.parse(row.backups) as RunBackupEntry[]).map((entry) => {
    const now = status.get(entry.backupId)?.status ?? entry.status;
    return { ...entry, status: now === 'running' ? 'interrupted' : now };
  });
}

function isDone(desk: Desk, row: RunRow, backups: RunBackupEntry[]): boolean {
  if (row.kind === 'cleanup') return row.job_id !== null && desk.context.jobs.store.get(row.job_id)?.status === 'succeeded';
  return backups.length > 0 && backups.every((backup) => backup.status === 'succeeded');
}

function sizeOf(desk: Desk, backups: RunBackupEntry[]): number {
  const size = desk.context.catalog.prepare<[string], { size_bytes: number | null }>('select size_bytes from backups where id = ?');
  return backups.reduce((sum, backup) => sum + (size.get(backup.backupId)?.size_bytes ?? 0), 0);
}
