// The contract over the message port that a page was handed. Who may have a port is decided by the host.
import type { SupportedMessagePort } from '@orpc/client/message-port';
import { onError, onSuccess } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import type { Engine } from '../engine/engine.ts';
import type { Caller } from '../engine/implementer.ts';
import type { Log } from '../engine/ports.ts';
import { logFault } from './log-fault.ts';

/** Gives a function that answers calls on a port until the page closes it.
 * `afterCall` hears the name of each call that succeeded, e.g. `settings.set`. */
export function createPortHandler(
  engine: Pick<Engine, 'router'>,
  log: Log,
  afterCall: (call: string) => void = () => undefined,
): (port: SupportedMessagePort & { start(): void }) => void {
  const handler = new RPCHandler<Caller>(engine.router, {
    clientInterceptors: [onError((thrown) => logFault(log, thrown)), onSuccess((_output, { path }) => afterCall(path.join('.')))],
  });
  return (port) => {
    handler.upgrade(port, { context: { caller: 'window' } });
    port.start();
  };
}
