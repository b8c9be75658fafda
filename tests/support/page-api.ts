// Calls the contract from inside the window's page, over a message port of its own, as the page itself does.
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { rolldown } from 'rolldown';

const source = `
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
const port = await new Promise((resolve) => {
  const listen = (event) => {
    if (event.source !== window || event.data !== 'howdah:port') return;
    window.removeEventListener('message', listen);
    event.stopImmediatePropagation();
    event.ports[0].start();
    resolve(event.ports[0]);
  };
  window.addEventListener('message', listen, true);
  window.postMessage('howdah:connect', '*');
});
const client = createORPCClient(new RPCLink({ port }));
export const call = async (path, input) => {
  try {
    return { output: await path.split('.').reduce((at, name) => at[name], client)(input) };
  } catch (error) {
    return { error: { code: error.code, message: error.message } };
  }
};
/** Collects what an event stream sends, for as long as the page lives. */
export const follow = async (path, input) => {
  const seen = [];
  const stream = await path.split('.').reduce((at, name) => at[name], client)(input);
  void (async () => { for await (const event of stream) seen.push(event); })();
  return seen;
};
`;

let bundled: Promise<string> | undefined;

/** The client as an expression that the page can evaluate whatever its content security policy says. */
function clientCode(): Promise<string> {
  bundled ??= (async () => {
    const entry = fileURLToPath(new URL('page-api.virtual.js', import.meta.url));
    const bundle = await rolldown({
      input: entry,
      platform: 'browser',
      plugins: [
        {
          name: 'virtual',
          resolveId: (id) => (id === entry ? id : null),
          load: (id) => (id === entry ? source : null),
        },
      ],
    });
    const { output } = await bundle.generate({ format: 'esm' });
    // One async function that gives the exports, since an expression cannot hold `export`.
    const code = output[0].code.replace(/export \{([^}]*)\};?\s*$/, 'return {$1};');
    return `(async () => { ${code} })()`;
  })();
  return bundled;
}

export type PageApi = {
  /** Throws what the engine answered with, as `CODE: message`. */
  call<T = unknown>(path: string, input?: unknown): Promise<T>;
  /** Starts listening; `events()` gives what has come so far. */
  follow(path: string, input?: unknown): Promise<{ events: () => Promise<unknown[]> }>;
};

/** Connects to the engine from this page. */
export async function pageApi(page: Page): Promise<PageApi> {
  const api = await page.evaluateHandle<{
    call: (path: string, input: unknown) => Promise<{ output?: unknown; error?: { code: string; message: string } }>;
    follow: (path: string, input: unknown) => Promise<unknown[]>;
  }>(await clientCode());
  return {
    call: async <T>(path: string, input?: unknown) => {
      const answer = await api.evaluate((client, [name, value]) => client.call(name as string, value), [path, input]);
      if (answer.error !== undefined) throw new Error(`${answer.error.code}: ${answer.error.message}`);
      return answer.output as T;
    },
    follow: async (path, input) => {
      const seen = await api.evaluateHandle((client, [name, value]) => client.follow(name as string, value), [path, input]);
      return { events: () => seen.jsonValue() };
    },
  };
}
