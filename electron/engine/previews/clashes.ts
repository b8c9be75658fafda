// Rows that another unique or exclusion constraint keeps out, and what merge and replace must mind because of it.
import type { Session } from '../postgres/connection.ts';
import type { ComparedTable, LiveColumn, MergeCounts, UniqueRule } from './compared.ts';
import { flag } from './compare.ts';
import { asAdded, asUpdated, atLive, clash, id, liveRows, literal, stagingTable, underRule } from './rows-sql.ts';
import { isFillable } from './written-rows.ts';

/** The live rows under a rule; `keep` names where they are. */
const liveUnder = (table: ComparedTable, rule: UniqueRule): string =>
  underRule(rule, `(select tableoid as "~oid", ctid as "~tid", * from ${liveRows(table)} as l)`, ['"~oid"', '"~tid"']);

/** Syntax error or access rule violation, feature not supported, invalid transaction state: it is the rule, not a value. */
export const isAboutRules = (thrown: unknown): boolean => /^(42|0A|25)/.test((thrown as { code?: string }).code ?? '');

/** Rules that can only be told of rows in the table itself (a whole row, tableoid) are left to the server; `untold` says
 * so. `rows`: a source like those that are judged. */
async function leaveOutOdd(session: Session, table: ComparedTable, rows: string): Promise<void> {
  const { live } = table;
  const works = async (from: string): Promise<boolean> => {
    await session.query('savepoint trying');
    try {
      await session.query(`select from ${from} limit 1`);
      return true;
    } catch (thrown) {
      return !isAboutRules(thrown);
    } finally {
      await session.query('rollback to savepoint trying; release savepoint trying');
    }
  };
  const odd: string[] = [];
  for (const rule of table.uniques) if (!(await works(`${underRule(rule, rows, ['"~s"'])} as "~u"`))) odd.push(rule.name);
  for (const check of live.checks) if (!(await works(`${rows} as "~r" where not (${check.expression})`))) odd.push(check.name);
  if (odd.length === 0) return;
  table.uniques = table.uniques.filter((rule) => !odd.includes(rule.name));
  table.live = { ...live, checks: live.checks.filter((check) => !odd.includes(check.name)), untold: [...live.untold, ...odd] };
}

/** Marks new rows that clash as 'u', says why in u<n>, and counts them. */
export async function findClashes(session: Session, staging: string, table: ComparedTable): Promise<void> {
  const [s, d, u] = ['s', 'd', 'u'].map((letter) => stagingTable(staging, letter, table.n)) as [string, string, string];
  await session.query(
    `create unlogged table ${u} (s_tid tid primary key, constraint_name text not null, l_oid oid, l_tid tid, other_tid tid)`,
  );
  await leaveOutOdd(session, table, asAdded(table, `${s} s`, ['s.ctid as "~s"']));
  if (table.counts.new === 0) return;
  for (const rule of table.uniques) {
    const added = underRule(rule, asAdded(table, `${s} s join ${d} d on d.s_tid = s.ctid and d.kind = 'n'`, ['s.ctid as "~s"']), ['"~s"']);
    await session.query(
      `insert into ${u} select distinct on (a."~s") a."~s", ${literal(rule.name)}, l."~oid", l."~tid", null::tid
         from ${added} a join ${liveUnder(table, rule)} l on ${clash('a', 'l', rule)} order by a."~s", l."~oid", l."~tid" on conflict do nothing`,
    );
    if (rule.declared) continue;
    await session.query(
      `insert into ${u} select distinct on (a."~s") a."~s", ${literal(rule.name)}, null::oid, null::tid, b."~s"
         from ${added} a join ${added} b on ${clash('a', 'b', rule)} and a."~s" <> b."~s" order by a."~s", b."~s" on conflict do nothing`,
    );
  }
  const { rowCount } = await session.query(`update ${d} d set kind = 'u' from ${u} u where d.s_tid = u.s_tid and d.kind = 'n'`);
  const uniqueClashes = rowCount ?? 0;
  table.counts = { ...table.counts, new: table.counts.new - uniqueClashes, uniqueClashes };
}

/** Makes m<n> and k<n> (`empty`: e<n> and j<n>, where empty strings count as empty). */
export async function findFills(session: Session, staging: string, table: ComparedTable, empty: boolean): Promise<MergeCounts> {
  const [s, d, m, k] = ['s', 'd', empty ? 'e' : 'm', empty ? 'j' : 'k'].map((letter) => stagingTable(staging, letter, table.n)) as [
    string,
    string,
    string,
    string,
  ];
  const columns = table.columns.filter((column) => isFillable(table, column));
  const fills = columns.map((column) => {
    const [live, backup] = [`l.${id(column.name)}`, `s.${id(column.name)}`];
    // IS NULL is also true of a composite of NULLs, which is a value.
    if (!empty || !column.isText) return `(pg_catalog.num_nulls(${live}) = 1 and pg_catalog.num_nulls(${backup}) = 0)`;
    return `((${live} is null or ${live}::text = '') and ${backup} is not null and ${backup}::text <> '')`;
  });
  const flags = columns.map((column, index) => `${fills[index] ?? 'false'} as y${column.attnum}`);
  await session.query(
    `create unlogged table ${m} as select d.s_tid, d.l_oid, d.l_tid, false as left_out${flags.map((sql) => `, ${sql}`).join('')}
       from ${d} d join ${s} s on s.ctid = d.s_tid join ${liveRows(table)} l on ${atLive('d', 'l', table)}
      where d.kind = 'c' and (${fills.length === 0 ? 'false' : fills.join(' or ')})`,
  );
  await session.query(`create unlogged table ${k} (s_tid tid primary key)`);
  if (table.counts.conflicts > 0) {
    await session.query(`analyze ${m}`);
    await leaveOutClashingFills(session, staging, table, m, columns);
    if (table.counts.new > 0) await findNewAgainstFills(session, staging, table, m, k, columns);
  }
  const sum = columns.length === 0 ? '0' : columns.map((column) => `y${column.attnum}::int`).join(' + ');
  const { rows } = await session.query<MergeCounts>(
    `select pg_catalog.count(*)::float8 as rows, coalesce(pg_catalog.sum(${sum}), 0)::float8 as fields,
            (select pg_catalog.count(*)::float8 from ${k}) as clashing from ${m} where not left_out`,
  );
  return rows[0] ?? { rows: 0, fields: 0, clashing: 0 };
}

/** Rules whose values a fill can change; a generated column can depend on any. */
function rulesTouchedBy(table: ComparedTable, columns: LiveColumn[]): UniqueRule[] {
  const attnums = new Set(columns.map((column) => column.attnum));
  const generated = new Set(table.live.columns.filter((column) => column.generated !== null).map((column) => column.attnum));
  return table.uniques.filter((rule) => rule.attnums.some((attnum) => attnums.has(attnum) || generated.has(attnum)));
}

function filled(staging: string, table: ComparedTable, m: string, columns: LiveColumn[], rule: UniqueRule, condition: string): string {
  const names = new Set(columns.map((column) => column.name));
  const source = `${m} m join ${stagingTable(staging, 's', table.n)} s on s.ctid = m.s_tid join ${liveRows(table)} l on ${atLive('m', 'l', table)} where ${condition}`;
  const rows = asUpdated(table, source, ['m.l_oid as "~oid"', 'm.l_tid as "~tid"'], (column) =>
    names.has(column.name) ? `m.y${column.attnum}` : null,
  );
  return underRule(rule, rows, ['"~oid"', '"~tid"']);
}

async function leaveOutClashingFills(
  session: Session,
  staging: string,
  table: ComparedTable,
  m: string,
  columns: LiveColumn[],
): Promise<void> {
  const bad: string[] = [];
  for (const rule of rulesTouchedBy(table, columns)) {
    const f = filled(staging, table, m, columns, rule, 'true');
    const another = 'not (a."~oid" = b."~oid" and a."~tid" = b."~tid")';
    bad.push(`select a."~oid", a."~tid" from ${f} a join ${liveUnder(table, rule)} b on ${clash('a', 'b', rule)} and ${another}`);
    bad.push(`select a."~oid", a."~tid" from ${f} a join ${f} b on ${clash('a', 'b', rule)} and ${another}`);
  }
  if (bad.length === 0) return;
  await session.query(
    `update ${m} m set left_out = true from (${bad.join(' union ')}) as bad where m.l_oid = bad."~oid" and m.l_tid = bad."~tid"`,
  );
}

async function findNewAgainstFills(
  session: Session,
  staging: string,
  table: ComparedTable,
  m: string,
  k: string,
  columns: LiveColumn[],
): Promise<void> {
  const [s, d] = ['s', 'd'].map((letter) => stagingTable(staging, letter, table.n)) as [string, string];
  for (const rule of rulesTouchedBy(table, columns)) {
    const added = underRule(rule, asAdded(table, `${s} s join ${d} d on d.s_tid = s.ctid and d.kind = 'n'`, ['s.ctid as "~s"']), ['"~s"']);
    await session.query(
      `insert into ${k} select distinct a."~s" from ${added} a join ${filled(staging, table, m, columns, rule, 'not m.left_out')} b on ${clash('a', 'b', rule)}
       on conflict do nothing`,
    );
  }
}

/** Makes w<n>: conflicts that cannot be updated row by row, because another conflicting row still has the value that
 * they get, or because an identity column changes. */
export async function findExchanges(session: Session, staging: string, table: ComparedTable): Promise<number> {
  const [s, d, w] = ['s', 'd', 'w'].map((letter) => stagingTable(staging, letter, table.n)) as [string, string, string];
  const identity = table.columns.filter((column) => column.identity === 'always').map(flag);
  await session.query(
    `create unlogged table ${w} as select s_tid, l_oid, l_tid from ${d} where kind = 'c' and (${identity.length === 0 ? 'false' : identity.join(' or ')})`,
  );
  if (table.counts.conflicts > 1) {
    const source = `${d} d join ${s} s on s.ctid = d.s_tid join ${liveRows(table)} l on ${atLive('d', 'l', table)} where d.kind = 'c'`;
    const given = ['d.s_tid as "~s"', 'd.l_oid as "~oid"', 'd.l_tid as "~tid"'];
    const keep = ['"~s"', '"~oid"', '"~tid"'];
    for (const rule of rulesTouchedBy(table, table.columns).filter((one) => one.immediate)) {
      const after = underRule(
        rule,
        asUpdated(table, source, given, () => 'true'),
        keep,
      );
      const before = underRule(
        rule,
        asUpdated(table, source, given, () => null),
        keep,
      );
      await session.query(
        `insert into ${w} select distinct a."~s", a."~oid", a."~tid" from ${after} a join ${before} b on ${clash('a', 'b', rule)} and a."~s" <> b."~s"
          where not exists (select from ${w} w where w.s_tid = a."~s")`,
      );
    }
  }
  const { rows } = await session.query<{ n: number }>(`select pg_catalog.count(*)::float8 as n from ${w}`);
  return rows[0]?.n ?? 0;
}
