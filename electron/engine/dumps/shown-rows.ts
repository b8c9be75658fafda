// A page of a table's rows, straight out of the dump: no server is touched, and reading stops when there is enough.
import type { DumpRows, DumpRowsRequest } from '../../../shared/contract/dumps.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { copyLines, copyValues } from './copy-text.ts';
import { columnTypes } from './definitions.ts';
import { incomplete } from './dump-errors.ts';
import { readTableRows, type RowsRequest } from './table-rows.ts';

/** Rows in the dump's order; those of partitions one partition after the other.
 * Errors: those of `readTableRows`. */
export async function shownRows(
  job: JobRun,
  context: EngineContext,
  request: RowsRequest,
  page: Pick<DumpRowsRequest, 'table' | 'offset' | 'limit'>,
): Promise<DumpRows> {
  const columns: string[] = [];
  const rows: (string | null)[][] = [];
  let passed = 0;
  for await (const run of readTableRows(job, context, { ...request, tables: [page.table] })) {
    const parse = copyValues(run.encoding);
    let places = run.columns.length === 0 ? null : placesIn(columns, run.columns);
    for await (const line of copyLines(run.chunks)) {
      passed++;
      if (passed <= page.offset) continue;
      if (rows.length === page.limit) return { columns, rows: filled(rows, columns), more: true };
      // A table without columns has empty lines.
      const values = line.length === 0 && run.columns.length === 0 ? [] : parse(line);
      places ??= placesIn(columns, await namesOf(request, run.table, values.length));
      if (values.length !== places.length)
        throw incomplete(`a row of ${run.table.schema}.${run.table.table} has another number of values than columns`);
      const row: (string | null)[] = [];
      for (const [index, place] of places.entries()) row[place] = values[index] ?? null;
      rows.push(row);
    }
  }
  if (columns.length === 0) placesIn(columns, await namesOf(request, page.table, 0));
  return { columns, rows: filled(rows, columns), more: false };
}

/** Partitions may have their columns in another order. */
function placesIn(columns: string[], names: string[]): number[] {
  return names.map((name) => {
    const known = columns.indexOf(name);
    return known === -1 ? columns.push(name) - 1 : known;
  });
}

/** The definition's columns where the rows name none, else numbers. */
async function namesOf(request: RowsRequest, table: DumpRowsRequest['table'], width: number): Promise<string[]> {
  const defined = (await columnTypes(request.path, request.dump)).get(tableKey(table)) ?? new Map<string, string>();
  if (width === 0 || defined.size === width) return [...defined.keys()];
  return Array.from({ length: width }, (_none, index) => `column${index + 1}`);
}

const filled = (rows: (string | null)[][], columns: string[]): (string | null)[][] =>
  rows.map((row) => columns.map((_name, index) => row[index] ?? null));
