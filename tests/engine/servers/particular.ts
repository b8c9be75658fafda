// What one thing that a major brought does to one part of Howdah, on databases of its own.
import { expect, it } from 'vitest';
import { previewRequest, type Preview, type PreviewRequest } from '../../../shared/contract/previews.ts';
import { restoreRequest } from '../../../shared/contract/restores.ts';
import type { Major } from '../../support/majors.ts';
import { thorough } from '../../support/thorough.ts';
import { restore, succeeded } from '../restores/support.ts';
import type { ServerOfMajor } from './server-of-major.ts';

const codes = (preview: Preview): string[] =>
  preview.tables.flatMap(({ blockers }) => blockers.map(({ code, strategies }) => `${code} ${strategies.join(' ')}`));

type Scene = { server: ServerOfMajor; profileId: string; backupId: string };

async function scene(server: ServerOfMajor, database: string, before: string, since: string): Promise<Scene> {
  await server.sql('postgres', `create database ${database}`);
  await server.sql(database, before);
  const profile = await server.profileOf(database);
  const backup = await server.engine.backUpWell(profile.id, { format: 'custom' });
  await server.sql(database, since);
  return { server, profileId: profile.id, backupId: backup.id };
}

async function previewOf({ server: { engine }, profileId, backupId }: Scene, change: Partial<PreviewRequest>): Promise<Preview> {
  const request = previewRequest.parse({ source: { kind: 'backup', id: backupId }, profileId, ...change });
  const { jobId, previewId } = await engine.client.previews.start(request);
  await engine.ended(jobId);
  const state = await engine.client.previews.get({ id: previewId });
  if (state.status !== 'ready') throw new Error(`${JSON.stringify(state, null, 1)} ${engine.faults.join('\n')}`);
  await engine.client.previews.close({ id: previewId });
  return state.preview;
}

const restored = async ({ server: { engine }, profileId, backupId }: Scene, change: object) =>
  succeeded(
    await restore(engine, restoreRequest.parse({ source: { kind: 'backup', id: backupId }, profileId, safetyBackup: false, ...change })),
    engine.faults,
  );

/** Tests of the describe block that it is called in. */
export function itParticular(major: Major, server: () => ServerOfMajor): void {
  it('a trigger on a partitioned table does not run for rows that several workers restore', async () => {
    const leaves = Array.from({ length: 12 }, (_, n) => `create table leaf_${n} partition of watched for values in (${n})`);
    const at = await scene(
      server(),
      'watched',
      `create table watched (id int, part int) partition by list (part); ${leaves.join(';')};
       insert into watched select n, n % 12 from generate_series(1, 1200) n;
       create function complain() returns trigger language plpgsql as $$ begin raise exception 'the trigger ran'; end $$;
       create trigger complains before insert on watched for each row execute function complain()`,
      '',
    );
    await restored(at, { database: 'watched_again', create: true, jobs: 4 });
    expect(await server().sql('watched_again', 'select count(*)::int as rows from watched')).toEqual([{ rows: 1200 }]);
    await expect(server().sql('watched_again', 'insert into watched values (1, 1)')).rejects.toThrow('the trigger ran');
  });

  it.runIf(thorough && major >= 17)(
    'an exclusion constraint over partitions: a dump that PostgreSQL cannot replay is not called good',
    async () => {
      const bookings = `create extension btree_gist;
      create table bookings (id int, note text, room int, hours int4range, primary key (id, room),
        constraint one_at_a_time exclude using gist (room with =, hours with &&)) partition by list (room);
      create table bookings_odd partition of bookings for values in (1, 3);
      insert into bookings values (1, 'n1', 1, '[1,5)'), (2, 'n2', 3, '[1,5)'), (3, 'n3', 3, '[5,9)')`;
      const at = await scene(
        server(),
        'booked',
        bookings,
        "delete from bookings where id in (1, 3); update bookings set note = null where id = 2; insert into bookings values (9, 'n9', 1, '[2,3)')",
      );
      const backup = await server().engine.backUp(at.profileId, { format: 'custom', deepVerify: true });
      expect(backup).toMatchObject({
        status: 'failed',
        error: { code: 'VERIFICATION_FAILED', detail: expect.stringContaining('cannot attach index "bookings_odd_room_hours_excl"') },
      });
      // Its rows can be brought back all the same.
      const preview = await previewOf(at, {});
      expect(preview.totals).toMatchObject({ new: 1, conflicts: 1, liveOnly: 1, uniqueClashes: 1 });
      const done = await restored(at, { strategy: 'merge' });
      expect(done.rows).toEqual(preview.strategies.merge);
      expect(await server().sql('booked', 'select id, note from bookings order by id')).toEqual([
        { id: 2, note: 'n2' },
        { id: 3, note: 'n3' },
        { id: 9, note: 'n9' },
      ]);
    },
  );

  it.runIf(thorough && major >= 18)('a temporal foreign key is judged by what the rows of its parent cover together', async () => {
    const stays = { schema: 'public', table: 'stays' };
    const bills = { schema: 'public', table: 'bills' };
    const at = await scene(
      server(),
      'temporal',
      `create extension btree_gist;
       create table stays (id int, during daterange, primary key (id, during without overlaps));
       create table bills (id int primary key, stay int, during daterange, foreign key (stay, period during) references stays (id, period during));
       insert into stays values (1, '[2024-01-01,2024-02-01)'), (2, '[2024-01-01,2024-02-01)');
       insert into bills values (1, 1, '[2024-01-05,2024-01-20)')`,
      `delete from bills; delete from stays where id = 1; insert into stays values (1, '[2024-01-01,2024-01-10)'), (3, '[2024-01-01,2024-02-01)');
       insert into bills values (3, 3, '[2024-01-05,2024-01-20)')`,
    );
    expect(codes(await previewOf(at, { tables: [bills] }))).toEqual(['MISSING_REFERENCE replace merge skip']);
    expect(codes(await previewOf(at, { tables: [stays] }))).toEqual(['ROWS_IN_THE_WAY replace']);
    expect(codes(await previewOf(at, { tables: [stays, bills] }))).toEqual(['MISSING_REFERENCE merge skip']);
    await server().sql('temporal', "insert into stays values (1, '[2024-01-10,2024-01-25)')");
    expect(codes(await previewOf(at, { tables: [bills] }))).toEqual([]);
    expect((await restored(at, { strategy: 'skip', tables: [bills] })).rows).toMatchObject({ created: 1 });
    await restored(at, { strategy: 'replace', tables: [stays, bills] });
    expect(await server().sql('temporal', 'select id, during::text from stays order by id')).toEqual([
      { id: 1, during: '[2024-01-01,2024-02-01)' },
      { id: 2, during: '[2024-01-01,2024-02-01)' },
    ]);
  });

  it.runIf(thorough && major >= 18)('an empty range is refused by a temporal key before it is written', async () => {
    const at = await scene(
      server(),
      'empty_ranges',
      `create extension btree_gist; create table spans (id int primary key, during daterange); insert into spans values (1, 'empty')`,
      `delete from spans; alter table spans drop constraint spans_pkey, add constraint spans_key primary key (id, during without overlaps)`,
    );
    expect(codes(await previewOf(at, {}))).toEqual(['CHECK_FAILS merge skip']);
  });
}
