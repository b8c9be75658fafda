// Only some rows of the backup, with the rows that they refer to.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewRequest, type Preview, type PreviewRequest } from '../../../shared/contract/previews.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { createDatabase, sql } from '../../support/server.ts';
import { pgDump } from '../restores/support.ts';

const schema = `
  create table country (code text primary key, name text);
  create table person (id int primary key, country text references country, boss int references person, name text);
  create table invoice (id int primary key, person int references person, total numeric);
  create table line (invoice int references invoice on delete cascade, no int, text text, primary key (invoice, no));
  insert into country values ('in', 'India'), ('pt', 'Portugal'), ('no', 'Norway');
  insert into person values (1, 'in', null, 'Asha'), (2, 'pt', 1, 'Bruno'), (3, 'no', 2, 'Chloé'), (4, 'no', 4, 'Dmitri');
  insert into invoice select n, 1 + n % 4, n * 10 from generate_series(1, 20) n;
  insert into line select i, n, 'line ' || n from generate_series(1, 20) i, generate_series(1, 3) n;
`;

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(() => engine.close());

async function preview(edits: string, change: Partial<PreviewRequest>) {
  const database = await createDatabase(schema);
  const path = pgDump(database, ['-Fc']);
  await sql(database, edits);
  const profile = await engine.addProfile({ database });
  const file = await engine.client.dumps.open({ path });
  const { jobId, previewId } = await engine.client.previews.start(
    previewRequest.parse({ source: { kind: 'file', id: file.id }, profileId: profile.id, ...change }),
  );
  const job = await engine.ended(jobId);
  const state = await engine.client.previews.get({ id: previewId });
  return { database, job, state };
}

function ready(found: Awaited<ReturnType<typeof preview>>): Preview {
  if (found.state.status !== 'ready') throw new Error(JSON.stringify(found.state, null, 1));
  return found.state.preview;
}

const counts = (shown: Preview) =>
  Object.fromEntries(shown.tables.map((t) => [t.table, [t.rows, t.new, t.identical, t.conflicts, t.liveOnly, t.referencedOnly]]));

test('rows that meet a condition, with all that they refer to, in a chain and round a self-reference', async () => {
  const found = await preview(
    `delete from line; delete from invoice; delete from person; delete from country where code <> 'in'; insert into country values ('xx', 'Live');
     insert into invoice values (7, null, 1), (900, null, 2)`,
    { rows: [{ schema: 'public', table: 'invoice', where: 'id in (6, 7)' }], withReferenced: true },
  );
  // Invoices 6 and 7 are of persons 3 and 4; 3 has the boss 2, who has the boss 1.
  expect(counts(ready(found))).toEqual({
    country: [3, 2, 1, 0, 0, true],
    person: [4, 4, 0, 0, 0, true],
    invoice: [2, 1, 0, 1, 0, false],
  });
  const { strategies } = ready(found);
  expect(strategies.replace).toEqual({ created: 7, updated: 1, deleted: 0, skipped: 1 });
  expect(ready(found).verdicts.skip).toEqual({ safe: true, reasons: [] });
});

test('live rows that meet the condition and are not in the backup are live-only; all others are none of its business', async () => {
  const found = await preview(
    `insert into invoice values (31, 1, 5), (32, 1, 500); delete from line where invoice = 20; delete from invoice where id = 20`,
    {
      rows: [{ schema: 'public', table: 'invoice', where: 'total >= 190' }],
    },
  );
  expect(counts(ready(found))).toEqual({ invoice: [2, 1, 1, 0, 1, false] });
});

test('without the rows that are referred to, it says which are missing', async () => {
  const found = await preview('delete from line; delete from invoice; delete from person', {
    tables: [{ schema: 'public', table: 'invoice' }],
  });
  const [invoice] = ready(found).tables;
  expect(invoice?.blockers).toEqual([
    expect.objectContaining({
      code: 'MISSING_REFERENCE',
      strategies: ['replace', 'merge', 'skip'],
      hint: expect.stringContaining('public.person'),
    }),
  ]);
});

test('rows that others still refer to are in the way of replace, also where they would be deleted along', async () => {
  const found = await preview(`insert into invoice values (77, 1, 1); insert into line values (77, 1, 'new')`, {
    tables: [{ schema: 'public', table: 'invoice' }],
  });
  const [invoice] = ready(found).tables;
  expect(invoice?.blockers).toEqual([expect.objectContaining({ code: 'ROWS_IN_THE_WAY', strategies: ['replace'] })]);
  expect(invoice?.blockers[0]?.message).toContain('1 row of public.line still refers to rows of public.invoice');
});

test.each([
  ['id =', 'cannot be used'],
  ['true); drop table line; --', 'cannot be used'],
  ['true) or (true', 'cannot be used'],
  ["nextval('s') > 0", 'cannot be used'],
])('the condition %s is refused, and nothing is left behind', async (where, message) => {
  const found = await preview('create sequence s', { rows: [{ schema: 'public', table: 'invoice', where }] });
  expect(found.state).toMatchObject({ status: 'failed', error: { code: 'BAD_INPUT', message: expect.stringContaining(message) } });
  expect(await sql(found.database, "select nspname from pg_namespace where nspname like 'howdah%'")).toEqual([]);
  expect(await sql(found.database, 'select count(*)::int as n from line')).toEqual([{ n: 60 }]);
});
