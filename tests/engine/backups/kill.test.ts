// kill -9 at any moment: no false success, nothing half-made, nothing left at the server.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { createDatabase, dropDatabase, sql, testServer } from '../../support/server.ts';
import { until } from '../../support/wait.ts';

const program = fileURLToPath(new URL('back-up-once.ts', import.meta.url));
let database: string;

beforeAll(async () => {
  database = await createDatabase(
    'create table t (id int primary key, x text); insert into t select i, md5(i::text) from generate_series(1, 20000) i',
  );
});
afterAll(() => dropDatabase(database));

test('at twenty random moments', async () => {
  const home = makeHome();
  const first = await makeEngine({ home });
  const profile = await first.addProfile({ database, clientDirectory: testServer().binDirectory });
  await first.close();
  let interrupted = 0;
  for (let round = 0; round < 20; round++) {
    const child = spawn(process.execPath, [program, home, profile.id, round % 2 === 0 ? 'auto' : 'directory'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    // Random is what is tested here: a moment somewhere in a backup, a verification or a deletion.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
    child.kill('SIGKILL');
    await ended;

    const next = await makeEngine({ home });
    await next.engine.settledAll();
    const { backups } = await next.client.backups.list({ limit: 1000 });
    expect(backups.filter((backup) => backup.status === 'running')).toEqual([]);
    interrupted += backups.filter((backup) => backup.status === 'interrupted').length;
    const good = backups.filter((backup) => backup.status === 'succeeded' && backup.present).map((backup) => backup.id);
    const root = join(home, 'backups');
    const folders = existsSync(root)
      ? readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /bak_[a-z0-9]+(\.\w+)?$/.test(name))
      : [];
    expect(folders.map((name) => name.replace(/.*_(bak_\w+(\.\w+)?)$/, '$1').replace(/^.*(bak_)/, '$1')).toSorted()).toEqual(
      good.toSorted(),
    );
    expect(await sql('postgres', "select datname from pg_database where datname like 'howdah\\_tmp\\_%'")).toEqual([]);
    await until('no backend of a dead job', async () => {
      const rows = await sql('postgres', "select pid from pg_stat_activity where application_name like 'howdah job%'");
      return rows.length === 0;
    });
    expect(next.faults).toEqual([]);
    for (const id of good.slice(0, 1)) {
      const { jobId } = await next.client.backups.verify({ source: { kind: 'backup', id }, deep: false });
      expect(await next.ended(jobId)).toMatchObject({ status: 'succeeded', result: { ok: true } });
    }
    await next.close();
  }
  expect(interrupted).toBeGreaterThan(0);
}, 240_000);
