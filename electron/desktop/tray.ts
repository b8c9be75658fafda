// The icon that stays when the window is closed: what is going on, and the few things to do without a window.
import { Menu, nativeImage, Tray, type NativeImage } from 'electron';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/ports.ts';
import { places } from './places.ts';

export type TrayActions = { open: () => void; backUpNow: () => void; quit: () => void };

type State = ReturnType<Engine['trayState']>;

/** Null on a system that takes no tray icon: closing the window then quits. */
export function createTray(engine: Pick<Engine, 'trayState' | 'onTrayState'>, actions: TrayActions, log: Log): Tray | null {
  let tray: Tray;
  try {
    tray = new Tray(imageOf(engine.trayState().kind));
  } catch (thrown) {
    log.warn(`no tray icon: ${String(thrown)}`);
    return null;
  }
  let painted = '';
  const paint = (): void => {
    const state = engine.trayState();
    const key = JSON.stringify(state);
    if (key === painted || tray.isDestroyed()) return;
    painted = key;
    tray.setImage(imageOf(state.kind));
    tray.setToolTip(`Howdah – ${state.text}`);
    tray.setContextMenu(menuOf(state, actions));
  };
  paint();
  engine.onTrayState(paint);
  // Where a click does not open the menu (Windows), it opens the window.
  tray.on('click', () => actions.open());
  return tray;
}

function menuOf(state: State, actions: TrayActions): Menu {
  return Menu.buildFromTemplate([
    { id: 'state', label: state.text, enabled: false },
    { type: 'separator' },
    { id: 'backUpNow', label: 'Back up now', click: actions.backUpNow },
    { id: 'open', label: 'Open Howdah', click: actions.open },
    { type: 'separator' },
    { id: 'quit', label: 'Quit', click: actions.quit },
  ]);
}

/** macOS paints template images itself, in the colour of its menu bar. */
function imageOf(kind: State['kind']): NativeImage {
  const name = process.platform === 'darwin' ? `${kind}Template.png` : `${kind}.png`;
  const image = nativeImage.createFromPath(places.resource('tray', name));
  if (process.platform === 'darwin') image.setTemplateImage(true);
  return image;
}
