import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import type { Messages } from './told.ts';

export const createMessages = (): Messages => ({
  tell: () => undefined,
  lead: () => undefined,
  deliver: () => Promise.resolve(),
  close: () => Promise.resolve(),
});

export function messagesHandlers(os: Implementer, _context: EngineContext) {
  void os;
  return {} as never;
}
