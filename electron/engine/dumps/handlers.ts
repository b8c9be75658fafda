import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { browseRows } from './browse-rows.ts';
import { inspectSource } from './source.ts';

export function dumpsHandlers(os: Implementer, context: EngineContext) {
  return os.dumps.router({
    open: os.dumps.open.handler(({ input }) => context.openedFiles.open(input.path)),
    inspect: os.dumps.inspect.handler(({ input }) => inspectSource(context, input.source)),
    rows: os.dumps.rows.handler(({ input, signal }) => browseRows(context, input, signal)),
  });
}
