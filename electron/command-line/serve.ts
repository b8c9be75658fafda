import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { serve } from '../web.ts';
import { parseNumber } from './numbers.ts';
import type { CommandTools } from './tools.ts';
import { programVersion } from './session.ts';
import { stayAlive } from './stay-alive.ts';

/** The built page: beside the bundle, or below `dist` of a checkout. */
const pageDirectory = (): string =>
  [join(import.meta.dirname, 'renderer'), join(import.meta.dirname, '../../dist/renderer')].find((folder) =>
    existsSync(join(folder, 'index.html')),
  ) ?? join(import.meta.dirname, '../../dist/renderer');

export function addServeCommand(program: Command, tools: CommandTools): void {
  const { output } = tools;
  program
    .command('serve [file]')
    .description('the page and the REST interface on 127.0.0.1; with a dump file, opened for restoring')
    .option('--port <n>', 'a fixed port (default: any free one)')
    .option('--no-open', 'do not open a browser')
    .action(async (file: string | undefined, args: { port?: string; open: boolean }) => {
      const session = await tools.open('browser');
      stayAlive(tools.shell, session.log);
      const served = await serve({
        engine: session.engine,
        port: args.port === undefined ? 0 : parseNumber(args.port, '--port'),
        open: args.open,
        pageDirectory: pageDirectory(),
        homeDirectory: session.home,
        version: programVersion(),
        log: session.log,
        print: (line) => output.note(line),
      });
      session.engine.scheduler.start();
      try {
        if (file !== undefined) session.engine.events.emit({ kind: 'fileOpened', file: await session.engine.openFile(resolve(file)) });
        output.result({ serve: { url: served.url, origin: served.origin, apiToken: served.apiToken } }, '');
        if (!tools.ending.aborted) await once(tools.ending, 'abort');
      } finally {
        await served.close();
      }
    });
}
