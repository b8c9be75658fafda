import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchiveToc } from '../../../electron/engine/dumps/archive.ts';
import { recogniseDump } from '../../../electron/engine/dumps/recognise.ts';
import { clients, dump, richDatabase, run, type RichDumps } from './rich-dumps.ts';

let rich: RichDumps;
beforeAll(async () => {
  rich = await richDatabase();
});
afterAll(() => rich.remove());

/** pg_restore lists what a restore would make, so not the entries about the archive or the database itself. */
const unlisted = new Set(['ENCODING', 'STDSTRINGS', 'SEARCHPATH', 'DATABASE', 'DATABASE PROPERTIES']);

describe.each(clients())('the table of contents by client $major', (client) => {
  it.each([
    ['custom', '-Fc'],
    ['directory', '-Fd'],
    ['tar', '-Ft'],
  ])('is read from %s as pg_restore --list reads it', async (format, flag) => {
    const path = dump(client, rich, `toc-${format}-${client.major}`, [flag]);
    const recognised = await recogniseDump(path);
    expect(recognised.format).toBe(format);
    const toc = await readArchiveToc(recognised);
    const ours = toc.entries
      .filter(({ desc }) => !unlisted.has(desc))
      .map(
        (entry) => `${entry.dumpId}; ${entry.tableOid} ${entry.oid} ${entry.desc} ${entry.namespace || '-'} ${entry.tag} ${entry.owner}`,
      );
    const listed = run(client, 'pg_restore', ['--list', path])
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(';'));
    expect(ours).toEqual(listed);
    expect(toc).toMatchObject({ database: rich.database, encoding: 'UTF8', format: format === 'custom' ? 'custom' : 'files' });
    expect(toc.dumpedBy).toMatch(new RegExp(`^${client.major}`));
    expect(Math.abs(Date.now() - (toc.createdAt ?? 0))).toBeLessThan(10 * 60_000);
  });

  it('tells dependencies, definitions and COPY statements', async () => {
    const toc = await readArchiveToc(await recogniseDump(dump(client, rich, `deps-${client.major}`, ['-Fc'])));
    const byTag = (desc: string, tag: string) => toc.entries.find((entry) => entry.desc === desc && entry.tag === tag);
    const customers = byTag('TABLE', 'customers');
    const data = byTag('TABLE DATA', 'customers');
    expect(customers?.defn).toContain('CREATE TABLE app.customers');
    expect(customers?.dropStmt).toContain('DROP TABLE');
    expect(customers?.relkind).toBe(client.major >= 17 ? 'r' : '');
    expect(data?.dependencies).toContain(customers?.dumpId);
    expect(data?.copyStmt).toMatch(/^COPY app\.customers .* FROM stdin;/);
    expect(data?.data.state).toBe('at');
    expect(byTag('TABLE', 'b')?.owner).toBe('how dah"owner');
  });
});
