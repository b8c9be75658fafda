// What the preload may ask of the main process: a port for the page, and to open a file that was dropped on it.
import { isAbsolute } from 'node:path';
import { ipcMain } from 'electron';
import type { OpenedFile } from '../../shared/contract/dumps.ts';
import { reportOf, type ErrorReport } from '../../shared/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/ports.ts';
import { createPortHandler } from '../transport/message-port.ts';
import { channels } from './channels.ts';
import { isOwnPage } from './page-scheme.ts';

export type PagePorts = {
  /** Whether a page is there to hear an event. */
  connected: () => boolean;
};

/** Answers the preload. Anything that does not come from the top frame of our own page is dropped and logged. */
export function answerPage(engineReady: Promise<Engine>, log: Log, afterCall: (call: string) => void): PagePorts {
  let open = 0;
  ipcMain.on(channels.port, (event) => {
    const [port] = event.ports;
    if (port === undefined) return;
    if (!isOwnPage(event.senderFrame)) {
      log.warn('a stranger asked for a port');
      port.close();
      return;
    }
    void engineReady.then(
      (engine) => {
        open += 1;
        port.once('close', () => (open -= 1));
        createPortHandler(engine, log, afterCall)(port);
      },
      () => port.close(), // the reason is shown by whoever started the engine
    );
  });
  ipcMain.handle(channels.dropped, async (event, path: unknown): Promise<OpenedFile | { error: ErrorReport }> => {
    if (!isOwnPage(event.senderFrame) || typeof path !== 'string' || !isAbsolute(path)) {
      return {
        error: {
          code: 'BAD_INPUT',
          message: 'What was dropped is not a file of this machine.',
          hint: 'Drop a file from the file manager, or choose it on the restore page.',
        },
      };
    }
    try {
      const engine = await engineReady;
      return await engine.openFile(path);
    } catch (thrown) {
      return { error: reportOf(thrown) };
    }
  });
  return { connected: () => open > 0 };
}
