// Starting with the user's session, into the tray. Linux: the other systems keep their own lists.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { autostartEntry, autostartFile, commandOf, entryIsOn } from '../../electron/desktop/desktop-entry.ts';
import type { Settings } from '../../shared/contract/settings.ts';
import { describeElectron, launchDesktop, type Desktop, type DesktopOptions } from '../support/electron.ts';
import { makeHome, temporaryDirectory } from '../support/home.ts';
import { pageApi } from '../support/page-api.ts';
import { until } from '../support/wait.ts';
import { isVisible } from './driving.ts';

let desktop: Desktop | null = null;
afterEach(async () => {
  await desktop?.close();
  desktop = null;
});
async function launch(options: Partial<DesktopOptions> = {}): Promise<Desktop> {
  desktop = await launchDesktop({ home: makeHome(), ...options });
  return desktop;
}

describe('the autostart file', () => {
  test('lies where the desktop looks', () => {
    expect(autostartFile({}, '/home/a')).toBe('/home/a/.config/autostart/howdah.desktop');
    expect(autostartFile({ XDG_CONFIG_HOME: '/x' }, '/home/a')).toBe('/x/autostart/howdah.desktop');
    expect(autostartFile({ XDG_CONFIG_HOME: 'not/absolute' }, '/home/a')).toBe('/home/a/.config/autostart/howdah.desktop');
  });

  test('any path survives its quoting', () => {
    for (const path of ['/opt/howdah', '/home/a b/Howdah-1.0.AppImage', '/x/50%/$HOME/`id`/"q"/back\\slash', '/ä/日本']) {
      const command = [path, '--hidden'];
      expect(commandOf(autostartEntry(command)), path).toEqual(command);
    }
    expect(autostartEntry(['/a b/$x', '--hidden'])).toContain('Exec="/a b/\\\\$x" --hidden\n');
  });

  test('switched off in the desktop’s own settings counts as off', () => {
    const entry = autostartEntry(['/opt/howdah', '--hidden']);
    expect(entryIsOn(entry)).toBe(true);
    expect(entryIsOn(entry.replace('enabled=true', 'enabled=false'))).toBe(false);
    expect(entryIsOn(`${entry}Hidden=true\n`)).toBe(false);
    expect(entryIsOn('')).toBe(false);
  });

  test.skipIf(spawnSync('desktop-file-validate', ['--help']).error !== undefined)('is what the specification wants', () => {
    const file = join(temporaryDirectory('entry'), 'howdah.desktop');
    writeFileSync(file, autostartEntry(['env', 'HOWDAH_HOME=/a b', '/opt/Howdah App', '--hidden']));
    const { status, stdout } = spawnSync('desktop-file-validate', [file], { encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  });
});

/** What tells whether a panel shows tray icons is a script that says yes: no panel runs on a test display. */
function standInPanel(): Record<string, string> {
  const folder = temporaryDirectory('panel');
  writeFileSync(join(folder, 'gdbus'), '#!/bin/sh\necho "(true,)"\n', { mode: 0o755 });
  return { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
}
const noPanel = (): Record<string, string> => ({ DBUS_SESSION_BUS_ADDRESS: '', XDG_RUNTIME_DIR: temporaryDirectory('runtime') });

describeElectron('start at login', () => {
  test('the setting writes and removes the file; the file is the truth', async () => {
    const config = temporaryDirectory('config');
    const home = makeHome();
    const started = await launch({ home, env: { XDG_CONFIG_HOME: config } });
    const api = await pageApi(started.page);
    const file = join(config, 'autostart', 'howdah.desktop');
    expect(await api.call<Settings>('settings.get')).toMatchObject({ startAtLogin: false });

    expect(await api.call<Settings>('settings.set', { startAtLogin: true })).toMatchObject({ startAtLogin: true });
    const command = commandOf(readFileSync(file, 'utf8'));
    expect(command.slice(0, 2)).toEqual(['env', `HOWDAH_HOME=${home}`]);
    expect(command.at(-1)).toBe('--hidden');
    const program = command[2] ?? '';
    expect(statSync(program).mode & 0o100).toBe(0o100);
    // In a checkout: Electron, what has to run early, and the program's folder.
    expect(command).toContain(started.command.args.find((word) => word.endsWith('early.cjs')));
    expect(command.at(-2)).toBe(await started.app.evaluate(({ app }) => app.getAppPath()));

    rmSync(file);
    expect(await api.call<Settings>('settings.get')).toMatchObject({ startAtLogin: false });
    await api.call('settings.set', { startAtLogin: true });
    await api.call('settings.set', { startAtLogin: false });
    expect(existsSync(file)).toBe(false);
  });

  test('a file that names a program which has moved is mended at the next start', async () => {
    const config = temporaryDirectory('config');
    const file = join(config, 'autostart', 'howdah.desktop');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, autostartEntry(['/gone/Howdah-0.1.AppImage', '--hidden']));
    await launch({ env: { XDG_CONFIG_HOME: config } });
    await until('the file to be mended', () => existsSync(commandOf(readFileSync(file, 'utf8'))[2] ?? ''));
    expect(commandOf(readFileSync(file, 'utf8')).at(-1)).toBe('--hidden');
  });

  test('--hidden shows no window, and a second start brings it (the panel is a stand-in)', async () => {
    const home = makeHome();
    const started = await launch({ home, args: ['--hidden'], env: standInPanel() });
    await until('the start', () => readFileSync(join(home, 'logs', 'desktop.log'), 'utf8').includes('started'));
    expect(await (await pageApi(started.page)).call('app.info')).toMatchObject({ host: 'desktop' });
    expect(await isVisible(started)).toBe(false);
    const { program, args, env } = started.command;
    // A second start at login leaves it as it is; one by hand shows it.
    expect(spawnSync(program, args, { env }).status).toBe(0);
    expect(await isVisible(started)).toBe(false);
    expect(
      spawnSync(
        program,
        args.filter((word) => word !== '--hidden'),
        { env },
      ).status,
    ).toBe(0);
    await until('the window to show', () => isVisible(started));
  });

  test('--hidden where nothing shows tray icons: the window is opened after all', async () => {
    const home = makeHome();
    const started = await launch({ home, args: ['--hidden'], env: noPanel() });
    await until('the window to show', () => isVisible(started));
    expect(readFileSync(join(home, 'logs', 'desktop.log'), 'utf8')).toContain('nothing here shows tray icons');
  });
});
