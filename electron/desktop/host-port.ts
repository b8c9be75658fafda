import { existsSync } from 'node:fs';
import { app, dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron';
import type { HostPort } from '../engine/ports.ts';

/** What the engine may ask of the desktop. */
export function createHostPort(window: () => BrowserWindow | null, answerQuit: HostPort['answerQuit']): HostPort {
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
    notify: null,
    keepAwake: () => () => undefined,
    startAtLogin: null,
  };
}
