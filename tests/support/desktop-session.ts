// A desktop of a test's own, made of the real programs: a D-Bus session, GNOME Keyring, dunst for notifications, and a panel for
// tray icons (session-companion.py). Tests that need one are skipped where its programs are not there,
// unless HOWDAH_REQUIRE_DESKTOP_SESSION=1 says that they must be.
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { temporaryDirectory } from './home.ts';
import { until } from './wait.ts';

const companionFile = fileURLToPath(new URL('session-companion.py', import.meta.url));
/** Debian's own, for which python3-dbus is made. */
const python = '/usr/bin/python3';

export const keychainPassword = 'opens-the-keychain';

/** Why there can be no such session here; null where there can. */
export function desktopSessionMissing(): string | null {
  if (process.platform !== 'linux') return 'GNOME Keyring and dunst run on Linux only';
  const programs = ['dbus-daemon', 'setpriv', 'gnome-keyring-daemon', 'secret-tool', 'dunst', 'dunstctl', 'busctl'];
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  if (missing.length > 0) return `without ${missing.join(', ')}`;
  if (spawnSync(python, ['-c', 'import dbus, dbus.mainloop.glib, gi']).status !== 0) return 'without python3-dbus and python3-gi';
  return null;
}

/** `describe` for tests with such a session; `further`: why they cannot run here although the session could. */
export function describeDesktopSession(name: string, tests: () => void, further: string | null = null): void {
  const missing = desktopSessionMissing() ?? further;
  if (missing !== null && process.env['HOWDAH_REQUIRE_DESKTOP_SESSION'] === '1')
    throw new Error(`Tests with a desktop session must run, but: ${missing}`);
  describe.skipIf(missing !== null)(missing === null ? name : `${name} (${missing})`, tests);
}

export type MenuEntry = { id: number; label?: string; enabled?: boolean; type?: string; children: MenuEntry[] };
export type TrayItem = { properties: Record<string, unknown>; menu: MenuEntry[] };
export type ShownNotification = { summary: string; body: string; appname: string; urgency: string };

export type DesktopSession = {
  /** What a program needs to be part of it. */
  env: Record<string, string>;
  keychain: {
    lock(): Promise<void>;
    unlock(): Promise<void>;
    /** From now on whoever is asked to unlock it gives no answer (a stand-in for somebody who is not there). */
    askInVain(): Promise<void>;
    /** Ends its service for good, with the whole bus. */
    goAway(): Promise<void>;
    /** What `secret-tool` finds under a user name of Howdah's; null where nothing. */
    lookUp(account: string): string | null;
  };
  panel: {
    /** The icons that are there, the newest last. */
    items(): Promise<TrayItem[]>;
    /** A click on it. False where the menu has changed since, and it is no more. */
    choose(entry: MenuEntry): Promise<boolean>;
    /** A click on the icon itself. */
    activate(): Promise<void>;
  };
  notifications: {
    /** How many stand on the screen. */
    standing(): number;
    /** A click on the newest one. */
    click(): void;
    /** Takes all from the screen; gives what was ever shown, the newest first. */
    all(): ShownNotification[];
  };
  /** Ids of the living programs of this session whose command line holds these words. */
  running(words: string): number[];
  stop(): Promise<void>;
};

export type SessionOptions = {
  /** Where the session before this one kept its files: what survives a logout. */
  home?: string;
  /** With a panel and notifications, on the display of this test. Without: no display, nobody can be asked anything. */
  screen?: boolean;
};

/** One for this whole process, since the keychain's library remembers the first address of a session that it was given. */
let runtimeFolder: string | null = null;

/** Starts one, after the one before has stopped; whatever it started ends with `stop`, and with this process at the latest. */
export async function startDesktopSession(options: SessionOptions = {}): Promise<DesktopSession> {
  const home = options.home ?? temporaryDirectory('session');
  runtimeFolder ??= temporaryDirectory('runtime');
  const runtime = runtimeFolder;
  const address = `unix:path=${join(runtime, 'bus')}`;
  for (const folder of ['data', 'config', 'cache']) mkdirSync(join(home, folder), { recursive: true, mode: 0o700 });
  const env: Record<string, string> = {
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_RUNTIME_DIR: runtime,
    DBUS_SESSION_BUS_ADDRESS: address,
    // By this Chromium chooses where safeStorage keeps its key.
    XDG_CURRENT_DESKTOP: 'GNOME',
  };
  const all: NodeJS.ProcessEnv = { ...process.env, ...env, NO_AT_BRIDGE: '1', GTK_A11Y: 'none' };
  if (options.screen !== true) for (const name of ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY']) delete all[name];

  const start = (program: string, ...args: string[]): Part => {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], { env: all, stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.on('error', () => undefined); // its end is told of by whatever waits for it
    return child;
  };
  const run = (program: string, ...args: string[]): string => {
    const { status, stdout, stderr, error } = spawnSync(program, args, { env: all, encoding: 'utf8' });
    if (status !== 0) throw error ?? new Error(`${program} ${args.join(' ')}: ${status}: ${stderr}`);
    return stdout;
  };
  const stop = async (): Promise<void> => {
    // Also what the bus started by itself, such as the window that asks for the keychain's password.
    for (const pid of processesOf(runtime)) killOne(pid);
    await until('the session to be gone', () => processesOf(runtime).length === 0);
  };

  try {
    rmSync(join(runtime, 'bus'), { force: true });
    const bus = start('dbus-daemon', '--session', '--nofork', '--nopidfile', `--address=${address}`, '--print-address=1');
    await firstLine(bus, 'dbus-daemon');
    const companion = await startCompanion(start(python, companionFile, ...(options.screen === true ? ['--panel'] : [])));
    const owned = (name: string) => companion.tell({ do: 'owned', name });
    const keyring = start('gnome-keyring-daemon', '--unlock', '--foreground', '--components=secrets');
    keyring.stdin.end(keychainPassword);
    await until('the keychain', () => owned('org.freedesktop.secrets'));
    if (options.screen === true) {
      start('dunst');
      await until('dunst', () => owned('org.freedesktop.Notifications'));
    }
    return {
      env,
      stop,
      running: (words) => processesOf(runtime).filter((pid) => textOf(`/proc/${pid}/cmdline`).includes(words)),
      keychain: {
        async lock() {
          if ((await companion.tell({ do: 'lock' })) !== true) throw new Error('the keychain stays unlocked');
        },
        unlock: async () => void (await companion.tell({ do: 'unlock', password: keychainPassword })),
        askInVain: async () => void (await companion.tell({ do: 'fallAsleep' })),
        async goAway() {
          for (const { pid } of [bus, keyring]) if (pid !== undefined) killOne(pid);
          await until('the keychain to end', () => !processesOf(runtime).includes(keyring.pid ?? 0));
        },
        lookUp(account) {
          const { status, stdout } = spawnSync('secret-tool', ['lookup', 'service', 'Howdah', 'username', account], {
            env: all,
            encoding: 'utf8',
          });
          return status === 0 ? stdout : null;
        },
      },
      panel: {
        items: async () => (await companion.tell({ do: 'tray' })) as TrayItem[],
        choose: async ({ id }) => (await companion.tell({ do: 'click', id })) === true,
        activate: async () => void (await companion.tell({ do: 'activate' })),
      },
      notifications: {
        standing: () => Number(run('dunstctl', 'count', 'displayed')),
        click: () => void run('dunstctl', 'action', '0'),
        all() {
          run('dunstctl', 'close-all');
          const { data } = JSON.parse(run('dunstctl', 'history')) as { data: Record<string, { data: string }>[][] };
          return (data[0] ?? []).map(
            (one) => Object.fromEntries(Object.entries(one).map(([name, { data: value }]) => [name, value])) as ShownNotification,
          );
        },
      },
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

type Part = ChildProcessByStdio<Writable, Readable, null>;

function firstLine(part: Part, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: part.stdout }).once('line', resolve);
    part.once('exit', (code) => reject(new Error(`${what} ended with ${code}`)));
    part.once('error', reject);
  });
}

/** One command at a time, each with its answer. */
async function startCompanion(part: Part) {
  const waiting: { resolve: (value: unknown) => void; reject: (thrown: Error) => void }[] = [];
  const next = (): Promise<unknown> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  createInterface({ input: part.stdout }).on('line', (line) => {
    const { value, error } = JSON.parse(line) as { value?: unknown; error?: string };
    const caller = waiting.shift();
    if (error === undefined) caller?.resolve(value);
    else caller?.reject(new Error(error));
  });
  part.once('error', (thrown) => waiting.splice(0).forEach(({ reject }) => reject(thrown)));
  part.once('exit', () => waiting.splice(0).forEach(({ reject }) => reject(new Error('the companion of the session has ended'))));
  await next();
  return {
    tell(command: { do: string } & Record<string, unknown>): Promise<unknown> {
      const answer = next();
      part.stdin.write(`${JSON.stringify(command)}\n`);
      return answer;
    },
  };
}

/** Ids of the living processes that belong to the session with this runtime folder. */
function processesOf(runtime: string): number[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return ids.filter((id) => textOf(`/proc/${id}/environ`).split('\0').includes(`XDG_RUNTIME_DIR=${runtime}`)).map(Number);
}

/** Empty where the process has ended, or is somebody else's. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
  }
}
