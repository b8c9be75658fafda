// What is proved on every major: all that Howdah does, on a database that holds what the major brought.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpFormats } from '../../../shared/contract/backups.ts';
import type { SucceededBackup } from '../../../shared/contract/backups.ts';
import { previewRequest, type Preview, type PreviewRequest } from '../../../shared/contract/previews.ts';
import type { Profile } from '../../../shared/contract/profiles.ts';
import { restoreRequest, type RestoreRequest } from '../../../shared/contract/restores.ts';
import { whyNot, type Major } from '../../support/majors.ts';
import { thorough } from '../../support/thorough.ts';
import { leftoversOf, restore, succeeded, type Succeeded } from '../restores/support.ts';
import { assertDefinitionsCompared, hasNewDefinitions } from './definitions.ts';
import { itParticular } from './particular.ts';
import { serverOfMajor, type ServerOfMajor } from './server-of-major.ts';
import { changesSql, expectedNotes, worldLocale, worldRoles, worldSql, worldTables } from './world.ts';

const quickFormats = ['custom'] as const;

export function describeServer(major: Major): void {
  const reason = whyNot(major);
  describe.skipIf(reason !== null)(`PostgreSQL ${major}${reason === null ? '' : ` (skipped: ${reason})`}`, { timeout: 300_000 }, () => {
    let server: ServerOfMajor;
    let profile: Profile;
    let backup: SucceededBackup;
    /** The world as it was, its changed self, and what pg_dump says of both. */
    let before: string;
    let changed: string;

    beforeAll(async () => {
      server = await serverOfMajor(major);
      await server.sql('postgres', worldRoles(major));
      await server.sql('postgres', `create database world ${worldLocale(major)}`);
      await server.sql('world', worldSql(major));
      if (major >= 17) await server.sql('world', "alter database world set transaction_timeout = '1h'");
      before = server.dumpText('world');
      profile = await server.profileOf('world');
    }, 120_000);
    afterAll(() => server.close());

    const request = (change: Partial<RestoreRequest> = {}): RestoreRequest =>
      restoreRequest.parse({ source: { kind: 'backup', id: backup.id }, profileId: profile.id, safetyBackup: false, ...change });

    const restored = async (change: Partial<RestoreRequest> = {}): Promise<Succeeded> =>
      succeeded(await restore(server.engine, request(change)), server.engine.faults);

    const undone = async ({ id }: Succeeded): Promise<void> => {
      const { jobId } = await server.engine.client.restores.undo({ id, confirm: 'world' });
      expect((await server.engine.ended(jobId)).status).toBe('succeeded');
    };

    const previewed = async (change: Partial<PreviewRequest> = {}): Promise<Preview> => {
      const { client, ended, faults } = server.engine;
      const started = await client.previews.start(
        previewRequest.parse({ source: { kind: 'backup', id: backup.id }, profileId: profile.id, ...change }),
      );
      await ended(started.jobId);
      const state = await client.previews.get({ id: started.previewId });
      if (state.status !== 'ready') throw new Error(`${JSON.stringify(state, null, 1)} ${faults.join('\n')}`);
      return state.preview;
    };

    /** `id:note` of every row, by table. */
    const notes = async (): Promise<Record<string, string[]>> => {
      const all = worldTables(major).map(
        ({ name }) =>
          `select '${name}' as name, array_agg(id || ':' || coalesce(note, 'NULL') order by id) as notes from ${name === 'titled' ? 'only ' : ''}app.${name}`,
      );
      const found = await server.sql<{ name: string; notes: string[] }>('world', all.join(' union all '));
      return Object.fromEntries(found.map((row) => [row.name, row.notes]));
    };

    const tables = worldTables(major).map(({ name }) => ({ schema: 'app', table: name }));
    const tidy = async (): Promise<void> => {
      expect(await server.sql('world', "select nspname from pg_namespace where nspname like 'howdah%'")).toEqual([]);
      expect(leftoversOf(server.engine)).toEqual([]);
    };

    it.each(thorough ? dumpFormats : quickFormats)(
      'a backup in the format %s is proved deep, and is restored as pg_dump saw it',
      async (format) => {
        backup = await server.engine.backUpWell(profile.id, { format, deepVerify: true, globals: true });
        expect(backup.verification).toMatchObject({ ok: true, deep: true });
        expect(Number.parseInt(backup.clientVersion, 10)).toBe(server.client.major);
        const copy = `copy_${format}`;
        await server.sql('postgres', `create database ${copy} ${worldLocale(major)}`);
        await restored({ database: copy, create: true });
        expect(server.dumpText(copy)).toBe(before);
        await server.sql('postgres', `drop database ${copy}`);
      },
    );

    it('its roles are in globals.sql, with the options of their memberships', () => {
      const globals = readFileSync(join(backup.directory, 'globals.sql'), 'utf8');
      expect(globals).toContain('CREATE ROLE howdah_helper;');
      expect(globals).toMatch(
        server.client.major >= 16 && major >= 16
          ? /GRANT howdah_keeper TO howdah_helper WITH INHERIT FALSE GRANTED BY postgres;/
          : /GRANT howdah_keeper TO howdah_helper GRANTED BY postgres;/,
      );
    });

    it('rows are read from the dump, and judged by a server', async () => {
      const { name } = worldTables(major).at(-1) ?? { name: '' };
      const table = { schema: 'app', table: name };
      const source = { kind: 'backup', id: backup.id } as const;
      const all = await server.engine.client.dumps.rows({ source, table });
      const at = all.columns.indexOf('note');
      expect(all.rows.map((row) => row[at])).toEqual(['n1', 'n2', 'n3', 'n4']);
      const some = await server.engine.client.dumps.rows({ source, table, where: "note > 'n2' and id < 4", profileId: profile.id });
      expect(some.rows.map((row) => row[some.columns.indexOf('note')])).toEqual(['n3']);
    });

    it('the database is replaced by a swap, with its locale and settings, and undo brings the changed one back', async () => {
      const properties = (): Promise<object[]> =>
        server.sql(
          'postgres',
          `select to_jsonb(d) - '{oid,datfrozenxid,datminmxid,datacl}'::text[] as database, (select setconfig from pg_db_role_setting where setdatabase = d.oid) as settings
             from pg_database d where datname = 'world'`,
        );
      const asItWas = await properties();
      await server.sql('world', changesSql(major));
      expect(await notes()).toEqual(expectedNotes(major, 'changes'));
      changed = server.dumpText('world');
      const swapped = await restored();
      expect(swapped).toMatchObject({ mode: 'replace', undo: 'possible' });
      expect(server.dumpText('world')).toBe(before);
      expect(await properties()).toEqual(asItWas);
      await undone(swapped);
      expect(server.dumpText('world')).toBe(changed);
    });

    it('a preview counts what differs in every table, and finds the definitions the same', async () => {
      const preview = await previewed({ sample: 0 });
      const kinds = Object.fromEntries(
        preview.tables
          .filter(({ table }) => tables.some((one) => one.table === table))
          .map((one) => [one.table, [one.identical, one.new, one.conflicts, one.liveOnly, one.uniqueClashes]]),
      );
      const expected = worldTables(major).map(({ name, clashes, pairedWhole }) => [
        name,
        pairedWhole ? [1, 1, 0, 3, 2] : clashes ? [1, 0, 2, 1, 1] : [1, 1, 2, 1, 0],
      ]);
      expect(kinds).toEqual(Object.fromEntries(expected));
      expect(preview.schema.differences).toEqual([]);
      expect([...preview.blockers, ...preview.tables.flatMap(({ blockers }) => blockers)]).toEqual([]);
      await server.engine.client.previews.close({ id: preview.id });
    });

    it.each(thorough ? (['skip', 'merge'] as const) : (['merge'] as const))(
      '%s does what the preview said, and undo takes it back',
      async (strategy) => {
        const preview = await previewed({ sample: 0 });
        const done = await restored({ strategy, previewId: preview.id, safetyBackup: true });
        expect(done.rows).toEqual(preview.strategies[strategy]);
        expect(await notes()).toEqual(expectedNotes(major, strategy));
        await undone(done);
        expect(await notes()).toEqual(expectedNotes(major, 'changes'));
        await tidy();
      },
    );

    it('replace makes chosen tables equal the backup row by row, leaves the one that is to be left, and is undone', async () => {
      const left = { schema: 'app', table: 'people', strategy: 'leave' as const };
      const done = await restored({ strategy: 'replace', tables, tableStrategies: [left], safetyBackup: true });
      const { people, ...others } = expectedNotes(major, 'replace');
      expect(people).toHaveLength(4);
      expect(await notes()).toEqual({ ...others, people: expectedNotes(major, 'changes')['people'] });
      await undone(done);
      expect(await notes()).toEqual(expectedNotes(major, 'changes'));
      await tidy();
    });

    it.runIf(thorough)('replace of all tables row by row leaves what stock pg_dump saw, definitions and rows', async () => {
      const whole = await restored({ strategy: 'replace', tables });
      expect(whole.mode).toBe('replace');
      const sorted = (text: string): string[] =>
        text
          .split('\n')
          .filter((line) => !line.startsWith('SELECT pg_catalog.setval'))
          .toSorted();
      expect(sorted(server.dumpText('world'))).toEqual(sorted(before));
      await tidy();
    });

    it.runIf(hasNewDefinitions(major))('definitions that are new in it are compared, and mended', async () => {
      await assertDefinitionsCompared(server, 'world', async () => {
        const preview = await previewed({ sample: 0 });
        await server.engine.client.previews.close({ id: preview.id });
        return preview;
      });
    });

    itParticular(major, () => server);

    it('one table is brought back whole, with its definition', async () => {
      const name = worldTables(major).findLast((table) => table.name !== 'stays')?.name ?? '';
      const definition = (): string =>
        server.run('pg_dump', ['-d', 'world', '-s', '-t', `app.${name}`]).replaceAll(/^\\(un)?restrict .*$/gm, '');
      const asItWas = definition();
      await server.sql('world', `drop table app.${name} cascade`);
      await restored({ tables: [{ schema: 'app', table: name }] });
      expect((await notes())[name]).toEqual(expectedNotes(major, 'replace')[name]);
      expect(definition()).toBe(asItWas);
    });
  });
}
