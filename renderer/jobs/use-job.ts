// One job with its log, followed by sequence number, so that a broken stream loses and repeats nothing.
import { useEffect, useState } from 'react';
import type { LogLine } from '../../shared/contract/backups.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';
import { follow } from '../streams.ts';
import type { Loadable } from '../ui/loadable.ts';
import { isEnded, put } from './store.ts';

export type FollowedJob = { job: Job; lines: readonly LogLine[] };

export function useJob(jobId: string): Loadable<FollowedJob> {
  const [state, setState] = useState<{ id: string; value: Loadable<FollowedJob> }>({ id: jobId, value: { status: 'loading' } });
  useEffect(() => {
    const controller = new AbortController();
    void followJob(jobId, controller.signal, (value) => {
      if (!controller.signal.aborted) setState({ id: jobId, value });
    });
    return () => controller.abort();
  }, [jobId]);
  return state.id === jobId ? state.value : { status: 'loading' };
}

async function followJob(id: string, signal: AbortSignal, show: (value: Loadable<FollowedJob>) => void): Promise<void> {
  let job: Job;
  let lines: LogLine[];
  try {
    [job, { lines }] = await Promise.all([api.jobs.get({ id }), api.jobs.log({ id })]);
  } catch (thrown) {
    show({ status: 'failed', error: errorReport(thrown) });
    return;
  }
  let last = lines.at(-1)?.sequence ?? 0;
  // A chatty log is drawn ten times a second, not once a line.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    show({ status: 'ready', value: { job, lines } });
  };
  flush();
  await follow({
    signal,
    wanted: () => !isEnded(job),
    open: (inner) => api.jobs.watch({ id, afterSequence: last }, { signal: inner }),
    onItem: (event) => {
      if (event.kind === 'job') {
        job = event.job;
        put([job]);
      } else if (event.line.sequence > last) {
        last = event.line.sequence;
        lines = [...lines, event.line];
      }
      timer ??= setTimeout(flush, 100);
    },
  });
  clearTimeout(timer);
  if (signal.aborted) return;
  // The end may have come between two events: the stored log is the whole one.
  try {
    lines = [...lines, ...(await api.jobs.log({ id, afterSequence: last })).lines];
  } catch {
    // What was streamed is already in sight.
  }
  flush();
}
