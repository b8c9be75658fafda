// What a dump says about its tables: partitions, keys, column types.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { readArchiveToc } from './archive.ts';
import { unwrapped } from './decompress.ts';
import { KnownTables, tablesOfToc } from './known-tables.ts';
import { recogniseDump } from './recognise.ts';
import { ScriptSettings } from './script-settings.ts';
import { splitSql } from './sql-lexer.ts';

const known = new WeakMap<Dump, Promise<KnownTables>>();

/** Reads the table of contents or the whole script, once for each `dump` object. Errors: those of `inspectDump`. */
function definitionsOf(path: string, dump: Dump): Promise<KnownTables> {
  let reading = known.get(dump);
  if (reading === undefined) {
    reading = read(path);
    known.set(dump, reading);
    // The next one who asks tries again.
    reading.catch(() => known.delete(dump));
  }
  return reading;
}

async function read(path: string): Promise<KnownTables> {
  const found = await recogniseDump(path);
  if (found.format !== 'plain') return tablesOfToc(await readArchiveToc(found));
  const tables = new KnownTables();
  const settings = new ScriptSettings();
  for await (const piece of splitSql(unwrapped(found.path, found.wrapper))) {
    if (piece.kind !== 'statement' || (piece.text.charCodeAt(0) | 32) === 105 /* INSERT */) continue;
    settings.obey(piece.text);
    tables.take(piece.text, (name) => settings.qualified(name));
  }
  return tables;
}

/** For each table of the dump that is a partition: the outermost partitioned table above it. Keys by `tableKey`;
 * a table that is no partition is not in the map. Errors: those of `inspectDump`. */
export async function partitionRoots(path: string, dump: Dump): Promise<Map<string, TableName>> {
  const tables = await definitionsOf(path, dump);
  const roots = new Map<string, TableName>();
  for (const table of dump.tables) {
    const root = tables.rootOf(table);
    if (root !== null) roots.set(tableKey(table), root);
  }
  return roots;
}

/** The columns (unquoted, in the constraint's order) of each PRIMARY KEY and UNIQUE constraint that the dump declares.
 * A table without any is not in the map. Errors: those of `inspectDump`. */
export async function declaredKeys(path: string, dump: Dump): Promise<Map<string, string[][]>> {
  return (await definitionsOf(path, dump)).keyed();
}

/** Column types as pg_dump wrote them, by table and by column in the table's order; inherited columns too.
 * A table that the dump does not define whole has an empty map. Errors: those of `inspectDump`. */
export async function columnTypes(path: string, dump: Dump): Promise<Map<string, Map<string, string>>> {
  const tables = await definitionsOf(path, dump);
  return new Map(
    dump.tables.map((table) => [tableKey(table), new Map((tables.columnsOf(table) ?? []).map(({ name, type }) => [name, type]))]),
  );
}
