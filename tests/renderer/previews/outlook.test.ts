import { expect, test } from 'vitest';
import type { Judgement, Preview, RowEffects, StrategyChoice, TablePreview } from '../../../shared/contract/previews.ts';
import { needsJudging, outlookOf, strategyOf, withTableStrategy } from '../../../renderer/previews/choice.ts';
import { columnsOf } from '../../../renderer/previews/request.ts';
import { firstView, viewTables } from '../../../renderer/previews/tables.ts';
import { compareEffects, headlineOf, mustType, sentenceOf } from '../../../renderer/previews/verdict.ts';

const effects = (created = 0, updated = 0, deleted = 0, skipped = 0): RowEffects => ({ created, updated, deleted, skipped });

function table(name: string, counts: Partial<TablePreview> = {}): TablePreview {
  const { new: fresh = 0, conflicts = 0, liveOnly = 0, identical = 0, uniqueClashes = 0 } = counts;
  return {
    schema: 'public',
    table: name,
    compared: true,
    rows: fresh + identical + conflicts + uniqueClashes,
    liveRows: identical + conflicts + liveOnly,
    new: fresh,
    identical,
    conflicts,
    liveOnly,
    uniqueClashes,
    conflictsByColumn: {},
    key: { kind: 'primary', columns: ['id'] },
    columnsOnlyInBackup: [],
    columnsOnlyLive: [],
    filled: { rows: 0, fields: 0 },
    strategies: {
      replace: effects(fresh + uniqueClashes, conflicts, liveOnly, identical),
      merge: effects(fresh, 0, 0, identical + conflicts + uniqueClashes),
      skip: effects(fresh, 0, 0, identical + conflicts + uniqueClashes),
    },
    blockers: [],
    warnings: [],
    referencedOnly: false,
    sample: [],
    ...counts,
  };
}

function preview(tables: TablePreview[], change: Partial<Preview> = {}): Preview {
  const sum = (key: 'rows' | 'new' | 'identical' | 'conflicts' | 'liveOnly' | 'uniqueClashes') =>
    tables.reduce((total, one) => total + one[key], 0);
  const unsafe = { safe: false, reasons: [{ code: 'ROWS_LOST', message: 'rows would be lost' }] };
  const safe = { safe: true, reasons: [] };
  const loses = sum('conflicts') + sum('liveOnly') > 0;
  return {
    id: 'prv_1',
    fingerprint: 'f',
    profile: 'Live',
    profileId: 'pro_1',
    server: 'localhost',
    database: 'shop',
    environment: 'staging',
    source: 'shop.dump',
    safe: !loses,
    reasons: [],
    verdicts: { replace: loses ? unsafe : safe, merge: safe, skip: safe },
    totals: {
      rows: sum('rows'),
      new: sum('new'),
      identical: sum('identical'),
      conflicts: sum('conflicts'),
      liveOnly: sum('liveOnly'),
      uniqueClashes: sum('uniqueClashes'),
    },
    strategies: { replace: effects(), merge: effects(), skip: effects() },
    tables,
    blockers: [],
    warnings: [],
    schema: { fits: true, differences: [] },
    migrations: null,
    allMigrations: [],
    triggers: 'none',
    staging: 'beside',
    stagedBytes: 0,
    durationMs: 1,
    ...change,
  };
}

const choose = (strategy: StrategyChoice['strategy']): StrategyChoice => ({ strategy, tableStrategies: [], fillEmptyStrings: false });
const changed = preview([table('orders', { new: 2, conflicts: 3, liveOnly: 4, identical: 10 }), table('notes', { identical: 5 })]);

test('a switch of strategy changes the numbers without asking anyone', () => {
  expect(outlookOf(changed, choose('replace'), null).effects).toEqual(effects(2, 3, 4, 15));
  expect(outlookOf(changed, choose('skip'), null).effects).toEqual(effects(2, 0, 0, 18));
  expect(needsJudging(changed, choose('merge'))).toBe(false);
});

test('a strategy of its own for one table, left alone, and back', () => {
  const own = withTableStrategy(choose('replace'), { schema: 'public', table: 'orders' }, 'leave');
  expect(outlookOf(changed, own, null).effects).toEqual(effects(0, 0, 0, 20));
  expect(outlookOf(changed, own, null).lostOrChanged).toBe(0);
  expect(needsJudging(changed, own)).toBe(true);
  expect(withTableStrategy(own, { schema: 'public', table: 'orders' }, null).tableStrategies).toEqual([]);
  // Changed twice it is still one.
  expect(withTableStrategy(own, { schema: 'public', table: 'orders' }, 'merge').tableStrategies).toHaveLength(1);
});

test('the judgement has the last word on a mix', () => {
  const judgement: Judgement = {
    effects: effects(1, 1, 1, 1),
    tables: [{ schema: 'public', table: 'orders', strategy: 'merge', effects: effects(1, 1, 1, 1) }],
    blockers: [],
    verdict: { safe: false, reasons: [] },
  };
  const outlook = outlookOf(changed, choose('merge'), judgement);
  expect(outlook.effects).toEqual(effects(1, 1, 1, 1));
  expect(changed.tables[0] && outlook.ofTable(changed.tables[0])).toEqual(effects(1, 1, 1, 1));
});

test('rows that came along are only ever added', () => {
  const along = table('customers', { new: 1, liveOnly: 5, referencedOnly: true });
  expect(strategyOf(along, choose('replace'))).toBe('skip');
  expect(strategyOf(along, withTableStrategy(choose('replace'), along, 'leave'))).toBe('leave');
});

test('the verdict in words', () => {
  const words = (one: Preview, strategy: StrategyChoice['strategy']) => headlineOf(one, outlookOf(one, choose(strategy), null));
  expect(words(changed, 'replace')).toMatchObject({ tone: 'bad', title: 'Not safe', line: 'It would add 2 rows, change 3 and delete 4.' });
  expect(words(changed, 'skip')).toMatchObject({ tone: 'ok', title: 'Safe' });
  expect(words(preview([table('a', { identical: 7 })]), 'replace')).toMatchObject({ tone: 'ok', title: 'Nothing differs' });
  // Live-only rows: nothing to add, but not the same.
  expect(words(preview([table('a', { identical: 7, liveOnly: 1 })]), 'skip').title).toBe('This would change nothing');
  expect(sentenceOf(effects())).toBe('It would change nothing.');
  expect(sentenceOf(effects(0, 1))).toBe('It would change 1 row.');
});

test('a blocker comes before everything else, and only where its strategy is chosen', () => {
  const blocker = { code: 'UNIQUE_CLASH', message: 'two rows', hint: 'skip', strategies: ['replace' as const] };
  const blocked = preview([table('a', { new: 1, blockers: [blocker] })], { blockers: [blocker] });
  const replace = outlookOf(blocked, choose('replace'), null);
  expect(replace.blockers).toHaveLength(1);
  expect(headlineOf(blocked, replace).title).toContain('Cannot be done');
  expect(outlookOf(blocked, choose('skip'), null).blockers).toEqual([]);
});

test('the name is typed in production, and wherever something would be lost or overwritten', () => {
  const typed = (one: Preview, strategy: StrategyChoice['strategy'], dry = false) =>
    mustType(one, outlookOf(one, choose(strategy), null), dry);
  expect(typed(changed, 'replace')).toBe(true);
  expect(typed(changed, 'replace', true)).toBe(false);
  expect(typed(changed, 'merge')).toBe(false);
  expect(typed({ ...changed, environment: 'production' }, 'skip')).toBe(true);
  expect(typed({ ...changed, environment: 'production' }, 'skip', true)).toBe(true);
});

test('tables: sorted by what is asked for, what could not be compared first among equals, narrowed by words', () => {
  const tables = [table('b10'), table('b9'), table('a', { conflicts: 1 }), table('gone', { compared: false }), table('z', { liveOnly: 9 })];
  const names = (view: Partial<typeof firstView>) => viewTables(tables, { ...firstView, ...view }).map((one) => one.table);
  expect(names({})).toEqual(['a', 'gone', 'z', 'b9', 'b10']);
  expect(names({ sort: 'name', descending: false })).toEqual(['a', 'b9', 'b10', 'gone', 'z']);
  expect(names({ sort: 'liveOnly' })[0]).toBe('z');
  expect(names({ differing: true })).toEqual(['a', 'gone', 'z']);
  expect(names({ search: ' PUBLIC.B ' })).toEqual(['b9', 'b10']);
});

test('ten times the tables are read about ten times as often when they are sorted, not a hundred times', () => {
  const reads = (count: number): number => {
    let read = 0;
    const many = Array.from({ length: count }, (_, index) => {
      const name = `t${index}`;
      const one = table(name, { conflicts: index % 7 });
      return Object.defineProperty(one, 'table', { enumerable: true, get: () => ((read += 1), name) });
    });
    expect(viewTables(many, firstView)).toHaveLength(count);
    return read;
  };
  expect(reads(5000)).toBeLessThan(20 * reads(500));
});

test('result against prediction', () => {
  expect(compareEffects(effects(1, 2, 3, 4), effects(1, 2, 0, 4)).map(({ predicted, done }) => predicted === done)).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

test('column names as they are typed', () => {
  expect(columnsOf('a, b ,"odd, name", "say ""so"""')).toEqual(['a', 'b', 'odd, name', 'say "so"']);
  expect(columnsOf(' ')).toEqual([]);
});
