// What a review found: rows deleted or overwritten that the backup has, and verdicts that were too kind.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { previewOf, restoreBy, rowsOf, scene } from '../restores/rows-support.ts';
import { succeeded } from '../restores/support.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(async () => {
  await engine.close();
});

const chosen = (table: string, where: string) => ({ rows: [{ schema: 'public', table, where }] });

describe('rows chosen by a condition', () => {
  it('a live row that the backup has, under another value, is not deleted', async () => {
    const at = await scene(
      engine,
      `create table orders (id int primary key, status text);
       insert into orders values (1, 'open'), (2, 'open'), (5, 'closed')`,
      "update orders set status = 'open' where id = 5; delete from orders where id = 1; insert into orders values (9, 'open'), (10, 'closed')",
    );
    const rows = chosen('orders', "status = 'open'");
    const preview = await previewOf(engine, at, rows);
    expect(preview.totals).toMatchObject({ rows: 2, new: 1, identical: 1, conflicts: 0, liveOnly: 1 });
    const restore = succeeded(
      await restoreBy(engine, at, { ...rows, strategy: 'replace', fingerprint: preview.fingerprint }),
      engine.faults,
    );
    expect(restore.rows).toEqual({ created: 1, updated: 0, deleted: 1, skipped: 1 });
    expect(await rowsOf(at.database, 'orders')).toEqual(['(1,open)', '(10,closed)', '(2,open)', '(5,open)']);
  });

  it('without a key live rows are counted against all rows of the backup', async () => {
    const at = await scene(
      engine,
      `create table pick (v text); insert into pick values ('a');
       create table notes (v text, n int); insert into notes values ('a', 1), ('b', 1), ('b', 1), ('c', 1)`,
      "truncate pick; insert into pick values ('b'); delete from notes where v = 'c'; insert into notes values ('b', 1), ('c', 2)",
    );
    // Both sides are asked with the live table's pick: b.
    const rows = chosen('notes', 'v in (select v from public.pick)');
    const restore = succeeded(await restoreBy(engine, at, { ...rows, strategy: 'replace' }), engine.faults);
    expect(restore.rows).toEqual({ created: 0, updated: 0, deleted: 1, skipped: 2 });
    expect(await rowsOf(at.database, 'notes')).toEqual(['(a,1)', '(b,1)', '(b,1)', '(c,2)']);
  });

  it('rows of the same table that come along are added, and never overwritten', async () => {
    const at = await scene(
      engine,
      `create table person (id int primary key, boss int references person, name text);
       insert into person values (1, null, 'Asha'), (2, 1, 'Bruno'), (3, 2, 'Chloé'), (4, 3, 'Dmitri'), (5, null, 'Eve')`,
      "delete from person where id in (3, 4); update person set name = 'Live' where id = 2; update person set name = null where id = 1",
    );
    const rows = { ...chosen('person', 'id = 4'), withReferenced: true };
    const preview = await previewOf(engine, at, rows);
    expect(preview.totals).toMatchObject({ rows: 4, new: 2, identical: 2, conflicts: 0, liveOnly: 0 });
    expect(preview.strategies.merge).toEqual({ created: 2, updated: 0, deleted: 0, skipped: 2 });
    const restore = succeeded(
      await restoreBy(engine, at, { ...rows, strategy: 'replace', fingerprint: preview.fingerprint }),
      engine.faults,
    );
    expect(restore.rows).toEqual({ created: 2, updated: 0, deleted: 0, skipped: 2 });
    expect(await rowsOf(at.database, 'person')).toEqual(['(1,,)', '(2,1,Live)', '(3,2,Chloé)', '(4,3,Dmitri)', '(5,,Eve)']);
  });
});
