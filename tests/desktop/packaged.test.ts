// The packaged program, as a user would get it: built, started, and made to take a backup. In thorough runs only.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listPackage } from '@electron/asar';
import { getCurrentFuseWire, FuseV1Options } from '@electron/fuses';
import { chromium, type Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandOf } from '../../electron/desktop/desktop-entry.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import { describeElectron } from '../support/electron.ts';
import { makeHome, temporaryDirectory } from '../support/home.ts';
import { makeAuthority, readMail, startMailServer } from '../support/mail-server.ts';
import { pageApi } from '../support/page-api.ts';
import { createDatabase, testServer } from '../support/server.ts';
import { thorough } from '../support/thorough.ts';
import { until } from '../support/wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'release', 'linux-unpacked', 'howdah');
const archive = join(root, 'release', 'linux-unpacked', 'resources', 'app.asar');

/** As they stand in the binary: the characters 0 and 1. */
const fuse = { off: 0x30, on: 0x31 };

let child: ChildProcess | null = null;
let browser: Browser | null = null;

// Packaging alone takes longer than most files of tests.
(thorough ? describeElectron : describe.skip)('the packaged program', () => {
  beforeAll(() => {
    const packaging = spawnSync(process.execPath, [join(root, 'build', 'package.mjs'), '--linux', 'dir'], { encoding: 'utf8' });
    expect(packaging.status, packaging.stderr).toBe(0);
  });

  afterAll(async () => {
    await browser?.close();
    child?.kill('SIGKILL');
  });

  test('holds what it needs and not the sources', () => {
    const names = listPackage(archive, { isPack: false });
    expect(names).toEqual(
      expect.arrayContaining([
        '/dist/main.cjs',
        '/dist/preload.cjs',
        '/dist/renderer/index.html',
        ...['idle', 'running', 'attention', 'paused'].map((state) => `/resources/tray/${state}.png`),
        '/resources/templates/message.html',
        '/resources/templates/message.txt',
      ]),
    );
    expect(names.filter((name) => name.startsWith('/electron/') || name.startsWith('/tests/') || name.endsWith('.map'))).toEqual([]);
    expect(existsSync(`${archive}.unpacked/node_modules/better-sqlite3`)).toBe(true);
    expect(readdirSync(join(root, 'release', 'linux-unpacked', 'resources'))).not.toContain('default_app.asar');
  });

  test('has its fuses set', async () => {
    const fuses = await getCurrentFuseWire(program);
    expect(fuses[FuseV1Options.RunAsNode]).toBe(fuse.off);
    expect(fuses[FuseV1Options.EnableNodeOptionsEnvironmentVariable]).toBe(fuse.off);
    expect(fuses[FuseV1Options.EnableNodeCliInspectArguments]).toBe(fuse.off);
    expect(fuses[FuseV1Options.OnlyLoadAppFromAsar]).toBe(fuse.on);
    expect(fuses[FuseV1Options.EnableEmbeddedAsarIntegrityValidation]).toBe(fuse.on);
  });

  test('starts, opens its page from app:// and makes a backup', async () => {
    const home = makeHome();
    const config = temporaryDirectory('config');
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const started = spawn(program, [...sandbox, '--remote-debugging-port=0'], {
      env: { ...process.env, HOWDAH_HOME: home, HOWDAH_SECRETS: 'file', XDG_CONFIG_HOME: config },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = started;
    let said = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const address = await until('the debugging address', () => /DevTools listening on (ws:\S+)/.exec(said)?.[1]);
    const connected = await chromium.connectOverCDP(address);
    browser = connected;
    const page = await until('the page', () =>
      connected
        .contexts()
        .flatMap((context) => context.pages())
        .find((one) => one.url().startsWith('app://howdah/')),
    );
    const api = await pageApi(page);
    const database = await createDatabase('CREATE TABLE things AS SELECT generate_series(1, 1000) AS id');
    const { host, port, user, password } = testServer();
    const profile = await api.call<Profile>('profiles.create', {
      profile: { name: 'packaged', host, port, user, database, sslMode: 'disable' },
      password,
    });
    const { jobId, backupId } = await api.call<{ jobId: string; backupId: string }>('backups.start', {
      profileId: profile.id,
      options: {},
    });
    const job = await until('the backup to end', async () => {
      const now = await api.call<Job>('jobs.get', { id: jobId });
      return now.status === 'queued' || now.status === 'running' ? null : now;
    });
    expect(job).toMatchObject({ status: 'succeeded' });
    expect(await api.call('backups.get', { id: backupId })).toMatchObject({ status: 'succeeded', tables: 1, rows: 1000 });

    // Templates out of the archive, and the mailer.
    const authority = makeAuthority();
    const mail = await startMailServer({ security: 'starttls', authority });
    try {
      const channel = await api.call<{ id: string }>('messages.addChannel', {
        channel: {
          name: 'mail',
          target: {
            kind: 'email',
            host: 'localhost',
            port: mail.port,
            security: 'starttls',
            caFile: authority.caFile,
            from: 'howdah@example.org',
            to: ['dba@example.org'],
          },
        },
      });
      expect(await api.call('messages.test', { id: channel.id })).toMatchObject({ state: 'sent' });
      expect([...readMail(mail.received[0]?.raw ?? '').parts.keys()]).toEqual(expect.arrayContaining(['text/plain', 'text/html']));
    } finally {
      await mail.close();
    }
    // The next start at login is this very program.
    await api.call('settings.set', { startAtLogin: true });
    const entry = readFileSync(join(config, 'autostart', 'howdah.desktop'), 'utf8');
    expect(commandOf(entry)).toEqual(['env', `HOWDAH_HOME=${home}`, program, ...sandbox, '--hidden']);
    // The calendar rules of the bundle.
    const tried = await api.call<{ next: string[] }>('schedules.tryWhen', {
      when: { kind: 'cron', expression: '30 2 * * mon#1' },
      timeZone: 'Europe/Berlin',
      count: 3,
    });
    expect(tried.next).toHaveLength(3);

    const exit = new Promise((resolve) => started.once('exit', resolve));
    started.kill('SIGTERM');
    expect(await exit).toBe(143);
  });
});
