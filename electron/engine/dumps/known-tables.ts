// Gathers what a dump's statements say about its tables, statement by statement.
import type { TableName } from '../../../shared/contract/common.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { alterations, definedTable, type DefinedColumn, type DefinedTable } from './table-definition.ts';
import type { Toc } from './toc.ts';
import { partitionsOf } from './toc-tables.ts';

type Qualify = (name: TableName) => TableName;

export class KnownTables {
  readonly #tables = new Map<string, DefinedTable>();
  readonly #keys = new Map<string, string[][]>();
  /** From partition to partitioned table. */
  readonly #parents = new Map<string, TableName>();

  /** Takes CREATE TABLE and ALTER TABLE; other statements say nothing. */
  take(text: string, qualify: Qualify): void {
    const defined = definedTable(text);
    if (defined !== null) return this.#define(defined, qualify);
    for (const change of alterations(text)) {
      const table = qualify(change.table);
      if (change.kind === 'key') this.#addKeys(table, [change.columns]);
      else if (change.kind === 'attach') this.#parents.set(tableKey(qualify(change.partition)), table);
      else {
        const known = this.#tables.get(tableKey(table));
        if (known !== undefined) known.open = true;
      }
    }
  }

  /** Columns in the table's order, inherited ones included; null where the dump does not define the table whole. */
  columnsOf(table: TableName, seen = new Set<string>()): DefinedColumn[] | null {
    const key = tableKey(table);
    const known = this.#tables.get(key);
    if (known === undefined || known.open || seen.has(key)) return null;
    seen.add(key);
    const columns = new Map<string, DefinedColumn>();
    for (const parent of known.partitionOf === null ? known.inherits : [known.partitionOf]) {
      const inherited = this.columnsOf(parent, seen);
      if (inherited === null) return null;
      for (const column of inherited) columns.set(column.name, columns.get(column.name) ?? column);
    }
    for (const column of known.columns) columns.set(column.name, column);
    return [...columns.values()];
  }

  /** The outermost partitioned table that a table is a partition of; null where it is none. */
  rootOf(table: TableName): TableName | null {
    let root: TableName | null = null;
    const seen = new Set<string>();
    for (let at: TableName | undefined = table; at !== undefined && !seen.has(tableKey(at)); at = this.#parents.get(tableKey(at))) {
      seen.add(tableKey(at));
      if (at !== table) root = at;
    }
    return root;
  }

  /** Whether the table or a partitioned table above it is among those. */
  isWithin(table: TableName, tables: Set<string>): boolean {
    const seen = new Set<string>();
    for (let at: TableName | undefined = table; at !== undefined && !seen.has(tableKey(at)); at = this.#parents.get(tableKey(at))) {
      seen.add(tableKey(at));
      if (tables.has(tableKey(at))) return true;
    }
    return false;
  }

  keysOf(table: TableName): string[][] {
    return this.#keys.get(tableKey(table)) ?? [];
  }

  names(): TableName[] {
    return [...this.#tables.values()].map(({ table }) => table);
  }

  keyed(): Map<string, string[][]> {
    return new Map(this.#keys);
  }

  /** Whose partition a table is, directly. */
  attach(parent: TableName, partition: TableName): void {
    this.#parents.set(tableKey(partition), parent);
  }

  #define(defined: DefinedTable, qualify: Qualify): void {
    const table = qualify(defined.table);
    // CREATE TABLE IF NOT EXISTS for the second time does nothing.
    if (this.#tables.has(tableKey(table))) return;
    const partitionOf = defined.partitionOf === null ? null : qualify(defined.partitionOf);
    this.#tables.set(tableKey(table), { ...defined, table, partitionOf, inherits: defined.inherits.map(qualify) });
    if (partitionOf !== null) this.#parents.set(tableKey(table), partitionOf);
    this.#addKeys(table, defined.keys);
  }

  #addKeys(table: TableName, keys: string[][]): void {
    if (keys.length > 0) this.#keys.set(tableKey(table), [...this.keysOf(table), ...keys]);
  }
}

/** What an archive's table of contents says about its tables. */
export function tablesOfToc(toc: Toc): KnownTables {
  const known = new KnownTables();
  const byId = new Map(toc.entries.map((entry) => [entry.dumpId, entry]));
  for (const entry of toc.entries) {
    if (!['TABLE', 'FOREIGN TABLE', 'CONSTRAINT'].includes(entry.desc)) continue;
    known.take(entry.defn.trimStart(), (name) => (name.schema === '' ? { schema: entry.namespace, table: name.table } : name));
  }
  for (const [parentId, children] of partitionsOf(toc)) {
    const parent = byId.get(parentId);
    for (const id of children) {
      const child = byId.get(id);
      if (parent === undefined || child === undefined) continue;
      known.attach({ schema: parent.namespace, table: parent.tag }, { schema: child.namespace, table: child.tag });
    }
  }
  return known;
}
