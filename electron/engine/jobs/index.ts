import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { logStart, readJobLog } from './log-file.ts';
import { watchAllJobs, watchJob } from './watch.ts';

export function jobsHandlers(os: Implementer, context: EngineContext) {
  const { store } = context.jobs;
  const known = (id: string) => {
    const job = store.get(id);
    if (job === null) throw new HowdahError('NOT_FOUND', `There is no job ${id}.`, { hint: 'See the list of jobs.' });
    return job;
  };
  return os.jobs.router({
    list: os.jobs.list.handler(({ input }) => store.list(input.active, input.limit)),
    get: os.jobs.get.handler(({ input }) => known(input.id)),
    cancel: os.jobs.cancel.handler(({ input }) => context.jobs.cancel(input.id)),
    log: os.jobs.log.handler(({ input }) => {
      known(input.id);
      const lines = readJobLog(context.ports.homeDirectory, input.id, logStart());
      return { lines: lines.filter((line) => line.sequence > input.afterSequence) };
    }),
    watch: os.jobs.watch.handler(({ input, signal }) => watchJob(context, input.id, input.afterSequence, signal)),
    watchAll: os.jobs.watchAll.handler(({ signal }) => watchAllJobs(context, signal)),
  });
}
