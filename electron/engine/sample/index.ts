import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { removeSample, sampleState, startSample } from './sample.ts';

export function sampleHandlers(os: Implementer, context: EngineContext) {
  return os.sample.router({
    state: os.sample.state.handler(() => sampleState(context)),
    start: os.sample.start.handler(() => {
      const job = context.jobs.start({
        kind: 'sample',
        title: 'Starting the sample database',
        profile: 'Sample shop',
        profileId: null,
        database: 'shop',
        subjectId: null,
        serverKey: 'sample',
        run: (run) => startSample(context, run),
      });
      return { jobId: job.id };
    }),
    remove: os.sample.remove.handler(async () => {
      await removeSample(context);
      return sampleState(context);
    }),
  });
}
