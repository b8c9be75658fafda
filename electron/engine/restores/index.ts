import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { exportRestores } from './export.ts';
import { planRestore } from './plan.ts';
import { startDiscard, startRestore, startUndo } from './start.ts';
import { restoreStore } from './store.ts';

export function restoresHandlers(os: Implementer, context: EngineContext) {
  const store = restoreStore(context);
  return os.restores.router({
    plan: os.restores.plan.handler(({ input }) => planRestore(context, input)),
    start: os.restores.start.handler(({ input }) => startRestore(context, input)),
    list: os.restores.list.handler(({ input }) => store.list(input)),
    export: os.restores.export.handler(({ input }) => exportRestores(context, input)),
    get: os.restores.get.handler(({ input }) => store.get(input.id)),
    undo: os.restores.undo.handler(({ input }) => startUndo(context, input.id, input.confirm)),
    discard: os.restores.discard.handler(({ input }) => startDiscard(context, input.id, input.confirm)),
  });
}
