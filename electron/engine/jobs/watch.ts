// Streams of job states and log lines, fed by this process at once and by others through the catalog.
import { setTimeout as after } from 'node:timers/promises';
import type { Job, JobEvent } from '../../../shared/contract/jobs.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { logStart, readJobLog } from './log-file.ts';

const pollMs = 500;

/** Resolves at the next change in this process, or after the poll time; true while the listener wants more. */
async function nextTurn(context: EngineContext, signal: AbortSignal | undefined, about?: string): Promise<boolean> {
  if (signal?.aborted) return false;
  const wake = new AbortController();
  const onChange = (id: string): void => {
    if (about === undefined || id === about) wake.abort();
  };
  context.jobs.emitter.on('changed', onChange);
  context.jobs.emitter.on('log', onChange);
  const stop = (): void => wake.abort();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await after(pollMs, undefined, { signal: wake.signal });
  } catch {
    // woken: that is what the signal is for
  } finally {
    context.jobs.emitter.off('changed', onChange);
    context.jobs.emitter.off('log', onChange);
    signal?.removeEventListener('abort', stop);
  }
  return !signal?.aborted;
}

/** One job's state and log; ends with the job. Errors: NOT_FOUND. */
export async function* watchJob(context: EngineContext, id: string, afterSequence: number, signal: AbortSignal | undefined): AsyncGenerator<JobEvent> {
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
