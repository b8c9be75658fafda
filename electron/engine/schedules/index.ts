import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';

export function schedulesHandlers(os: Implementer, _context: EngineContext) {
  void os;
  return {} as never;
}
