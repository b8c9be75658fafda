// The one window: made once, hidden and shown again, and found where it was left.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BrowserWindow, nativeTheme, screen, type Rectangle } from 'electron';
import type { Log } from '../engine/ports.ts';
import { ownPage } from './page-scheme.ts';
import { places } from './places.ts';

type Placement = { bounds: Rectangle; maximized: boolean };

const smallest = { width: 720, height: 520 };

/** Makes the window and loads the page; it is shown as soon as it has something to show, or waits in the tray (`hidden`). */
export function createWindow(homeDirectory: string, log: Log, hidden: boolean): { window: BrowserWindow; remember: () => void } {
  const placementFile = join(homeDirectory, 'window', 'placement.json');
  const placement = readPlacement(placementFile, log);
  const window = new BrowserWindow({
    width: 1180,
    height: 800,
    ...placement?.bounds,
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Howdah',
    icon: places.resource('icons', 'icon-256.png'),
    autoHideMenuBar: true,
    // Close to the page's own background, so that opening does not flash.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff',
    webPreferences: {
      preload: places.preload(),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  window.once('ready-to-show', () => {
    if (hidden) {
      // Maximizing would show it: that has to wait until somebody wants to see it.
      if (placement?.maximized) window.once('show', () => window.maximize());
      return;
    }
    if (placement?.maximized) window.maximize();
    window.show();
  });
  const remember = (): void => writePlacement(placementFile, { bounds: window.getNormalBounds(), maximized: window.isMaximized() }, log);
  // Moving sends many events; the last one counts. Leaving destroys the window without a `close`.
  let timer: NodeJS.Timeout | undefined;
  const rememberSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => window.isDestroyed() || remember(), 300);
  };
  window.on('move', rememberSoon).on('resize', rememberSoon).on('maximize', rememberSoon).on('unmaximize', rememberSoon);
  window.on('hide', remember).on('close', remember);
  window.webContents.on('render-process-gone', (_event, details) => {
    log.error(`the page ended: ${details.reason} (${details.exitCode})`);
    if (details.reason !== 'clean-exit' && !window.isDestroyed()) window.webContents.reload();
  });
  void window.loadURL(`${ownPage().origin}/`).catch((thrown: unknown) => log.error('the page did not load', thrown));
  return { window, remember };
}

/** Brings it to the front, from the tray, the taskbar or behind. */
export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Null where nothing usable is remembered, or the screen it was on is gone. */
function readPlacement(path: string, log: Log): Placement | null {
  if (!existsSync(path)) return null;
  try {
    const { bounds, maximized } = JSON.parse(readFileSync(path, 'utf8')) as Placement;
    const numbers = [bounds.x, bounds.y, bounds.width, bounds.height];
    if (!numbers.every((number) => Number.isInteger(number)) || !isVisible(bounds)) return null;
    return { bounds, maximized };
  } catch (thrown) {
    log.warn(`the window's place was not readable: ${String(thrown)}`);
    return null;
  }
}

function isVisible(bounds: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const width = Math.min(bounds.x + bounds.width, workArea.x + workArea.width) - Math.max(bounds.x, workArea.x);
    const height = Math.min(bounds.y + bounds.height, workArea.y + workArea.height) - Math.max(bounds.y, workArea.y);
    return width >= 100 && height >= 100;
  });
}

function writePlacement(path: string, placement: Placement, log: Log): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.partial`, JSON.stringify(placement), { mode: 0o600 });
    renameSync(`${path}.partial`, path);
  } catch (thrown) {
    log.warn(`the window's place was not kept: ${String(thrown)}`);
  }
}
