// A preview as text: the verdict first, then what differs, then what to do.
import type { Preview, PreviewBlocker, RowEffects, TablePreview } from '../../shared/contract/previews.ts';
import { strategies } from '../../shared/contract/previews.ts';
import { formatCount, formatDuration, formatNumber } from '../../shared/format.ts';
import { numbersTable } from './output.ts';

const shownTables = 40;
const shownDifferences = 10;

/** `again`: the command that would carry it out, up to its strategy. */
export function describePreview(preview: Preview, again: string): string {
  return [
    ...verdictLines(preview),
    '',
    numbersTable(
      ['STRATEGY', 'CREATE', 'UPDATE', 'DELETE', 'SKIP', ''],
      strategies.map((strategy) => [
        strategy,
        ...effectCells(preview.strategies[strategy]),
        preview.verdicts[strategy].safe ? 'safe' : 'NOT SAFE',
      ]),
    ),
    '',
    ...tableLines(preview.tables),
    ...sampleLines(preview.tables),
    ...blockerLines(preview),
    ...warningLines(preview),
    ...schemaLines(preview),
    migrationsLine(preview),
    `Compared ${formatNumber(preview.totals.rows, 'row')} of the backup in ${formatDuration(preview.durationMs)}. ${triggerWords[preview.triggers]}`,
    nextLine(preview, again),
  ].join('\n');
}

function nextLine(preview: Preview, again: string): string {
  if (preview.staging === 'elsewhere') return 'The rows were staged on another server: this preview can be looked at, not carried out.';
  const all = [...preview.blockers, ...preview.tables.flatMap((table) => table.blockers)];
  const free = strategies.filter((strategy) => !all.some((blocker) => blocker.strategies.includes(strategy)));
  // The one that touches least comes first.
  const [first, ...others] = (['merge', 'skip', 'replace'] as const).filter((strategy) => free.includes(strategy));
  if (first === undefined) return 'Every strategy is blocked, see above.';
  const or = others.length === 0 ? '' : ` or ${others.join(', or ')};`;
  return `To do it: ${again} --strategy ${first} --fingerprint ${preview.fingerprint} --yes   (${or.trim()}${or === '' ? '' : ' '}--dry-run tries it)`;
}

/** `3 rows created, 1 updated, 0 deleted; 5 of the backup changed nothing` */
export const effectWords = (effects: RowEffects): string =>
  `${formatNumber(effects.created, 'row')} created, ${formatCount(effects.updated)} updated, ${formatCount(effects.deleted)} deleted; ${formatCount(effects.skipped)} of the backup changed nothing`;

const triggerWords: Record<Preview['triggers'], string> = {
  off: 'Triggers of the target are switched off meanwhile.',
  on: 'TRIGGERS OF THE TARGET WOULD RUN: the role does not own the tables.',
  none: 'No triggers would run.',
};

function verdictLines(preview: Preview): string[] {
  const where = `"${preview.database}" on ${preview.server} (${preview.profile}${preview.environment === 'production' ? ', PRODUCTION' : ''})`;
  if (preview.safe) return [`SAFE: ${preview.source} into ${where}: nothing that exists would be lost or changed.`];
  const lines = [`NOT SAFE to replace what is in ${where} by ${preview.source}:`];
  for (const reason of preview.reasons) lines.push(`  - ${reason.message} [${reason.code}]`);
  for (const strategy of ['merge', 'skip'] as const) {
    const { safe, reasons } = preview.verdicts[strategy];
    lines.push(safe ? `${strategy} is safe.` : `${strategy} is not: ${reasons.map((one) => one.code).join(', ')}.`);
  }
  return lines;
}

const effectCells = (effects: RowEffects): string[] =>
  [effects.created, effects.updated, effects.deleted, effects.skipped].map(formatCount);

const differs = (table: TablePreview): boolean =>
  !table.compared || table.blockers.length > 0 || table.new + table.conflicts + table.liveOnly + table.uniqueClashes > 0;

function tableLines(tables: TablePreview[]): string[] {
  const differing = tables.filter(differs).toSorted((a, b) => b.conflicts + b.liveOnly - a.conflicts - a.liveOnly || b.new - a.new);
  const same = tables.length - differing.length;
  const rest = [
    ...(differing.length > shownTables ? [`… and ${formatNumber(differing.length - shownTables, 'more table')}; --json has all.`] : []),
    ...(same > 0 ? [`${formatNumber(same, 'table')}${differing.length > 0 ? ' more' : ''} without a difference.`] : []),
  ];
  if (differing.length === 0) return [...rest, ''];
  const rows = differing
    .slice(0, shownTables)
    .map((table) => [
      `${table.schema}.${table.table}`,
      ...(table.compared
        ? [table.rows, table.new, table.identical, table.conflicts, table.liveOnly, table.uniqueClashes].map(formatCount)
        : ['-', '-', '-', '-', '-', '-']),
      remark(table),
    ]);
  return [numbersTable(['TABLE', 'ROWS', 'NEW', 'SAME', 'CONFLICTS', 'LIVE ONLY', 'CLASHES', ''], rows), ...rest, ''];
}

function remark(table: TablePreview): string {
  const words: string[] = [];
  const columns = Object.entries(table.conflictsByColumn).toSorted((a, b) => b[1] - a[1]);
  if (columns.length > 0) {
    words.push(
      columns
        .slice(0, 3)
        .map(([column, n]) => `${column} ${formatCount(n)}`)
        .join(', ') + (columns.length > 3 ? ' …' : ''),
    );
  }
  if (table.key?.kind === 'wholeRow') words.push('no key: whole rows are counted');
  if (table.referencedOnly) words.push('comes along, is only added to');
  if (!table.compared) words.push('not compared');
  if (table.blockers.length > 0) words.push([...new Set(table.blockers.map((blocker) => blocker.code))].join(', '));
  return words.join('; ');
}

function sampleLines(tables: TablePreview[]): string[] {
  const lines: string[] = [];
  for (const table of tables) {
    for (const row of table.sample) {
      const key = Object.entries(row.key)
        .map(([column, value]) => `${column}=${shown(value)}`)
        .join(', ');
      const changes =
        row.kind === 'conflict'
          ? `: ${row.changes.map((one) => `${one.column}: live ${shown(one.live)}, backup ${shown(one.backup)}`).join('; ')}`
          : '';
      const clash =
        row.clash === undefined
          ? ''
          : `: ${row.clash.constraint} is taken by a row of the ${row.clash.with === 'live' ? 'live table' : 'backup'}`;
      lines.push(`  ${kindWords[row.kind]} ${table.schema}.${table.table} (${key})${changes}${clash}`);
    }
  }
  return lines.length === 0 ? [] : ['For example:', ...lines, ''];
}

const kindWords = { conflict: 'conflict ', new: 'new      ', liveOnly: 'live only', uniqueClash: 'clash    ' } as const;

/** Control characters would play tricks with the terminal. */
function shown(value: string | null): string {
  if (value === null) return 'NULL';
  const cut = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return JSON.stringify(cut);
}

function blockerLines(preview: Preview): string[] {
  const all: PreviewBlocker[] = [...preview.blockers, ...preview.tables.flatMap((table) => table.blockers)];
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const blocker of all) {
    const line = `  ${blocker.strategies.join(', ')}: ${blocker.message} [${blocker.code}]\n    next: ${blocker.hint}`;
    if (!seen.has(line)) lines.push(line);
    seen.add(line);
  }
  return lines.length === 0 ? [] : ['BLOCKED:', ...lines, ''];
}

function warningLines(preview: Preview): string[] {
  const all = [...preview.warnings, ...preview.tables.flatMap((table) => table.warnings)];
  return all.length === 0 ? [] : [...new Set(all.map((one) => `warning: ${one.message}`)), ''];
}

function schemaLines({ schema }: Preview): string[] {
  if (schema.differences.length === 0) return ['Schema: the same on both sides.'];
  const lines = schema.differences
    .slice(0, shownDifferences)
    .map(
      (one) =>
        `  ${one.kind} ${one.type} ${one.schema === '' ? '' : `${one.schema}.`}${one.name}${one.mend === null ? '' : `\n    mend: ${one.mend}`}`,
    );
  const more = schema.differences.length - shownDifferences;
  return [
    `Schema: ${formatNumber(schema.differences.length, 'difference')}${schema.fits ? ', none of which concerns the compared rows' : ''}:`,
    ...lines,
    ...(more > 0 ? [`  … and ${formatCount(more)} more; --json has all.`] : []),
  ];
}

function migrationsLine({ migrations }: Preview): string {
  return migrations === null
    ? 'Migrations: none found on either side.'
    : `Migrations: ${migrations.framework}, ${migrations.verdict}: ${migrations.message}`;
}
