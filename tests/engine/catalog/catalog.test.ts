import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { forgetDeadHosts, holdHostLock, hostIsAlive } from '../../../electron/engine/catalog/host-lock.ts';
import { catalogFileName, openCatalog } from '../../../electron/engine/catalog/open.ts';
import { makeHome } from '../../support/home.ts';

test('a new catalog is for its owner only', () => {
  const home = makeHome();
  openCatalog(home).close();
  expect(statSync(join(home, catalogFileName)).mode & 0o777).toBe(0o600);
});

test('a file that is no catalog is told as corrupt, with what to do, and left as it is', () => {
  const home = makeHome();
  const file = join(home, catalogFileName);
  writeFileSync(file, 'this is not a database, but a text that is long enough to be read as a header of one'.repeat(20));
  expect(() => openCatalog(home)).toThrowError(
    expect.objectContaining({ code: 'CATALOG_CORRUPT', hint: expect.stringContaining('rescan') }),
  );
  expect(readFileSync(file, 'utf8')).toMatch(/^this is not/);
});

test('a damaged page in the middle is noticed at the start', () => {
  const home = makeHome();
  const catalog = openCatalog(home);
  const put = catalog.prepare('insert into settings (name, value) values (?, ?)');
  for (let n = 0; n < 2000; n += 1) put.run(`name${n}`, '"x"'.repeat(20));
  catalog.pragma('wal_checkpoint(truncate)');
  catalog.close();
  const file = join(home, catalogFileName);
  const bytes = readFileSync(file);
  bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 8192);
  writeFileSync(file, bytes);
  expect(() => openCatalog(home)).toThrowError(expect.objectContaining({ code: 'CATALOG_CORRUPT' }));
});

test('a catalog of a newer version is refused and left as it is', () => {
  const home = makeHome();
  openCatalog(home).close();
  const db = new Database(join(home, catalogFileName));
  db.pragma('user_version = 999');
  db.close();
  expect(() => openCatalog(home)).toThrowError(expect.objectContaining({ code: 'CATALOG_TOO_NEW' }));
});

test('a process counts as alive exactly as long as it lives', async () => {
  const home = makeHome();
  const script = `
    import { holdHostLock } from ${JSON.stringify(new URL('../../../electron/engine/catalog/host-lock.ts', import.meta.url).href)};
    holdHostLock(${JSON.stringify(home)}, 'hos_other');
    console.log('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(hostIsAlive(home, 'hos_other')).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(hostIsAlive(home, 'hos_other')).toBe(false);
  const own = holdHostLock(home, 'hos_own');
  forgetDeadHosts(home, 'hos_own');
  own.release();
  expect(hostIsAlive(home, 'hos_own')).toBe(false);
});
