import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchiveToc } from '../../../electron/engine/dumps/archive.ts';
import { recogniseDump } from '../../../electron/engine/dumps/recognise.ts';
import { selectTables } from '../../../electron/engine/dumps/select.ts';
import type { Toc } from '../../../electron/engine/dumps/toc.ts';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { clients, dump, richDatabase, run, type RichDumps } from './rich-dumps.ts';

let rich: RichDumps;
beforeAll(async () => {
  rich = await richDatabase();
});
afterAll(() => rich.remove());

const app = (...tables: string[]) => tables.map((table) => ({ schema: 'app', table }));

describe.each(clients())('choosing tables from a dump by client $major', (client) => {
  let path = '';
  let toc: Toc;
  beforeAll(async () => {
    path = dump(client, rich, `select-${client.major}`, ['-Fc']);
    toc = await readArchiveToc(await recogniseDump(path));
  });
  const named = (ids: number[]): string[] =>
    ids.map((id) => {
      const entry = toc.entries.find(({ dumpId }) => dumpId === id);
      return `${entry?.desc} ${entry?.tag}`;
    });

  it('brings all parts of a table and what it needs', () => {
    const found = selectTables(toc, app('customers'));
    expect(named(found.entries).toSorted()).toEqual(
      [
        'TABLE customers',
        'COMMENT TABLE customers',
        'COMMENT COLUMN customers.email',
        'ACL TABLE customers',
        'SEQUENCE customers_id_seq',
        'SEQUENCE OWNED BY customers_id_seq',
        'SEQUENCE SET customers_id_seq',
        'DEFAULT customers id',
        'TABLE DATA customers',
        'CONSTRAINT customers customers_email_key',
        'CONSTRAINT customers customers_pkey',
        'COMMENT INDEX customers_pkey',
        'STATISTICS stx',
        'TRIGGER customers customers_touch',
        'ROW SECURITY customers',
        'POLICY customers own',
      ].toSorted(),
    );
    expect(named(found.prerequisites).toSorted()).toEqual(
      ['SCHEMA app', 'ACL SCHEMA app', 'DOMAIN email', 'TYPE mood', 'COMMENT TYPE mood', 'TYPE pair', 'FUNCTION touch()'].toSorted(),
    );
    expect(found.outsideForeignKeys).toEqual([]);
    expect(found.missing).toEqual([]);
  });

  it('tells foreign keys that lead outside, and keeps those that do not', () => {
    const alone = selectTables(toc, app('orders'));
    expect(alone.outsideForeignKeys).toMatchObject([
      {
        constraint: 'orders_customer_id_fkey',
        table: { schema: 'app', table: 'orders' },
        references: { schema: 'app', table: 'customers' },
      },
    ]);
    expect(named(alone.entries)).toContain('SEQUENCE orders_id_seq');
    expect(named(alone.entries)).toContain('SEQUENCE SET orders_id_seq');
    const both = selectTables(toc, app('orders', 'customers'));
    expect(both.outsideForeignKeys).toEqual([]);
    expect(named(both.entries)).toContain('FK CONSTRAINT orders orders_customer_id_fkey');
    const cycle = selectTables(toc, app('a', 'b'));
    expect(named(cycle.entries)).toEqual(expect.arrayContaining(['FK CONSTRAINT a a_b_fk', 'FK CONSTRAINT b b_a_fkey']));
  });

  it('does not mistake one table for another of a similar name, nor a policy that only mentions the table', () => {
    const found = named(selectTables(toc, app('customers more')).entries);
    expect(found.toSorted()).toEqual([
      'CONSTRAINT customers more customers more_pkey',
      'TABLE DATA customers more',
      'TABLE customers more',
    ]);
    expect(named(selectTables(toc, app('customers')).entries)).not.toContain('POLICY lookup see');
    expect(named(selectTables(toc, app('lookup')).entries)).toContain('POLICY lookup see');
  });

  it('brings partitions with their parent, and one partition alone without it', () => {
    const all = named(selectTables(toc, app('events')).entries);
    expect(all).toEqual(
      expect.arrayContaining([
        'TABLE events',
        'TABLE events_2023',
        'TABLE DATA events_2024',
        'TABLE ATTACH events_2023',
        'INDEX ATTACH events_2024_pkey',
      ]),
    );
    const one = selectTables(toc, app('events_2023'));
    expect(named(one.entries)).toEqual(expect.arrayContaining(['TABLE events_2023', 'INDEX events_2023_what_idx']));
    expect(named(one.entries)).not.toContain('TABLE ATTACH events_2023');
    expect(named(one.prerequisites).toSorted()).toEqual(['ACL SCHEMA app', 'SCHEMA app']);
  });

  it('leaves a shared sequence to the prerequisites, and names what is not there', () => {
    const found = selectTables(toc, app('uses_shared', 'nothing'));
    expect(named(found.entries)).not.toContain('SEQUENCE shared_seq');
    expect(named(found.prerequisites)).toEqual(expect.arrayContaining(['SEQUENCE shared_seq', 'SEQUENCE SET shared_seq']));
    expect(found.missing).toEqual(app('nothing'));
    expect(named(selectTables(toc, app('child')).prerequisites)).toContain('TABLE parent');
  });

  it.each([['customers'], ['orders'], ['orders,customers'], ['a,b'], ['events'], ['events_2023'], ['uses_shared'], ['lookup'], ['child']])(
    'restores %s without an error into an empty database',
    async (tables) => {
      const { entries, prerequisites } = selectTables(toc, app(...tables.split(',')));
      const wanted = new Set([...entries, ...prerequisites]);
      const list = join(rich.folder, `list-${client.major}`);
      writeFileSync(
        list,
        toc.entries
          .filter(({ dumpId }) => wanted.has(dumpId))
          .map(({ dumpId }) => `${dumpId};\n`)
          .join(''),
      );
      const target = await createDatabase();
      try {
        // A client newer than the server may set what the server does not know; only errors about the tables count.
        const args = client.major > 15 ? [] : ['--exit-on-error'];
        try {
          run(client, 'pg_restore', [...args, '--use-list', list, '--dbname', target, path]);
        } catch (thrown) {
          expect(String((thrown as { stderr?: unknown }).stderr)).toMatch(/transaction_timeout[\s\S]*errors ignored on restore: 1\s*$/);
        }
        for (const table of tables.split(',')) {
          const count = `SELECT count(*)::int AS n FROM app.${table}`;
          expect(await sql(target, count)).toEqual(await sql(rich.database, count));
        }
      } finally {
        await dropDatabase(target);
      }
    },
  );
});
