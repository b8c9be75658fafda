// A job of the engine with what befalls it: it is left alone, cancelled, killed with its process, or loses its server.
import type { EndedJob } from '../../shared/contract/jobs.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import type { Client } from '../../electron/transport/client.ts';
import { until } from '../support/wait.ts';
import { demand } from './failure.ts';
import { HostGone, Refused } from './host-process.ts';
import type { Fate } from './plan.ts';
import { watchArguments } from './secrets.ts';
import { openHost, tellStory, type World } from './world.ts';

export type JobEnd =
  | { kind: 'ended'; job: EndedJob }
  /** Nothing was begun. */
  | { kind: 'refused'; report: ErrorReport }
  | { kind: 'killed' };

export const untouched: Fate = { kind: 'none' };

const waitMs = 240_000;

/** `what`: the kind of job, whose usual duration the moment is a share of. */
export async function runJob(
  world: World,
  what: string,
  fate: Fate,
  start: (client: Client) => Promise<{ jobId: string }>,
): Promise<JobEnd> {
  const begun = performance.now();
  const stopWatching = watchArguments(world);
  const progress = { over: false, jobId: null as string | null };
  const work = follow(world, start, progress);
  // It is awaited below, whatever happens first.
  work.catch(() => undefined);
  try {
    if (fate.kind !== 'none') {
      const at = fate.at * (world.typicalMs.get(what) ?? 500);
      await until('the moment', () => performance.now() - begun >= at || progress.over, waitMs);
      await befall(world, fate.kind, progress);
    }
    const end = await work;
    if (fate.kind === 'none') noteDuration(world, what, performance.now() - begun);
    if (fate.kind === 'kill') world.host = await openHost(world);
    if (fate.kind === 'crash') await reopen(world);
    tellStory(world, `${what}${fate.kind === 'none' ? '' : `, ${fate.kind} at ${fate.at.toFixed(2)}`}: ${saidOf(end)};`);
    requireGoodReport(end, what);
    requireFit(end, fate, what);
    await untilIdle(world);
    return end;
  } finally {
    stopWatching();
  }
}

async function follow(
  world: World,
  start: (client: Client) => Promise<{ jobId: string }>,
  progress: { over: boolean; jobId: string | null },
): Promise<JobEnd> {
  try {
    const { jobId } = await start(world.host.client);
    progress.jobId = jobId;
    return { kind: 'ended', job: await world.host.ended(jobId) };
  } catch (thrown) {
    if (thrown instanceof Refused) return { kind: 'refused', report: thrown.report };
    if (thrown instanceof HostGone) return { kind: 'killed' };
    throw thrown;
  } finally {
    progress.over = true;
  }
}

async function befall(world: World, how: 'cancel' | 'kill' | 'crash', progress: { over: boolean; jobId: string | null }): Promise<void> {
  if (how === 'kill') {
    await world.host.kill();
    world.figures.kills += 1;
  } else if (how === 'crash') {
    world.server.crash();
    world.figures.crashes += 1;
  } else {
    await until('it is queued', () => progress.jobId !== null || progress.over, waitMs);
    if (progress.jobId === null || progress.over) return;
    try {
      await world.host.client.jobs.cancel({ id: progress.jobId });
      world.figures.cancels += 1;
    } catch (thrown) {
      // It ended in that moment.
      if (!(thrown instanceof Refused) || thrown.report.code !== 'BAD_INPUT') throw thrown;
    }
  }
}

/** Ends the engine as a program ends, and opens it again. */
export async function reopen(world: World): Promise<void> {
  await world.host.close();
  world.host = await openHost(world);
}

/** A cleanup follows a backup by itself. */
export async function untilIdle(world: World): Promise<void> {
  await until('no job is active', async () => (await world.host.client.jobs.list({ active: true, limit: 100 })).length === 0, waitMs);
}

const saidOf = (end: JobEnd): string => {
  if (end.kind === 'killed') return 'killed';
  if (end.kind === 'refused') return `refused ${end.report.code}`;
  return end.job.status === 'succeeded' ? 'succeeded' : `${end.job.status} ${end.job.error.code}`;
};

export function reportOfEnd(end: JobEnd): ErrorReport | null {
  if (end.kind === 'refused') return end.report;
  return end.kind === 'ended' && end.job.status !== 'succeeded' ? end.job.error : null;
}

export const isDone = (end: JobEnd): boolean => end.kind === 'ended' && end.job.status === 'succeeded';

/** Every refusal says what to do next, and none is a fault of the program. */
function requireGoodReport(end: JobEnd, what: string): void {
  const report = reportOfEnd(end);
  if (report === null) return;
  demand(
    report.code !== 'INTERNAL' && report.hint !== '' && report.message !== '',
    `the error of ${what}`,
    'an error report with a hint',
    report,
  );
}

/** Only what befell it may end it otherwise than the step expects. */
function requireFit(end: JobEnd, fate: Fate, what: string): void {
  if (end.kind === 'killed') demand(fate.kind === 'kill', what, 'a process that lives', 'it died');
  const report = reportOfEnd(end);
  if (fate.kind !== 'cancel') demand(report?.code !== 'CANCELLED', what, 'not cancelled', report);
}

function noteDuration(world: World, what: string, took: number): void {
  const before = world.typicalMs.get(what);
  world.typicalMs.set(what, before === undefined ? took : before * 0.7 + took * 0.3);
}
