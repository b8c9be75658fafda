import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { startCleanup } from './clean.ts';
import { deletionJournal } from './journal.ts';
import { planRetention } from './plan.ts';
import { rulesStore } from './rules.ts';

export function retentionHandlers(os: Implementer, context: EngineContext) {
  const { catalog } = context;
  const rules = rulesStore(catalog);
  const changed = (): void => context.events.emit({ kind: 'catalogChanged' });
  return os.retention.router({
    list: os.retention.list.handler(() => rules.list()),
    set: os.retention.set.handler(({ input }) => {
      const policy = rules.set(input.scope, input.rule, new Date(context.ports.clock()).toISOString());
      changed();
      return policy;
    }),
    remove: os.retention.remove.handler(({ input }) => {
      const removed = rules.remove(input.scope);
      changed();
      return { removed };
    }),
    preview: os.retention.preview.handler(async ({ input }) => {
      if (input.profileId !== undefined) context.profiles.get(input.profileId);
      const plan = await planRetention(context, input.profileId ?? null, input.instead);
      const sum = (list: { sizeBytes: number }[]): number => list.reduce((total, one) => total + one.sizeBytes, 0);
      return { keep: plan.keep, delete: plan.going, keepBytes: sum(plan.keep), deleteBytes: sum(plan.going) };
    }),
    apply: os.retention.apply.handler(async ({ input }) => {
      const profileId = input.profileId ?? null;
      const { going } = await planRetention(context, profileId);
      if (going.length !== input.confirm) {
        throw new HowdahError(
          'PLAN_STALE',
          `Now ${going.length} backups would go, and ${input.confirm} were confirmed. Nothing was deleted.`,
          {
            hint: 'Look at the new preview, then apply that.',
          },
        );
      }
      refuseSecond(context);
      return startCleanup(context, { profileId, priority: 0, only: new Set(going.map((one) => one.id)) });
    }),
    deletions: os.retention.deletions.handler(({ input }) => deletionJournal(catalog).list(input.limit, input.offset)),
  });
}

/** What a cleanup that is at work will leave, nobody has seen yet. */
function refuseSecond({ catalog }: EngineContext): void {
  const job = catalog.prepare<[], { title: string }>("select title from jobs where kind = 'cleanup' and status = 'running'").get();
  if (job === undefined) return;
  throw new HowdahError('BUSY', `Another cleanup is at work: ${job.title}.`, { hint: 'Wait for it, then look at a new preview.' });
}
