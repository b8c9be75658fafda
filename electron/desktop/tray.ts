// The icon that stays when the window is closed: what is going on, and the few things to do without a window.
import { app, Menu, nativeImage, Tray, type MenuItemConstructorOptions, type NativeImage } from 'electron';
import type { Engine } from '../engine/engine.ts';
import type { Log } from '../engine/ports.ts';
import { places } from './places.ts';

export type TrayActions = {
  open: () => void;
  /** Null: there is no profile yet, so the page has to help. */
  backUpNow: (profileId: string | null) => void;
  pauseUntilTomorrow: () => void;
  resume: () => void;
  quit: () => void;
};

type State = Awaited<ReturnType<Engine['trayState']>>;

/** The least time between two looks: progress is told more often than anybody reads it. */
const restMs = 1000;
/** "In 5 minutes" is true for a minute. */
const minuteMs = 60_000;

/** Null on a system that takes no tray icon: closing the window then quits. */
export function createTray(engine: Pick<Engine, 'trayState' | 'onTrayState'>, actions: TrayActions, log: Log): Tray | null {
  let tray: Tray;
  try {
    tray = new Tray(imageOf('idle'));
  } catch (thrown) {
    log.warn(`no tray icon: ${String(thrown)}`);
    return null;
  }
  const painted = { image: 'idle', menu: '', badge: 0 };
  const paint = (state: State): void => {
    if (tray.isDestroyed()) return;
    if (state.kind !== painted.image) tray.setImage(imageOf(state.kind));
    // A menu that is set anew closes where it is open: only where something in it has changed.
    const menu = JSON.stringify(state);
    if (menu !== painted.menu) {
      tray.setToolTip(['Howdah', state.text, ...state.notes, state.next].filter((line) => line !== null).join('\n'));
      tray.setContextMenu(Menu.buildFromTemplate(menuOf(state, actions)));
    }
    // Launchers that show numbers; where there are none it does nothing.
    if (state.alarms !== painted.badge) app.setBadgeCount(state.alarms);
    Object.assign(painted, { image: state.kind, menu, badge: state.alarms });
  };

  let look: 'none' | 'now' | 'again' = 'none';
  const repaint = (): void => {
    if (look !== 'none') {
      look = 'again';
      return;
    }
    look = 'now';
    engine
      .trayState()
      .then(paint)
      .catch((thrown: unknown) => {
        log.error('the tray could not read the state', thrown);
        paint(unknown('attention', 'How things stand could not be read; see the program log'));
      })
      .finally(() => {
        setTimeout(() => {
          const again = look === 'again';
          look = 'none';
          if (again) repaint();
        }, restMs).unref();
      });
  };
  paint(unknown('idle', 'Starting …'));
  repaint();
  engine.onTrayState(repaint);
  setInterval(repaint, minuteMs).unref();
  // Where a click does not open the menu (Windows), it opens the window.
  tray.on('click', () => actions.open());
  return tray;
}

/** Whatever happens, the menu opens the window and quits. */
const unknown = (kind: State['kind'], text: string): State => ({
  kind,
  text,
  notes: [],
  last: null,
  next: null,
  pause: 'none',
  profiles: [],
  alarms: kind === 'attention' ? 1 : 0,
});

function menuOf(state: State, actions: TrayActions): MenuItemConstructorOptions[] {
  const line = (id: string, text: string | null): MenuItemConstructorOptions[] =>
    text === null ? [] : [{ id, label: plain(text), enabled: false }];
  const pause: MenuItemConstructorOptions[] =
    state.pause === 'none'
      ? []
      : state.pause === 'paused'
        ? [{ id: 'resume', label: 'Resume schedules', click: actions.resume }]
        : [{ id: 'pause', label: 'Pause until tomorrow 08:00', click: actions.pauseUntilTomorrow }];
  return [
    ...line('state', state.text),
    ...state.notes.flatMap((note, index) => line(`note${index}`, note)),
    ...line('last', state.last === state.text ? null : state.last),
    ...line('next', state.next),
    { type: 'separator' },
    backUpItem(state, actions),
    ...pause,
    { id: 'open', label: 'Open Howdah', click: actions.open },
    { type: 'separator' },
    { id: 'quit', label: 'Quit', click: actions.quit },
  ];
}

function backUpItem({ profiles }: State, actions: TrayActions): MenuItemConstructorOptions {
  const [only = null] = profiles;
  const label = 'Back up now';
  if (profiles.length < 2) return { id: 'backUpNow', label, click: () => actions.backUpNow(only?.id ?? null) };
  const submenu = profiles.map(({ id, name }) => ({ id: `backUp:${id}`, label: plain(name), click: () => actions.backUpNow(id) }));
  return { id: 'backUpNow', label, submenu };
}

/** In a label a single & marks the next letter; and no line of a menu may grow without bound. */
const plain = (text: string): string => (text.length > 120 ? `${text.slice(0, 119)}…` : text).replaceAll('&', '&&');

/** macOS paints template images itself, in the colour of its menu bar. */
function imageOf(kind: State['kind']): NativeImage {
  const name = process.platform === 'darwin' ? `${kind}Template.png` : `${kind}.png`;
  const image = nativeImage.createFromPath(places.resource('tray', name));
  if (process.platform === 'darwin') image.setTemplateImage(true);
  return image;
}
