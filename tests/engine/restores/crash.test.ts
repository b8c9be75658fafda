// kill -9 at any moment of a restore with its safety backup: nothing half-done stays, and nothing false is on record.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dropThrowAway } from '../../../electron/engine/postgres/settle-databases.ts';
import { makeEngine } from '../../support/engine.ts';
import { makeHome } from '../../support/home.ts';
import { connect, createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { until } from '../../support/wait.ts';
import { databases, leftoversOf, pgDump } from './support.ts';

const child = fileURLToPath(new URL('crash-child.ts', import.meta.url));
const rows = 60_000;
const times = 24;

/** Starts a restore elsewhere and kills it so many milliseconds after it began; null: waits for the end. Gives the time it took. */
async function runAndKill(args: string[], afterMs: number | null): Promise<number> {
  const running = spawn(process.execPath, [child, ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: process.env });
  let output = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = new Promise<void>((resolve) => running.once('close', () => resolve()));
  await until('the restore has begun', () => output.includes('started') || running.exitCode !== null);
  const begun = performance.now();
  if (afterMs !== null) {
    await until('the moment to kill', () => performance.now() - begun >= afterMs || output.includes('ended'));
    running.kill('SIGKILL');
  }
  await closed;
  return performance.now() - begun;
}

describe('killed in the middle', () => {
  it(
    `${times} times at random moments: the live database is the old or the new one, whole, and the catalog says which`,
    { timeout: 400_000 },
    async () => {
      const home = makeHome();
      const first = await makeEngine({ home });
      const profileId = (await first.addProfile({ database: 'postgres' })).id;
      const source = await createDatabase(
        `create table fresh (id serial primary key, t text); insert into fresh (t) select md5(n::text) from generate_series(1, ${rows}) n; create index on fresh (t)`,
      );
      const dump = pgDump(source, ['-Fc']);
      await first.close();
      const seen = { old: 0, fresh: 0, interrupted: 0 };
      const database = `${source}_live`;
      let wholeMs = 0;
      for (let time = -1; time < times; time++) {
        await createDatabase('create table old (a int); insert into old select generate_series(1, 20000)', database);
        const at = time < 0 ? null : (wholeMs * (time + Math.random())) / times;
        const took = await runAndKill([home, profileId, dump, database], at);
        if (at === null) wholeMs = took;

        const noted = leftoversOf({ home }) as { kind: string; body: string }[];
        const after = await makeEngine({ home });
        await after.engine.settledAll();
        const context = `killed after ${Math.round(at ?? -1)} of ${Math.round(wholeMs)} ms; noted: ${JSON.stringify(noted)}; faults: ${after.faults.join('\n')}`;
        expect(leftoversOf({ home }), context).toEqual([]);
        for (const note of noted) {
          if (note.kind !== 'database') continue;
          expect(await databases((JSON.parse(note.body) as { database: string }).database.replaceAll('_', '\\_')), context).toEqual([]);
        }
        const list = await after.client.restores.list({ offset: 0, limit: 10 });
        const row = list.restores.find(
          (one) =>
            one.startedAt ===
            list.restores
              .map((other) => other.startedAt)
              .toSorted()
              .at(-1),
        );
        const [live] = await sql<{ old: boolean; fresh: boolean }>(
          database,
          "select to_regclass('old') is not null as old, to_regclass('fresh') is not null as fresh",
        );
        expect(live?.old, context).toBe(!(live?.fresh ?? false));
        expect(await after.client.jobs.list({ active: true, limit: 100 }), context).toEqual([]);
        for (const backup of (await after.client.backups.list({ sort: 'startedAt', descending: true, offset: 0, limit: 200 })).backups)
          expect(backup.status, context).not.toBe('running');
        expect(
          readdirSync(home, { recursive: true }).filter((name) => String(name).endsWith('.partial')),
          context,
        ).toEqual([]);
        if (live?.fresh === true) {
          seen.fresh += 1;
          expect(
            await sql(
              database,
              "select count(*)::int as n, (select count(*)::int from pg_indexes where tablename = 'fresh') as indexes from fresh",
            ),
            context,
          ).toEqual([{ n: rows, indexes: 2 }]);
          expect(['succeeded', 'interrupted'], context).toContain(row?.status);
          expect(row?.undo, context).toBe('possible');
          const undo = await after.client.restores.undo({ id: row?.id ?? '', confirm: database });
          expect(await after.ended(undo.jobId), context).toMatchObject({ status: 'succeeded' });
        } else {
          seen.old += 1;
          expect(row, context).toMatchObject({ status: 'interrupted', undo: 'none', previousDatabase: null });
        }
        if (row?.status === 'interrupted') seen.interrupted += 1;
        expect(await sql(database, 'select count(*)::int as n from old'), context).toEqual([{ n: 20_000 }]);
        await after.close();
        for (const name of await databases(`${database}%`)) await dropDatabase(name);
      }
      await dropDatabase(source);
      // The test itself has to have hit something.
      expect(seen.old).toBeGreaterThan(3);
      expect(seen.interrupted).toBeGreaterThan(10);
    },
  );
});

it('a throw-away database that the server is still making does not appear behind its own removal', async () => {
  const name = `howdah_tmp_${Math.random().toString(36).slice(2)}`;
  const maker = await connect('postgres');
  maker.on('error', () => undefined);
  const making = maker.query(`create database "${name}" template template0`).catch(() => undefined);
  await until(
    'it is being made',
    async () =>
      (
        await sql('postgres', "select from pg_stat_activity where state = 'active' and left(query, 60) like $1", [
          `create database "${name}"%`,
        ])
      ).length > 0,
  );
  const remover = await connect('postgres');
  await dropThrowAway(remover, name);
  await making;
  expect(await databases(name.replaceAll('_', '\\_'))).toEqual([]);
  await remover.end();
  await maker.end().catch(() => undefined);
});

describe('cancelled in the middle', () => {
  it('leaves the target as it was, and no session, database or file behind', { timeout: 120_000 }, async () => {
    const engine = await makeEngine();
    const profileId = (await engine.addProfile({ database: 'postgres' })).id;
    // Slow only where it is restored: a minute of copying to be cancelled in.
    const source = await createDatabase(`
      create function slow(int) returns boolean language plpgsql as $$begin if current_database() like 'howdah%' then perform pg_sleep(0.01); end if; return true; end$$;
      create table fresh (id int check (slow(id))); insert into fresh select generate_series(1, 6000)`);
    for (const args of [['-Fc'], []]) {
      const database = await createDatabase('create table old (a int)');
      const dump = pgDump(source, args);
      const file = await engine.client.dumps.open({ path: dump });
      const { jobId, restoreId } = await engine.client.restores.start({
        source: { kind: 'file', id: file.id },
        profileId,
        database,
        create: false,
        tables: [],
        noOwner: false,
        safetyBackup: false,
        confirm: database,
      });
      const name = `howdah ${jobId}`;
      await until(
        'it copies rows',
        async () =>
          (await sql('postgres', "select from pg_stat_activity where application_name = $1 and query ilike 'copy%'", [name])).length > 0,
      );
      await engine.client.jobs.cancel({ id: jobId });
      expect(await engine.ended(jobId)).toMatchObject({ status: 'cancelled' });
      expect(await engine.client.restores.get({ id: restoreId })).toMatchObject({
        status: 'cancelled',
        error: { code: 'CANCELLED' },
        undo: 'none',
      });
      expect(await sql('postgres', 'select query from pg_stat_activity where application_name = $1', [name])).toEqual([]);
      expect(await databases(`${database}%`)).toEqual([database]);
      expect(leftoversOf(engine)).toEqual([]);
      await dropDatabase(database);
    }
    expect(engine.faults).toEqual([]);
    await engine.close();
    await dropDatabase(source);
    expect(readdirSync(engine.home).includes('tmp') ? readdirSync(`${engine.home}/tmp`) : []).toEqual([]);
  });

  it('stopped while the client insists on a lock: the reason is shown, and the cancel still works', { timeout: 60_000 }, async () => {
    const engine = await makeEngine();
    const profileId = (await engine.addProfile({ database: 'postgres' })).id;
    const database = await createDatabase('create table t (a int primary key); insert into t values (1)');
    const dump = pgDump(database, ['-Fc']);
    const holder = await connect(database);
    await holder.query('begin; lock table t');
    const file = await engine.client.dumps.open({ path: dump });
    const { jobId } = await engine.client.restores.start({
      source: { kind: 'file', id: file.id },
      profileId,
      database,
      create: false,
      tables: [{ schema: 'public', table: 't' }],
      noOwner: false,
      safetyBackup: false,
      confirm: database,
    });
    await until('the wait is shown', async () => {
      const job = await engine.client.jobs.get({ id: jobId });
      return job.status === 'running' && job.progress.waits.length > 0;
    });
    await engine.client.jobs.cancel({ id: jobId });
    expect(await engine.ended(jobId)).toMatchObject({ status: 'cancelled' });
    await holder.query('rollback');
    expect((await holder.query('select * from t')).rows).toEqual([{ a: 1 }]);
    await holder.end();
    await engine.close();
    await dropDatabase(database);
  });
});
