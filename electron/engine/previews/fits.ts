// Whether the rows that a strategy would write keep the live table's own rules.
import type { PreviewBlocker } from '../../../shared/contract/previews.ts';
import { formatNumber } from '../../../shared/format.ts';
import type { Session } from '../postgres/connection.ts';
import type { ComparedTable } from './compared.ts';
import { asAdded, asUpdated, atLive, clash, id, liveRows, stagingTable, underRule } from './rows-sql.ts';
import { isAboutRules } from './clashes.ts';
import { addedRows, updatedRows, type Mix } from './written-rows.ts';

export type Blocker = Omit<PreviewBlocker, 'strategies'>;

/** NULLS_NOT_ALLOWED, CHECK_FAILS, NO_PARTITION, UNIQUE_CLASH. */
export async function misfits(session: Session, mix: Mix, table: ComparedTable): Promise<Blocker[]> {
  const found: Blocker[] = [];
  const added = addedRows(mix, table);
  if (added !== null) found.push(...(await brokenRules(session, table, added, true)));
  const updated = updatedRows(mix, table);
  // Filling a field takes no value away.
  if (updated !== null) found.push(...(await brokenRules(session, table, updated, mix.strategy !== 'merge')));
  if (mix.strategy === 'replace') found.push(...(await clashesWithin(session, mix, table)));
  return found;
}

async function brokenRules(session: Session, table: ComparedTable, rows: string, nulls: boolean): Promise<Blocker[]> {
  const tests: { sql: string; blocker: (n: number) => Blocker }[] = [];
  for (const column of table.live.columns.filter((one) => one.notNull && (nulls || one.generated !== null))) {
    // A default that is no constant (a sequence) gives a value.
    const computed = column.generated === null && !table.columns.includes(column) && (column.identity !== null || column.default !== null);
    if (computed) continue;
    tests.push({
      // IS NULL is also true of a composite of NULLs, which NOT NULL lets pass.
      sql: `pg_catalog.num_nulls(${id(column.name)}) = 1`,
      blocker: (n) => ({
        code: 'NULLS_NOT_ALLOWED',
        message: `${formatNumber(n, 'row')} would have no value in "${column.name}" of ${nameOf(table)}, which is NOT NULL there.`,
        hint: 'Give the column a default, fill it in the live table first, or leave this table alone.',
      }),
    });
  }
  for (const check of table.live.checks) {
    tests.push({
      sql: `not (${check.expression})`,
      blocker: (n) => ({
        code: 'CHECK_FAILS',
        message: `${formatNumber(n, 'row')} would break the check "${check.name}" of ${nameOf(table)}.`,
        hint: 'Look at those rows, and at why the check is there; or leave this table alone.',
      }),
    });
  }
  if (table.live.partitions !== null) {
    tests.push({
      sql: `not (${table.live.partitions.length === 0 ? 'false' : table.live.partitions.map((one) => `(${one})`).join(' or ')})`,
      blocker: (n) => ({
        code: 'NO_PARTITION',
        message: `No partition of ${nameOf(table)} takes ${formatNumber(n, 'row')} of the backup.`,
        hint: 'Create the partition that takes them, then look again.',
      }),
    });
  }
  if (tests.length === 0) return [];
  const counted = tests.map((test, index) => `pg_catalog.count(*) filter (where ${test.sql})::float8 as t${index}`);
  await session.query('savepoint judging');
  try {
    const found = await session.query<Record<string, number>>(`select ${counted.join(', ')} from ${rows} as "~r"`);
    return tests.flatMap((test, index) => {
      const n = found.rows[0]?.[`t${index}`] ?? 0;
      return n > 0 ? [test.blocker(n)] : [];
    });
  } catch (thrown) {
    if (!isAboutValues(thrown) && !isAboutRules(thrown)) throw thrown;
    await session.query('rollback to savepoint judging');
    return [
      {
        code: 'CHECK_FAILS',
        message: `The rules of ${nameOf(table)} cannot be applied to the backup's rows: ${(thrown as Error).message}`,
        hint: 'Look at the checks, defaults and generated columns of the table.',
      },
    ];
  }
}

/** data_exception, integrity_constraint_violation, raise_exception. */
export const isAboutValues = (thrown: unknown): boolean => /^(22|23|P0001)/.test((thrown as { code?: string }).code ?? '');

/** Rows of the backup that clash with each other: only where the dump itself does not declare the rule. */
async function clashesWithin(session: Session, { staging }: Mix, table: ComparedTable): Promise<Blocker[]> {
  const { counts } = table;
  if (counts.new + counts.uniqueClashes + counts.conflicts === 0) return [];
  const [s, d] = ['s', 'd'].map((letter) => stagingTable(staging, letter, table.n)) as [string, string];
  const found: Blocker[] = [];
  for (const rule of table.uniques) {
    const whole = table.scope.kind === 'whole';
    if (whole && rule.declared) continue;
    const fresh = asAdded(table, `${s} s join ${d} d on d.s_tid = s.ctid and d.kind in ('n', 'u')`, ['s.ctid as "~s"']);
    const changed = asUpdated(
      table,
      `${d} d join ${s} s on s.ctid = d.s_tid join ${liveRows(table)} l on ${atLive('d', 'l', table)} where d.kind = 'c'`,
      ['s.ctid as "~s"'],
      () => 'true',
    );
    const written = underRule(rule, `(select * from ${fresh} as f union all select * from ${changed} as g)`, ['"~s"']);
    const staying = underRule(
      rule,
      `(select null::tid as "~s", l.* from ${liveRows(table)} l
         where not exists (select from ${d} d where d.kind in ('c', 'l') and ${atLive('d', 'l', table)}))`,
      ['"~s"'],
    );
    const { rows } = await session.query<{ n: number }>(
      `select pg_catalog.count(distinct a."~s")::float8 as n from ${written} a
         join (select * from ${written} as w union all select * from ${staying} as o) b on ${clash('a', 'b', rule)} and a."~s" is distinct from b."~s"`,
    );
    const n = rows[0]?.n ?? 0;
    if (n > 0) {
      found.push({
        code: 'UNIQUE_CLASH',
        message: `${formatNumber(n, 'row')} of the backup would break "${rule.name}" of ${nameOf(table)}, together with other rows.`,
        hint: 'The live table has a rule that the backup does not keep. Use skip or merge, which leave such rows out, or drop the rule first.',
      });
    }
  }
  return found;
}

export const nameOf = (table: Pick<ComparedTable, 'live'>): string => `${table.live.schema}.${table.live.table}`;
