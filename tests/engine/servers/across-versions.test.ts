// Dumps that go from one major to another, and client programs of another major than the server.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { clientBinaries, whyNot } from '../../support/majors.ts';
import { createDatabase, dropDatabase, sql, testServer } from '../../support/server.ts';
import { thorough } from '../../support/thorough.ts';
import { pgDump, requestFor, restore, shop, shopFacts, succeeded, wholeShop } from '../restores/support.ts';
import { serverOfMajor, type ServerOfMajor } from './server-of-major.ts';

const newer = 18;
const reason = thorough ? whyNot(newer) : 'in thorough runs only';

describe.skipIf(reason !== null)(
  `between the server of this run and PostgreSQL ${newer}${reason === null ? '' : ` (skipped: ${reason})`}`,
  { timeout: 300_000 },
  () => {
    let server: ServerOfMajor;
    let source: string;
    let profileHere: string;
    beforeAll(async () => {
      server = await serverOfMajor(newer);
      source = await createDatabase(shop);
      const { host, port, user, password } = testServer();
      const profile = await server.profileOf(source, { host, port, user, clientDirectory: clientBinaries(newer) ?? '' });
      await server.engine.client.profiles.update({ id: profile.id, profile, password });
      profileHere = profile.id;
    }, 120_000);
    afterAll(async () => {
      await server.close();
      await dropDatabase(source);
    });

    const copy = async (database: string): Promise<Record<string, unknown>> =>
      (await server.sql<Record<string, unknown>>(database, factsOfShop))[0] ?? {};
    /** As in ../restores/support.ts, for the other server. */
    const factsOfShop = `select (select count(*)::int from app.customers) as customers, (select count(*)::int from app.orders) as orders,
    (select sum(total)::text from app.totals) as total, nextval('app.customers_id_seq')::int as next`;
    const whole = { customers: 100, orders: 1000, total: '500500', next: 101 };

    it.each(['-Fc', '-Fp'])('a dump %s by the older client goes into the newer server', async (form) => {
      const profile = await server.profileOf('postgres');
      const database = `from_older${form === '-Fc' ? '_archive' : '_script'}`;
      const request = await requestFor(server.engine, pgDump(source, [form]), { profileId: profile.id, database, create: true, jobs: 2 });
      succeeded(await restore(server.engine, request), server.engine.faults);
      expect(await copy(database)).toEqual(whole);
    });

    it('the newer client backs the older server up, deep, and brings it back there', async () => {
      const backup = await server.engine.backUpWell(profileHere, { deepVerify: true });
      expect(Number.parseInt(backup.clientVersion, 10)).toBe(newer);
      expect(Number.parseInt(backup.serverVersion, 10)).toBeLessThan(newer);
      await sql(source, 'delete from app.orders');
      const request = restoreRequest.parse({ source: { kind: 'backup', id: backup.id }, profileId: profileHere, safetyBackup: false });
      expect(succeeded(await restore(server.engine, request), server.engine.faults)).toMatchObject({ mode: 'replace' });
      expect(await shopFacts(source)).toEqual(wholeShop);
    });

    it('rows of an older backup are compared with the newer server, whose definitions count as the same', async () => {
      const profile = await server.profileOf('from_older_archive');
      const file = await server.engine.client.dumps.open({ path: pgDump(source, ['-Fc']) });
      const started = await server.engine.client.previews.start({
        source: { kind: 'file', id: file.id },
        profileId: profile.id,
        tables: [],
        rows: [],
        keys: [],
        withReferenced: false,
        sample: 0,
      });
      await server.engine.ended(started.jobId);
      const state = await server.engine.client.previews.get({ id: started.previewId });
      expect(state).toMatchObject({
        status: 'ready',
        preview: { totals: { rows: 1150, identical: 1150, liveOnly: 0 }, schema: { differences: [] } },
      });
      await server.engine.client.previews.close({ id: started.previewId });
    });

    it('a dump of the newer server is warned of before it goes into the older one, and fails without a trace where it cannot', async () => {
      await server.sql('postgres', 'create database newer_things');
      await server.sql(
        'newer_things',
        'create table sums (a int, twice int generated always as (a * 2) virtual); insert into sums values (1)',
      );
      const request = await requestFor(server.engine, server.dump('newer_things', ['-Fc']), { profileId: profileHere, database: source });
      const plan = await server.engine.client.restores.plan(request);
      expect(plan.warnings).toContainEqual({
        code: 'DUMP_TOO_NEW',
        message: expect.stringContaining(`The dump comes from version ${newer}.`),
      });
      const found = await restore(server.engine, request);
      expect(found).toMatchObject({ status: 'failed', error: { code: 'RESTORE_HAD_ERRORS' } });
      expect((await shopFacts(source))['orders']).toBe(1000);
      expect(await sql('postgres', "select datname from pg_database where datname like 'howdah%'")).toEqual([]);
    });

    it.each(['-Fc', '-Fp'])('statistics in a dump %s are brought into the newer server, and left out of the older one', async (form) => {
      const database = form === '-Fc' ? 'counted_archive' : 'counted_script';
      await server.sql('postgres', `create database ${database}`);
      await server.sql(
        database,
        'create table numbers (n int primary key) with (autovacuum_enabled = false); insert into numbers select generate_series(1, 500); analyze numbers',
      );
      const path = server.dump(database, [form, '--statistics']);
      const profile = await server.profileOf('postgres');
      const there = await requestFor(server.engine, path, { profileId: profile.id, database: `${database}_again`, create: true });
      succeeded(await restore(server.engine, there), server.engine.faults);
      expect(await server.sql(`${database}_again`, "select n_distinct from pg_stats where tablename = 'numbers'")).toEqual([
        { n_distinct: -1 },
      ]);
      const older = await createDatabase();
      const here = await requestFor(server.engine, path, { profileId: profileHere, database: older });
      succeeded(await restore(server.engine, here), server.engine.faults);
      expect(await sql(older, 'select count(*)::int as rows from numbers')).toEqual([{ rows: 500 }]);
      await dropDatabase(older);
    });

    it('an older client is refused for the newer server, with the version that it needs', async () => {
      const profile = await server.profileOf('postgres', { clientDirectory: testServer().binDirectory });
      expect(await server.engine.backUp(profile.id)).toMatchObject({
        status: 'failed',
        error: { code: 'CLIENT_TOOL_MISSING', message: expect.stringContaining(`pg_dump ${newer}`) },
      });
    });
  },
);
