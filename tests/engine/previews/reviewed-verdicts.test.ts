// What a review found: rows deleted or overwritten that the backup has, and verdicts that were too kind.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { connect, createRole, sql } from '../../support/server.ts';
import { previewOf, restoreBy, rowsOf, scene } from '../restores/rows-support.ts';
import { databases, succeeded } from '../restores/support.ts';

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

describe('replace of the whole says what no comparison saw', () => {
  const codes = async (before: string, since: string, change: Parameters<typeof previewOf>[2] = {}, exclude: string[] = []) => {
    const at = await scene(engine, before, '', undefined, '', exclude);
    if (since !== '') await sql(at.database, since);
    const preview = await previewOf(engine, at, change);
    return preview.verdicts.replace;
  };

  it('nothing unseen is safe', async () => {
    expect(await codes('create table t (id int primary key); insert into t values (1)', '')).toEqual({ safe: true, reasons: [] });
  });

  it('rows of tables of which the backup has none', async () => {
    const verdict = await codes(
      `create table t (id int primary key); create table log (id int); insert into log values (1); create table quiet (id int);
       create table parted (id int) partition by list (id); create table parted_1 partition of parted for values in (1); insert into parted values (1)`,
      '',
      {},
      ['log', 'quiet', 'parted', 'parted_1'],
    );
    expect(verdict.safe).toBe(false);
    expect(verdict.reasons.map((reason) => reason.code)).toEqual(['ROWS_NOT_IN_BACKUP']);
    expect(verdict.reasons[0]?.message).toMatch(/public\.log, public\.parted/);
    expect(verdict.reasons[0]?.message).not.toContain('quiet');
  });

  it('tables that could not be compared', async () => {
    const verdict = await codes(
      'create table t (a int, b int); insert into t values (1, 1), (1, 2); create table gone (id int primary key)',
      'insert into t values (5, 5); drop table gone',
      { keys: [{ schema: 'public', table: 't', columns: ['a'] }] },
    );
    expect(verdict.reasons.map((reason) => reason.code)).toContain('NOT_COMPARED');
    expect(verdict.reasons.find((reason) => reason.code === 'NOT_COMPARED')?.message).not.toContain('gone ');
  });

  it('large objects that only the live database has', async () => {
    const verdict = await codes('create table t (id int primary key)', "select lo_from_bytea(0, 'x')");
    expect(verdict.reasons.map((reason) => reason.code)).toEqual(['LARGE_OBJECTS']);
  });
});

describe('a preview is of one kind of restore', () => {
  it.each([
    ['row by row, then the whole', true],
    ['the whole, then row by row', false],
  ])('%s', { timeout: 60_000 }, async (_, rowsFirst) => {
    const role = await createRole('createdb');
    const at = await scene(
      engine,
      'create table t (id int primary key); insert into t values (1)',
      'insert into t values (2)',
      role,
      `alter table t owner to "${role.user}"; do $$begin execute format('alter database %I owner to %I', current_database(), '${role.user}'); end$$`,
    );
    // A session of a superuser: the role may not end it, so the names cannot be swapped while it is there.
    let other = rowsFirst ? await connect(at.database) : null;
    const preview = await previewOf(engine, at);
    if (other === null) other = await connect(at.database);
    else {
      await other.end();
      other = null;
    }
    const names = await databases(`${at.database}%`);
    try {
      for (const open of [true, false]) {
        const restore = await restoreBy(engine, at, {
          strategy: 'replace',
          fingerprint: preview.fingerprint,
          ...(open ? { previewId: preview.id } : {}),
        });
        expect(restore).toMatchObject({ status: 'failed', error: { code: 'PLAN_STALE' }, safetyBackupId: null });
        if (open) await engine.client.previews.close({ id: preview.id });
        expect(await rowsOf(at.database, 't')).toEqual(['(1)', '(2)']);
        expect(await databases(`${at.database}%`)).toEqual(names);
      }
    } finally {
      await other?.end();
    }
  });
});

describe('keys that the live table calls equal though the dump does not', () => {
  it.each([
    ['citext', 'create extension citext', 'create table t (k text primary key)', 'alter table t alter column k type citext'],
    [
      'a collation that ignores case',
      "create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
      'create table t (k text primary key)',
      'alter table t alter column k type text collate ci',
    ],
  ])('%s', async (_, first, create, change) => {
    const at = await scene(
      engine,
      `${first}; ${create}; insert into t values ('a'), ('A'), ('b')`,
      `truncate t; ${change}; insert into t values ('a'), ('b'), ('live')`,
    );
    const preview = await previewOf(engine, at);
    const [t] = preview.tables;
    expect(t?.blockers).toEqual([expect.objectContaining({ code: 'KEY_NOT_UNIQUE' })]);
    const tables = [{ schema: 'public', table: 't' }];
    expect(await restoreBy(engine, at, { strategy: 'replace', tables })).toMatchObject({
      status: 'failed',
      error: { code: 'RESTORE_BLOCKED' },
    });
    expect(await rowsOf(at.database, 't')).toHaveLength(3);
  });

  it('the same types and a plain collation are taken at their word, and live-only rows are still found', async () => {
    const at = await scene(
      engine,
      "create table t (k text primary key, n int unique); insert into t values ('a', 1), ('A', 2)",
      "insert into t values ('b', 3)",
    );
    expect((await previewOf(engine, at)).totals).toMatchObject({ rows: 2, identical: 2, liveOnly: 1 });
  });
});
