// The browser host: the engine and the page on 127.0.0.1, for machines without a display or an Electron.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HowdahError } from '../shared/errors.ts';
import type { Engine } from './engine/engine.ts';
import type { Log } from './engine/ports.ts';
import { runChild } from './engine/process/run-child.ts';
import { startHttpServer } from './transport/http.ts';
import { clearOldUploads } from './transport/upload.ts';

export type ServeOptions = {
  engine: Pick<Engine, 'router' | 'openFile'>;
  /** 0: any free port. */
  port: number;
  /** Open the address in a browser, where there is a display. */
  open: boolean;
  /** The built page. */
  pageDirectory: string;
  homeDirectory: string;
  version: string;
  log: Log;
  /** Gets the lines for the person who started it. */
  print: (line: string) => void;
};

export type Served = {
  /** One-time address for a browser. */
  url: string;
  origin: string;
  /** For REST: `Authorization: Bearer <apiToken>`. */
  apiToken: string;
  close(): Promise<void>;
};

/** Serves until `close`. Errors: BAD_INPUT (port), NOT_FOUND (the page was not built). */
export async function serve(options: ServeOptions): Promise<Served> {
  const { engine, port, pageDirectory, homeDirectory, version, log, print } = options;
  if (!existsSync(join(pageDirectory, 'index.html'))) {
    throw new HowdahError('NOT_FOUND', 'The page has not been built.', {
      hint: 'Run `npm run build` first; `npm start` does it by itself.',
    });
  }
  await clearOldUploads(homeDirectory, Date.now());
  const server = await startHttpServer({ engine, port, pageDirectory, homeDirectory, version, log });
  print(`Howdah is at ${server.url}`);
  print('The address works once, in one browser. Schedules run until Ctrl-C ends Howdah.');
  if (options.open && hasDisplay()) await openBrowser(server.url, print);
  return { url: server.url, origin: server.origin, apiToken: server.apiToken, close: () => server.close() };
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

async function openBrowser(url: string, print: (line: string) => void): Promise<void> {
  const [program, ...args] = openerOf(process.platform);
  const outcome = await runChild({ program, args: [...args, url] }).outcome;
  if (outcome.kind !== 'exited' || outcome.code !== 0) print('No browser could be opened: open the address yourself.');
}

function openerOf(platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  // explorer would answer with code 1 even on success; this is what `start` ends up calling.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
