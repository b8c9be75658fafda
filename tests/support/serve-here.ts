// The engine, the page and REST in this process, put together as `howdah serve` does it: a process of its own takes more
// than a second to start. The command itself is tested in tests/web/page.test.ts.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { windowlessHost } from '../../electron/command-line/host-port.ts';
import { openLogFile } from '../../electron/command-line/log-file.ts';
import { programVersion } from '../../electron/command-line/session.ts';
import { createEngine } from '../../electron/engine/engine.ts';
import { openSecretStore } from '../../electron/engine/secrets/index.ts';
import { serve } from '../../electron/web.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type ServedHere = {
  /** Lets one browser in. */
  url: string;
  origin: string;
  /** For REST. */
  apiToken: string;
  close: () => Promise<void>;
};

/** Serves the data folder `home` until it is closed; the page must have been built. */
export async function serveHere(home: string): Promise<ServedHere> {
  const log = openLogFile(home, 'browser', (line) => void process.stderr.write(`${line}\n`));
  const engine = await createEngine({
    homeDirectory: home,
    secrets: await openSecretStore(home),
    log,
    clock: Date.now,
    host: windowlessHost('browser', programVersion(), log),
  });
  const served = await serve({
    engine,
    port: 0,
    open: false,
    pageDirectory: join(root, 'dist', 'renderer'),
    homeDirectory: home,
    version: programVersion(),
    log,
    print: () => undefined,
  });
  engine.scheduler.start();
  return {
    url: served.url,
    origin: served.origin,
    apiToken: served.apiToken,
    close: async () => {
      await served.close();
      await engine.close();
    },
  };
}
