// The typed client: the whole contract over a message port in the window, over HTTP in a browser.
import { createORPCClient } from '@orpc/client';
import { RPCLink as FetchLink } from '@orpc/client/fetch';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../shared/contract/index.ts';
import type { ErrorReport } from '../shared/errors.ts';
import { PageError } from './errors.ts';
import { isDesktop } from './host.ts';

export type Api = ContractRouterClient<Contract>;

/** Set by `connect`, which runs before anything is rendered. */
export let api: Api;

/** Reaches the engine: asks the preload for its port, or speaks HTTP to where the page came from. */
export async function connect(): Promise<void> {
  api = isDesktop()
    ? createORPCClient(new PortLink({ port: await requestPort() }))
    : createORPCClient(
        new FetchLink({
          url: `${window.location.origin}/rpc`,
          fetch: (request, init) => globalThis.fetch(request, { ...init, credentials: 'same-origin' }),
        }),
      );
}

const noPort: ErrorReport = {
  code: 'INTERNAL',
  message: 'The window could not reach Howdah’s engine.',
  hint: 'Quit Howdah and start it again. The program log says why.',
};

function requestPort(): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new PageError(noPort)), 15_000);
    const listen = (event: MessageEvent<unknown>) => {
      const port = event.ports[0];
      if (event.source !== window || event.data !== 'howdah:port' || port === undefined) return;
      window.removeEventListener('message', listen);
      clearTimeout(timer);
      port.start();
      resolve(port);
    };
    window.addEventListener('message', listen);
    window.postMessage('howdah:connect', '*');
  });
}
