// A comparison as the preview that people and programs read.
import type {
  EffectsByStrategy,
  MigrationVerdict,
  Preview,
  PreviewBlocker,
  Reason,
  RowDifference,
  RowEffects,
  Strategy,
  TablePreview,
} from '../../../shared/contract/previews.ts';
import { strategies } from '../../../shared/contract/previews.ts';
import type { Session } from '../postgres/connection.ts';
import { quoteLiteral } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { BlockedTable, Compared, ComparedTable } from './compared.ts';
import { addEffects, effectsByStrategy, noEffects } from './effects.ts';
import { judge, type FoundBlocker } from './judge.ts';
import { pageOfRows, type PageRequest } from './page-of-rows.ts';
import type { PreviewInput } from './prepare.ts';
import type { SchemaState } from './schema-state.ts';

export async function describePreview(
  session: Session,
  input: PreviewInput,
  compared: Compared,
  state: SchemaState,
  begun: number,
): Promise<Preview> {
  const { profile, target, request, dump } = input;
  await session.query('begin isolation level repeatable read read only');
  const judged = {
    replace: await judge(session, compared, { strategy: 'replace', tableStrategies: [], fillEmptyStrings: false }),
    merge: await judge(session, compared, { strategy: 'merge', tableStrategies: [], fillEmptyStrings: false }),
    skip: await judge(session, compared, { strategy: 'skip', tableStrategies: [], fillEmptyStrings: false }),
  };
  const blockers = gather(strategies.map((strategy) => [strategy, judged[strategy].found]));
  const tables: TablePreview[] = [];
  for (const table of compared.tables) {
    tables.push(await describeTable(session, compared, table, blockers.get(tableKey(table.live)) ?? [], request.sample));
  }
  for (const table of compared.blocked) tables.push(describeBlocked(table, blockers.get(tableKey(table)) ?? []));
  await session.query('commit');
  return {
    id: input.id,
    fingerprint: compared.fingerprint,
    profile: profile.name,
    profileId: profile.id,
    server: `${target.host}:${target.port}`,
    database: target.database,
    environment: profile.environment,
    source: request.source.kind === 'backup' ? request.source.id : dump.name,
    safe: judged.replace.verdict.safe,
    reasons: judged.replace.verdict.reasons,
    verdicts: { replace: judged.replace.verdict, merge: judged.merge.verdict, skip: judged.skip.verdict },
    totals: totalsOf(tables),
    strategies: sumOf(tables.map((table) => table.strategies)),
    tables: tables.toSorted((a, b) => compareNames(a, b)),
    blockers: [],
    warnings: warningsOf(compared, dump.tables.filter((table) => !table.hasData).length),
    schema: state.schema,
    migrations: gravest(state.migrations),
    allMigrations: state.migrations,
    triggers: triggersOf(compared.tables),
    staging: 'beside',
    stagedBytes: await stagedBytes(session, compared.staging),
    durationMs: Math.round(performance.now() - begun),
  };
}

const gravity = { newer: 3, unknown: 2, older: 1, exact: 0 };

/** The framework that matters most. */
export const gravest = (all: MigrationVerdict[]): MigrationVerdict | null =>
  all.toSorted((a, b) => gravity[b.verdict] - gravity[a.verdict])[0] ?? null;

async function describeTable(
  session: Session,
  compared: Compared,
  table: ComparedTable,
  blockers: PreviewBlocker[],
  sample: number,
): Promise<TablePreview> {
  const warnings: Reason[] = [];
  const { live } = table;
  if (live.triggers.length > 0 && !live.owned) {
    warnings.push({ code: 'TRIGGERS_FIRE', message: `Triggers would run: ${live.triggers.map((trigger) => trigger.name).join(', ')}.` });
  }
  if (live.untrusted.length > 0) {
    warnings.push({
      code: 'RULES_NOT_LOOKED_AT',
      message: `${live.untrusted.join(', ')} of ${live.schema}.${live.table} use functions of another role; they are not run in a preview; the server judges them when rows are written.`,
    });
  }
  if (live.untold.length > 0) {
    warnings.push({
      code: 'RULES_NOT_LOOKED_AT',
      message: `${live.untold.join(', ')} of ${live.schema}.${live.table}: rules of a single partition, or that read the stored row itself, are not looked at; the server judges them when rows are written.`,
    });
  }
  const page: PageOf = (request) => pageOfRows(session, compared.staging, table, request);
  return tableFacts(table, { blockers, warnings, sample: await sampleOf(page, table, sample) });
}

/** What a preview says of a table, wherever its rows were compared. */
export function tableFacts(table: ComparedTable, more: Pick<TablePreview, 'blockers' | 'warnings' | 'sample'>): TablePreview {
  const { live, counts, seen } = table;
  const names = new Set(table.columns.map((column) => column.name));
  const leftOut = table.columnsOnlyInBackup.map((column) => `"${column}"`).join(', ');
  return {
    schema: live.schema,
    table: live.table,
    compared: true,
    ...counts,
    liveRows: seen.rows,
    key: { kind: table.key.kind, columns: table.key.kind === 'wholeRow' ? [] : table.key.columns },
    columnsOnlyInBackup: table.columnsOnlyInBackup,
    columnsOnlyLive: live.columns.filter((column) => column.generated === null && !names.has(column.name)).map((column) => column.name),
    filled: { rows: table.merge.rows, fields: table.merge.fields },
    strategies: effectsByStrategy(table),
    referencedOnly: table.referencedOnly,
    ...more,
    warnings: [
      ...(leftOut === ''
        ? []
        : [{ code: 'COLUMNS_LEFT_OUT', message: `The live table has no column ${leftOut}: its values are left out.` }]),
      ...more.warnings,
    ],
  };
}

type PageOf = (request: PageRequest) => Promise<{ rows: RowDifference[] }>;

/** Conflicts first: they are what people come for. */
export async function sampleOf(page: PageOf, { counts }: ComparedTable, size: number): Promise<RowDifference[]> {
  const found: RowDifference[] = [];
  for (const [kind, count] of [
    ['conflict', counts.conflicts],
    ['uniqueClash', counts.uniqueClashes],
    ['new', counts.new],
    ['liveOnly', counts.liveOnly],
  ] as const) {
    const limit = size - found.length;
    if (count > 0 && limit > 0) found.push(...(await page({ kind, offset: 0, limit })).rows);
  }
  return found;
}

const countNames = ['rows', 'new', 'identical', 'conflicts', 'liveOnly', 'uniqueClashes'] as const;
const noCounts = { rows: 0, new: 0, identical: 0, conflicts: 0, liveOnly: 0, uniqueClashes: 0 };

/** Rows of a table that the target lacks are new, whatever is done with them. */
export function describeBlocked(table: BlockedTable, blockers: PreviewBlocker[]): TablePreview {
  const rows = table.rows ?? 0;
  const effects = (created: number): RowEffects => ({ created, updated: 0, deleted: 0, skipped: rows - created });
  return {
    schema: table.schema,
    table: table.table,
    compared: table.rows !== null,
    ...noCounts,
    rows,
    new: rows,
    liveRows: 0,
    conflictsByColumn: {},
    key: null,
    columnsOnlyInBackup: [],
    columnsOnlyLive: [],
    filled: { rows: 0, fields: 0 },
    // Only a replace of the whole brings the table itself.
    strategies: {
      replace: effects(blockers.some((one) => one.strategies.includes('replace')) ? 0 : rows),
      merge: effects(0),
      skip: effects(0),
    },
    blockers,
    warnings: [],
    referencedOnly: false,
    sample: [],
  };
}

/** One blocker for what several strategies meet alike. */
function gather(found: [Strategy, FoundBlocker[]][]): Map<string, PreviewBlocker[]> {
  const byTable = new Map<string, PreviewBlocker[]>();
  for (const [strategy, blockers] of found) {
    for (const { table, blocker } of blockers) {
      const list = byTable.get(tableKey(table)) ?? [];
      byTable.set(tableKey(table), list);
      const same = list.find((one) => one.code === blocker.code && one.message === blocker.message);
      if (same === undefined) list.push({ ...blocker, strategies: [strategy] });
      else if (!same.strategies.includes(strategy)) same.strategies.push(strategy);
    }
  }
  return byTable;
}

export function totalsOf(tables: TablePreview[]): Preview['totals'] {
  const total = { ...noCounts };
  for (const table of tables) for (const name of countNames) total[name] += table[name];
  return total;
}

export function sumOf(all: EffectsByStrategy[]): EffectsByStrategy {
  const one = (strategy: Strategy) => all.map((effects) => effects[strategy]).reduce(addEffects, noEffects);
  return { replace: one('replace'), merge: one('merge'), skip: one('skip') };
}

function warningsOf(compared: Compared, withoutRows: number): Reason[] {
  const warnings: Reason[] = [];
  if (withoutRows > 0 && compared.whole) {
    warnings.push({
      code: 'ROWS_NOT_IN_BACKUP',
      message: `The backup holds ${withoutRows === 1 ? 'one table' : `${withoutRows} tables`} without rows: they are not compared, and a replace of the whole would empty them.`,
    });
  }
  if (compared.largeObjects)
    warnings.push({ code: 'LARGE_OBJECTS', message: 'Large objects are not compared, and no strategy carries them over row by row.' });
  return warnings;
}

function triggersOf(tables: ComparedTable[]): Preview['triggers'] {
  const withTriggers = tables.filter((table) => table.live.triggers.length > 0);
  if (withTriggers.length === 0) return 'none';
  return withTriggers.every((table) => table.live.owned) ? 'off' : 'on';
}

async function stagedBytes(session: Session, staging: string): Promise<number> {
  const { rows } = await session.query<{ bytes: number | null }>(
    `select pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid))::float8 as bytes from pg_catalog.pg_class c
      where c.relkind = 'r' and c.relnamespace = ${quoteLiteral(staging)}::pg_catalog.regnamespace`,
  );
  return rows[0]?.bytes ?? 0;
}

export const compareNames = (a: TablePreview, b: TablePreview): number =>
  a.schema === b.schema ? (a.table < b.table ? -1 : 1) : a.schema < b.schema ? -1 : 1;
