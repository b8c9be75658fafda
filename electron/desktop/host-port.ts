import { existsSync } from 'node:fs';
import { app, dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron';
import type { AppEvent } from '../../shared/contract/app.ts';
import type { HostPort, Log } from '../engine/ports.ts';
import { createKeepAwake } from './awake.ts';
import { createNotify } from './notifications.ts';
import { createStartAtLogin } from './start-at-login.ts';

type Parts = {
  window: () => BrowserWindow | null;
  answerQuit: HostPort['answerQuit'];
  /** Brings the window to a page, and to the run that `id` names. */
  open: (target: Omit<Extract<AppEvent, { kind: 'navigate' }>, 'kind'>) => void;
  log: Log;
};

/** What the engine may ask of the desktop. After `app.whenReady`. */
export function createHostPort({ window, answerQuit, open, log }: Parts): HostPort {
  const choose = async (options: OpenDialogOptions): Promise<string | null> => {
    const parent = window();
    const { canceled, filePaths } = await (parent === null ? dialog.showOpenDialog(options) : dialog.showOpenDialog(parent, options));
    return canceled ? null : (filePaths[0] ?? null);
  };
  return {
    kind: 'desktop',
    version: app.getVersion(),
    chooseDirectory: () => choose({ title: 'Choose a folder', properties: ['openDirectory', 'createDirectory'] }),
    chooseDumpFile: () => choose({ title: 'Choose a dump', properties: ['openFile'] }),
    showFolder: async (path) => existsSync(path) && (await shell.openPath(path)) === '',
    answerQuit,
    notify: createNotify(({ page, id }) => open({ page, ...(id === null ? {} : { id }) })),
    keepAwake: createKeepAwake(),
    startAtLogin: createStartAtLogin(log),
  };
}
