// Streams of job states and log lines, fed by this process at once and by others through the catalog.
import { setTimeout as after } from 'node:timers/promises';
import type { Job, JobEvent } from '../../../shared/contract/jobs.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { logStart, readJobLog } from './log-file.ts';

const pollMs = 500;
/** A restore may log thousands of lines a second: whoever watches is told a few times a second, with all of them. */
const leastMs = 100;

/** Resolves at the next change in this process, or after the poll time; true while the listener wants more.
 * `about`: one job, its log too; absent: any job's state. */
async function nextTurn(context: EngineContext, signal: AbortSignal | undefined, about?: string): Promise<boolean> {
  const { emitter } = context.jobs;
  const wake = new AbortController();
  const onChange = (id: string): void => {
    if (about === undefined || id === about) wake.abort();
  };
  emitter.on('changed', onChange);
  if (about !== undefined) emitter.on('log', onChange);
  const asked = signal ?? new AbortController().signal;
  try {
    await sleep(leastMs, asked);
    await sleep(pollMs, AbortSignal.any([wake.signal, asked]));
  } finally {
    emitter.off('changed', onChange);
    emitter.off('log', onChange);
  }
  return !asked.aborted;
}

/** Sleeps, or is woken. */
async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await after(milliseconds, undefined, { signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

/** One job's state and log; ends with the job. Errors: NOT_FOUND. */
export async function* watchJob(
  context: EngineContext,
  id: string,
  afterSequence: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobEvent> {
  const cursor = logStart();
  let last = '';
  do {
    // The state first: whatever is logged before the end is then surely on file.
    const job = context.jobs.store.get(id);
    if (job === null) throw new HowdahError('NOT_FOUND', `There is no job ${id}.`, { hint: 'See the list of jobs.' });
    for (const line of readJobLog(context.ports.homeDirectory, id, cursor)) {
      if (line.sequence > afterSequence) yield { kind: 'log', line };
    }
    const seen = JSON.stringify(job);
    if (seen !== last) {
      last = seen;
      yield { kind: 'job', job };
    }
    if ('finishedAt' in job) return;
  } while (await nextTurn(context, signal, id));
}

/** Every job whose state changes, in whichever process; begins with the active ones. */
export async function* watchAllJobs(context: EngineContext, signal: AbortSignal | undefined): AsyncGenerator<Job> {
  const seen = new Map<string, string>();
  for (const job of context.jobs.store.list(false, 200)) if ('finishedAt' in job) seen.set(job.id, JSON.stringify(job));
  do {
    for (const job of context.jobs.store.list(false, 200).reverse()) {
      const text = JSON.stringify(job);
      if (seen.get(job.id) === text) continue;
      seen.set(job.id, text);
      yield job;
    }
  } while (await nextTurn(context, signal));
}
