// Whether anything on this desktop shows tray icons. Electron cannot tell: on Linux an icon that nobody shows looks like any other.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runChild } from '../engine/process/run-child.ts';

const question = [
  'org.freedesktop.DBus',
  '/org/freedesktop/DBus',
  'org.freedesktop.DBus.NameHasOwner',
  'org.kde.StatusNotifierWatcher',
] as const;
const [bus, path, method, watcher] = question;
const dot = method.lastIndexOf('.');

/** Programs that ask the session bus whether somebody is there; whichever the system has. */
const askers: { program: string; args: string[] }[] = [
  { program: 'gdbus', args: ['call', '--session', '--dest', bus, '--object-path', path, '--method', method, watcher] },
  { program: 'busctl', args: ['--user', 'call', bus, path, method.slice(0, dot), method.slice(dot + 1), 's', watcher] },
];

/** Waits up to `waitMs` for a panel that shows tray icons: at login it may come after us. */
export async function trayIsShown(waitMs = 20_000): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const end = performance.now() + waitMs;
  while (hasSessionBus()) {
    if (await watcherIsThere()) return true;
    if (performance.now() >= end) return false;
    await pause(1000);
  }
  return false;
}

function hasSessionBus(): boolean {
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime } = process.env;
  return Boolean(address) || (runtime !== undefined && existsSync(join(runtime, 'bus')));
}

async function watcherIsThere(): Promise<boolean> {
  for (const { program, args } of askers) {
    const lines: string[] = [];
    const { outcome } = runChild({ program, args, stdout: 'lines', onLine: (line) => lines.push(line), signal: AbortSignal.timeout(5000) });
    const ended = await outcome;
    if (ended.kind === 'failedToStart') continue;
    return ended.kind === 'exited' && ended.code === 0 && lines.some((line) => /\btrue\b/.test(line));
  }
  return false;
}
