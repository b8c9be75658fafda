// Servers older than those that Howdah writes to: backed up and proved, restored elsewhere; everything else is refused.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SucceededBackup } from '../../../shared/contract/backups.ts';
import type { Profile } from '../../../shared/contract/profiles.ts';
import { previewRequest } from '../../../shared/contract/previews.ts';
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { oldMajors, whyNot } from '../../support/majors.ts';
import { createDatabase, dropDatabase, sql, testServer } from '../../support/server.ts';
import { restore, succeeded } from '../restores/support.ts';
import { serverOfMajor, type ServerOfMajor } from './server-of-major.ts';

const world = `
  create schema app;
  create type app.mood as enum ('fine', 'so-so');
  create table app.people (id serial primary key, name text not null, mood app.mood default 'fine');
  create table app.orders (id bigint generated always as identity primary key, person int not null references app.people, total numeric(10, 2) check (total >= 0));
  create table app.days (day date, what text) partition by range (day);
  create table app.days_2024 partition of app.days for values from ('2024-01-01') to ('2025-01-01');
  create function app.count_people() returns bigint language sql as 'select count(*) from app.people';
  insert into app.people (name) select 'name ' || n from generate_series(1, 50) n;
  insert into app.orders (person, total) select 1 + n % 50, n from generate_series(1, 200) n;
  insert into app.days values ('2024-05-01', 'May'), ('2024-06-01', null);
  select lo_from_bytea(0, '\\xdeadbeef')`;

const cases = oldMajors.map((major) => {
  const reason = whyNot(major);
  return { major, reason, title: `PostgreSQL ${major}${reason === null ? '' : ` (skipped: ${reason})`}` };
});

describe.each(cases)('$title', ({ major, reason }) => {
  describe.skipIf(reason !== null)('an old server', { timeout: 300_000 }, () => {
    let server: ServerOfMajor<(typeof oldMajors)[number]>;
    let profile: Profile;
    let backup: SucceededBackup;
    beforeAll(async () => {
      server = await serverOfMajor(major);
      await server.sql('postgres', 'create database world');
      await server.sql('world', world);
      profile = await server.profileOf('world');
    }, 120_000);
    afterAll(() => server.close());

    it.each(['custom', 'directory', 'plain', 'tar'] as const)('is backed up in the format %s, proved deep', async (format) => {
      backup = await server.engine.backUpWell(profile.id, { format, deepVerify: true, globals: true });
      expect(backup.verification).toMatchObject({ ok: true, deep: true });
      expect(backup.rows).toBe(252);
    });

    it('its backup goes into the server of this run, and its rows can be looked at', async () => {
      const { host, port, user, password } = testServer();
      const there = await server.profileOf('postgres', { host, port, user, clientDirectory: '' });
      await server.engine.client.profiles.update({ id: there.id, profile: there, password });
      const database = await createDatabase();
      const request = restoreRequest.parse({ source: { kind: 'backup', id: backup.id }, profileId: there.id, database });
      succeeded(await restore(server.engine, request), server.engine.faults);
      expect(
        await sql(
          database,
          'select (select count(*)::int from app.people) as people, (select sum(total)::int from app.orders) as total, (select count(*)::int from app.days) as days, app.count_people()::int as counted',
        ),
      ).toEqual([{ people: 50, total: 20_100, days: 2, counted: 50 }]);
      await dropDatabase(database);
      const source = { kind: 'backup', id: backup.id } as const;
      const rows = await server.engine.client.dumps.rows({ source, table: { schema: 'app', table: 'people' }, limit: 1 });
      expect(rows.rows).toEqual([['1', 'name 1', 'fine']]);
    });

    it('nothing is restored into it or compared with it, and the error says what can be done', async () => {
      const { client, ended } = server.engine;
      const refused = { code: 'SERVER_UNSUPPORTED', message: expect.stringContaining(`The server is version ${major}.`) };
      const source = { kind: 'backup', id: backup.id } as const;
      await expect(client.restores.plan(restoreRequest.parse({ source, profileId: profile.id }))).rejects.toMatchObject(refused);
      const { jobId, previewId } = await client.previews.start(previewRequest.parse({ source, profileId: profile.id }));
      await ended(jobId);
      expect(await client.previews.get({ id: previewId })).toMatchObject({ status: 'failed', error: refused });
      expect(await server.sql('world', "select nspname from pg_namespace where nspname like 'howdah%'")).toEqual([]);
    });
  });
});
