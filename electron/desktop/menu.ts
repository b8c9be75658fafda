import { app, Menu, shell, type MenuItemConstructorOptions } from 'electron';
import type { AppEvent } from '../../shared/contract/app.ts';

export type MenuActions = {
  openDumpFile: () => void;
  go: (page: Extract<AppEvent, { kind: 'navigate' }>['page']) => void;
  quit: () => void;
  logFolder: string;
};

/** The application menu: short, and with a key for everything. */
export function setApplicationMenu(actions: MenuActions): void {
  const { go } = actions;
  const mac = process.platform === 'darwin';
  const quit: MenuItemConstructorOptions = { label: 'Quit Howdah', accelerator: 'CmdOrCtrl+Q', click: actions.quit };
  const template: MenuItemConstructorOptions[] = [
    ...(mac
      ? [
          {
            label: app.name,
            submenu: [{ role: 'about' }, { type: 'separator' }, { role: 'hide' }, quit],
          } satisfies MenuItemConstructorOptions,
        ]
      : []),
    {
      label: '&File',
      submenu: [
        { label: 'Open dump file…', accelerator: 'CmdOrCtrl+O', click: actions.openDumpFile },
        { type: 'separator' },
        { label: 'Close window', role: 'close' },
        ...(mac ? [] : [quit]),
      ],
    },
    {
      label: '&Edit',
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: '&Go',
      submenu: [
        { label: 'Backups', accelerator: 'CmdOrCtrl+1', click: () => go('backups') },
        { label: 'Restore', accelerator: 'CmdOrCtrl+2', click: () => go('restore') },
        { label: 'Schedules', accelerator: 'CmdOrCtrl+3', click: () => go('schedules') },
        { label: 'Retention', accelerator: 'CmdOrCtrl+4', click: () => go('retention') },
        { label: 'Messages', accelerator: 'CmdOrCtrl+5', click: () => go('messages') },
        { label: 'Profiles', accelerator: 'CmdOrCtrl+6', click: () => go('profiles') },
        { label: 'Activity', accelerator: 'CmdOrCtrl+7', click: () => go('activity') },
        { label: 'Settings', accelerator: 'CmdOrCtrl+,', click: () => go('settings') },
      ],
    },
    {
      label: '&View',
      submenu: [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { type: 'separator' }, { role: 'togglefullscreen' }],
    },
    {
      label: '&Help',
      submenu: [
        { label: 'Show program log', click: () => void shell.openPath(actions.logFolder) },
        ...(mac ? [] : [{ role: 'about' } satisfies MenuItemConstructorOptions]),
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
