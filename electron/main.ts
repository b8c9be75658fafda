// The desktop host: makes the ports, starts the engine, and binds it to window, tray and menu.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { app, dialog, nativeTheme, powerMonitor, type BrowserWindow, type Tray } from 'electron';
import type { AppEvent } from '../shared/contract/app.ts';
import { reportOf } from '../shared/errors.ts';
import { startingClock } from './command-line/clock.ts';
import { homeDirectory } from './command-line/home.ts';
import { createHostPort } from './desktop/host-port.ts';
import { createLeaving } from './desktop/leaving.ts';
import { openDesktopLog } from './desktop/log.ts';
import { setApplicationMenu } from './desktop/menu.ts';
import { namedFile } from './desktop/named-file.ts';
import { answerPage } from './desktop/page-ports.ts';
import { openDesktopSecrets } from './desktop/secrets.ts';
import { declarePageScheme } from './desktop/page-scheme.ts';
import { fencePages, serveOwnPage } from './desktop/security.ts';
import { startsHidden } from './desktop/start-at-login.ts';
import { createTray, type TrayActions } from './desktop/tray.ts';
import { trayIsShown } from './desktop/tray-host.ts';
import { createWindow, showWindow } from './desktop/window.ts';
import { createEngine, type Engine } from './engine/engine.ts';

const home = homeDirectory();
// Chromium's own files stay apart from ours, and the lock of the single instance belongs to this data folder.
mkdirSync(join(home, 'window'), { recursive: true, mode: 0o700 });
app.setPath('userData', join(home, 'window'));
app.setName('Howdah');
const tooLate = declarePageScheme();
fencePages();

const fileOf = (argv: string[], workingDirectory: string): string | null =>
  namedFile(argv, workingDirectory, app.getAppPath(), app.isPackaged);
const firstFile = fileOf(process.argv, process.cwd());

const hidden = startsHidden(process.argv);

if (app.requestSingleInstanceLock({ file: firstFile, hidden })) start();
else app.exit(0);

function start(): void {
  const log = openDesktopLog(home);
  if (tooLate !== null) log.warn(`the page is at https: instead of app: ${tooLate}`);
  process.on('unhandledRejection', (thrown) => log.error('unhandled rejection', thrown));
  process.on('uncaughtException', (thrown) => log.error('uncaught exception', thrown));

  let window: BrowserWindow | null = null;
  let remember = (): void => undefined;
  let tray: Tray | null = null;
  let engine: Engine | null = null;
  const show = (): void => {
    if (window !== null) showWindow(window);
  };
  const goTo = (target: Omit<Extract<AppEvent, { kind: 'navigate' }>, 'kind'>): void => {
    show();
    engine?.events.emit({ kind: 'navigate', ...target });
  };

  const starting = app.whenReady().then(async () =>
    createEngine({
      homeDirectory: home,
      secrets: await openDesktopSecrets(home),
      host: createHostPort({ window: () => window, answerQuit: (answer) => leaving.answer(answer), open: goTo, log }),
      log,
      clock: startingClock(),
    }),
  );
  const page = answerPage(starting, log, (call) => {
    if (call === 'settings.set') void followColourScheme();
  });
  const leaving = createLeaving({
    engine: () => engine,
    window: () => window,
    pageConnected: page.connected,
    before: () => {
      remember();
      tray?.destroy();
    },
    toldFile: join(home, 'window', 'told-of-schedules'),
    log,
  });

  const openFile = async (path: string): Promise<void> => {
    show();
    try {
      const current = await starting;
      current.events.emit({ kind: 'fileOpened', file: await current.openFile(path) });
    } catch (thrown) {
      await complain(thrown);
    }
  };
  /** For what goes wrong where no page is there to say so. */
  const complain = async (thrown: unknown): Promise<void> => {
    const { message, hint } = reportOf(thrown);
    log.error(message, thrown);
    await dialog.showMessageBox({ type: 'error', title: 'Howdah', message, detail: hint });
  };
  const settings = async () => createRouterClient((await starting).router, { context: { caller: 'window' } }).settings.get();
  const followColourScheme = async (): Promise<void> => {
    const { colourScheme } = await settings();
    nativeTheme.themeSource = colourScheme === 'auto' ? 'system' : colourScheme;
  };
  /** The window's close button: keeps the tray where there is one and the user wants it so. */
  const closeWindow = async (): Promise<void> => {
    if (tray !== null && (await settings()).closeToTray) window?.hide();
    else leaving.ask();
  };

  app.on('second-instance', (_event, argv, workingDirectory, data) => {
    const { file, hidden: wantsNoWindow } = data as { file?: unknown; hidden?: unknown };
    const path = typeof file === 'string' ? file : fileOf(argv, workingDirectory);
    if (path !== null) void openFile(path);
    else if (wantsNoWindow !== true) show();
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    void openFile(path);
  });
  app.on('activate', show);
  app.on('window-all-closed', () => undefined); // leaving.ts decides

  void app.whenReady().then(() => {
    serveOwnPage();
    // Not earlier: Chromium installs handlers of its own while it starts, which would ask instead.
    for (const [signal, exitCode] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const)
      process.on(signal, () => leaving.obey(exitCode));
    powerMonitor.on('shutdown', () => leaving.obey(0));
    powerMonitor.on('suspend', () => log.info('the computer goes to sleep'));
    const isBack = (): void => {
      log.info('the computer is awake');
      engine?.scheduler.wake();
    };
    powerMonitor.on('resume', isBack).on('unlock-screen', isBack);
    setApplicationMenu({
      openDumpFile: () => void chooseAndOpen(),
      go: (target) => goTo({ page: target }),
      quit: () => leaving.ask(),
      logFolder: join(home, 'logs'),
    });
    const opened = createWindow(home, log, hidden);
    window = opened.window;
    remember = opened.remember;
    window.on('close', (event) => {
      event.preventDefault();
      void closeWindow().catch((thrown: unknown) => {
        log.error('the settings could not be read', thrown);
        leaving.ask();
      });
    });
    if (firstFile !== null) void openFile(firstFile);
  });
  const chooseAndOpen = async (): Promise<void> => {
    const { filePaths } = await dialog.showOpenDialog({ title: 'Choose a dump', properties: ['openFile'] });
    const [path] = filePaths;
    if (path !== undefined) await openFile(path);
  };

  const trayActions = (started: Engine): TrayActions => ({
    open: show,
    backUpNow: (profileId) => {
      if (profileId === null) goTo({ page: 'backups' });
      else void started.backUpNow(profileId).catch(complain);
    },
    pauseUntilTomorrow: () => void started.pauseUntilTomorrow().catch(complain),
    resume: () => void started.resumeSchedules().catch(complain),
    quit: () => leaving.ask(),
  });
  /** Started without a window, the program must be seen somewhere. */
  const showUnlessInTray = async (): Promise<void> => {
    if (tray !== null && (await trayIsShown())) return;
    log.warn('nothing here shows tray icons: the window is opened after all');
    show();
  };

  starting.then(
    (started) => {
      engine = started;
      log.info(`Howdah ${app.getVersion()} started on ${process.platform} with Electron ${process.versions['electron'] ?? ''}`);
      started.scheduler.start();
      tray = createTray(started, trayActions(started), log);
      if (hidden) void showUnlessInTray();
      void followColourScheme();
    },
    async (thrown: unknown) => {
      await complain(thrown);
      app.exit(1);
    },
  );
}
