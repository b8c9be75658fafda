import { reportOf, HowdahError } from '../../../shared/errors.ts';
import type { PreviewRequest } from '../../../shared/contract/previews.ts';
import type { EngineContext } from '../context.ts';
import { newId } from '../ids.ts';
import type { Implementer } from '../implementer.ts';
import { noteRead } from '../backups/in-use.ts';
import { serverKey } from '../postgres/target.ts';
import { estimatePreview } from './estimate.ts';
import { judgeNow } from './judge.ts';
import { preparePreview } from './prepare.ts';

export function previewsHandlers(os: Implementer, context: EngineContext) {
  const { previews } = context;
  return os.previews.router({
    estimate: os.previews.estimate.handler(({ input }) => estimatePreview(context, input)),
    start: os.previews.start.handler(({ input }) => startPreview(context, input)),
    get: os.previews.get.handler(({ input }) => previews.state(input.id)),
    rows: os.previews.rows.handler(({ input }) => previews.get(input.id).page(input)),
    judge: os.previews.judge.handler(async ({ input }) => {
      const { compared, target } = previews.get(input.id);
      if (compared === null) throw notBeside();
      const { found: _found, ...judgement } = await judgeNow(target, compared, input);
      return judgement;
    }),
    close: os.previews.close.handler(async ({ input }) => {
      const running = previews.runningJob(input.id);
      if (running !== null) context.jobs.cancel(running);
      await previews.close(input.id);
      return { done: true as const };
    }),
  });
}

const notBeside = (): HowdahError =>
  new HowdahError('RESTORE_BLOCKED', 'The rows were staged on another server: they can be looked at, but no strategy can be carried out.', {
    hint: 'Let an administrator grant CREATE on the database, then make the preview again.',
  });

async function startPreview(context: EngineContext, request: PreviewRequest): Promise<{ jobId: string; previewId: string }> {
  const profile = context.profiles.get(request.profileId);
  const target = await context.profiles.target(profile.id);
  const database = request.database ?? target.database;
  const [previewId, jobId] = [newId('pre'), newId('job')];
  const { previews } = context;
  previews.begin(previewId, jobId);
  context.jobs.start({
    id: jobId,
    kind: 'preview',
    title: `Preview of a restore into ${database} on ${profile.name}`,
    profile: profile.name,
    profileId: profile.id,
    database,
    subjectId: previewId,
    serverKey: serverKey(target),
    record: () => {
      if (request.source.kind === 'backup') noteRead(context.catalog, jobId, request.source.id);
    },
    async run(job) {
      try {
        const prepared = await preparePreview(context, job, request, previewId);
        if (!previews.ready(previewId, prepared)) await prepared.drop();
        return { previewId, totals: prepared.preview.totals };
      } catch (thrown) {
        previews.failed(previewId, reportOf(job.signal.aborted ? job.signal.reason : thrown));
        throw thrown;
      }
    },
    neverRan: (error) => previews.failed(previewId, error.report()),
  });
  return { jobId, previewId };
}
