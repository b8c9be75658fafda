import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';

export function retentionHandlers(os: Implementer, _context: EngineContext) {
  void os;
  return {} as never;
}
