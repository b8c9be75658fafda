// The preview's counts, rows and judgements against the model's.
import type { Preview, TablePreview } from '../../../shared/contract/previews.ts';
import { countsOf } from './model.ts';
import { blockerKinds, outcomeOf, type Outcome } from './outcome.ts';
import { choiceOf, leftAlone, sum, choiceFor, differs, type Ground, type Failure, type Playing } from './playing.ts';
import { rowsOf, tableOf, type Row } from './shapes.ts';

function tableOfPreview(preview: Preview, schema: string, table: string): TablePreview | undefined {
  return preview.tables.find((one) => one.schema === schema && one.table === table);
}

export function compareCounts({ at, schema, it, compared }: Playing, preview: Preview): Failure[] {
  const failures: Failure[] = [];
  for (const { name } of it.live.tables) {
    const table = tableOfPreview(preview, schema, name);
    const one = compared[name];
    if (table === undefined || one === undefined) {
      failures.push({ at, what: `${name} in the preview`, expected: 'there', found: null });
      continue;
    }
    const found: Record<string, unknown> = Object.fromEntries(
      Object.keys(countsOf(one)).map((key) => [key, table[key as keyof TablePreview]]),
    );
    found['conflictsByColumn'] = Object.fromEntries(Object.entries(table.conflictsByColumn).filter(([, count]) => count > 0));
    differs(failures, at, `counts of ${name}`, countsOf(one), found);
    differs(failures, at, `key of ${name}`, one.key ?? 'wholeRow', table.key?.kind === 'wholeRow' ? 'wholeRow' : table.key?.columns);
    differs(failures, at, `live rows of ${name}`, rowsOf(it.live, name).length, table.liveRows);
  }
  for (const strategy of ['replace', 'merge', 'skip'] as const) {
    const outcome = outcomeOf(it.live, compared, choiceOf(it, strategy));
    const blockers = preview.tables.filter((table) => table.schema === schema).flatMap((table) => table.blockers);
    const codes = blockers.filter((blocker) => blocker.strategies.includes(strategy)).map((blocker) => blocker.code);
    compareCodes(failures, at, `the preview's blockers of ${strategy}`, outcome, codes);
  }
  return failures;
}

/** The rows behind the counts, of a case's first table. */
export async function compareRows(ground: Ground, { at, schema, it, compared }: Playing, preview: Preview): Promise<Failure[]> {
  const failures: Failure[] = [];
  const live = it.live.tables[at % it.live.tables.length];
  const one = live === undefined ? undefined : compared[live.name];
  if (live === undefined || one === undefined || tableOfPreview(preview, schema, live.name)?.compared !== true) return [];
  const backup = tableOf(it.backup, live.name);
  const columns = live.columns
    .filter((column) => column.generated === null && backup.columns.some((other) => other.name === column.name && other.generated === null))
    .map((column) => column.name);
  const pick = (row: Row): Row => Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
  const expected = {
    conflict: one.conflicts.map((pair) => pair.columns.map((column) => [column, pair.live[column], pair.backup[column]])),
    new: one.fresh.map((row) => pick(row)),
    uniqueClash: one.uniqueClashes.map((row) => pick(row)),
    liveOnly: one.liveOnly.map((row) => pick(row)),
  };
  for (const kind of ['conflict', 'new', 'uniqueClash', 'liveOnly'] as const) {
    const page = await ground.engine.client.previews.rows({ id: preview.id, schema, table: live.name, kind, limit: 100, offset: 0 });
    const found = page.rows.map((row) => {
      if (kind === 'conflict') return row.changes.map((change) => [change.column, change.live, change.backup]);
      const side = kind === 'liveOnly' ? 'live' : 'backup';
      return Object.fromEntries(
        row.changes.filter((change) => columns.includes(change.column)).map((change) => [change.column, change[side]]),
      );
    });
    const sorted = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
    differs(failures, at, `rows of ${live.name}: ${kind}`, sorted(expected[kind]), sorted(found));
    differs(failures, at, `total of ${live.name}: ${kind}`, expected[kind].length, page.total);
  }
  return failures;
}

export async function compareJudgements(ground: Ground, one: Playing, preview: Preview, playing: Playing[]): Promise<Failure[]> {
  const failures: Failure[] = [];
  // The others are in the preview itself.
  for (const name of ['mixed', 'mixedEmpty', 'mergeEmpty'] as const) {
    const choice = choiceOf(one.it, name);
    const outcome = outcomeOf(one.it.live, one.compared, choice);
    const judged = await ground.engine.client.previews.judge({
      id: preview.id,
      ...choiceFor(playing, (other) => (other === one ? choice : null), choice.fillEmptyStrings),
    });
    compareCodes(
      failures,
      one.at,
      `the judgement's blockers of ${name}`,
      outcome,
      judged.blockers.map((blocker) => blocker.code),
    );
    differs(
      failures,
      one.at,
      `the judgement's effects of ${name}`,
      sum([...Object.values(outcome.effects), ...leftAlone(playing.filter((other) => other !== one))]),
      judged.effects,
    );
    for (const table of judged.tables) {
      if (table.schema === one.schema) {
        differs(failures, one.at, `the judgement's effects of ${name} on ${table.table}`, outcome.effects[table.table], table.effects);
      }
    }
  }
  return failures;
}

function compareCodes(failures: Failure[], at: number, what: string, outcome: Outcome, codes: string[]): void {
  const expected = [...outcome.blocked].map((kind) => blockerKinds[kind]);
  const missing = expected.filter((any) => !any.some((code) => codes.includes(code)));
  const allowed = new Set<string>([...expected.flat(), ...outcome.mayBlock]);
  const more = codes.filter((code) => !allowed.has(code));
  if (missing.length > 0 || more.length > 0)
    failures.push({ at, what, expected: { blocked: [...outcome.blocked], may: [...outcome.mayBlock] }, found: codes });
}
