// Chooses what must be restored with a table. `pg_restore -t NAME` brings neither keys nor indexes nor the
// sequence behind an id; pg_dump's dependencies say what belongs together.
import type { TableName } from '../../../shared/contract/common.ts';
import { namePattern, tableOf } from './sql-statements.ts';
import { partitionsOf } from './toc-tables.ts';
import type { Toc, TocEntry } from './toc.ts';

export type TableSelection = {
  /** The tables and all their parts: dump ids in TOC order. */
  entries: number[];
  /** What they need (schemas, types, functions, shared sequences, inherited tables …), in TOC order: it may exist at
   * the target. A `SEQUENCE SET` here must be left out where its sequence exists. */
  prerequisites: number[];
  /** Foreign keys of the chosen tables to tables that were not chosen; not among `entries`. */
  outsideForeignKeys: { dumpId: number; constraint: string; table: TableName; references: TableName }[];
  /** Asked for, and not in the dump. */
  missing: TableName[];
};

/** Named `table part`: whose part it is must be told from the name, for a policy can depend on many tables. */
const partsByName = new Set(['DEFAULT', 'CONSTRAINT', 'CHECK CONSTRAINT', 'FK CONSTRAINT', 'TRIGGER', 'RULE', 'POLICY']);
/** Named as the table itself. */
const partsOfSameName = new Set(['TABLE DATA', 'ROW SECURITY', 'STATISTICS DATA']);
/** They follow when the one thing they are about is chosen. */
const notes = new Set(['COMMENT', 'ACL', 'SECURITY LABEL', 'SEQUENCE SET', 'SEQUENCE OWNED BY', 'STATISTICS DATA']);
const attachments = new Set(['TABLE ATTACH', 'INDEX ATTACH']);
const relations = new Set(['TABLE', 'FOREIGN TABLE', 'VIEW', 'MATERIALIZED VIEW']);
/** Depended on only for the order of work, or through a foreign key. */
const neverNeeded = new Set(['INDEX', 'CONSTRAINT', 'FK CONSTRAINT', 'TABLE DATA']);

/** Computes the entries for restoring `tables`; choosing a partitioned table brings its partitions. */
export function selectTables(toc: Toc, tables: TableName[]): TableSelection {
  const byId = new Map(toc.entries.map((entry) => [entry.dumpId, entry]));
  const relationsByName = new Map<string, TocEntry>();
  for (const entry of toc.entries) if (relations.has(entry.desc)) relationsByName.set(keyOf(entry.namespace, entry.tag), entry);

  const chosen = new Set<number>();
  const missing: TableName[] = [];
  const partitions = partitionsOf(toc);
  const add = (id: number): void => {
    if (chosen.has(id)) return;
    chosen.add(id);
    for (const child of partitions.get(id) ?? []) add(child);
  };
  for (const table of tables) {
    const entry = relationsByName.get(keyOf(table.schema, table.table));
    if (entry === undefined || (entry.desc !== 'TABLE' && entry.desc !== 'FOREIGN TABLE')) missing.push(table);
    else add(entry.dumpId);
  }

  const ownerOf = ownerFinder(byId, toc);
  const entries = new Set(chosen);
  const outsideForeignKeys: TableSelection['outsideForeignKeys'] = [];
  const outside = new Set<number>();
  // Parts come behind what they are part of, save for what the dump's sorting moved: a few rounds settle it.
  for (let before = -1; before !== entries.size;) {
    before = entries.size;
    for (const entry of toc.entries) {
      if (entries.has(entry.dumpId) || outside.has(entry.dumpId) || !belongs(entry)) continue;
      const references = entry.desc === 'FK CONSTRAINT' ? referencedTable(entry) : null;
      const target = references === null ? undefined : relationsByName.get(keyOf(references.schema, references.table));
      if (references !== null && (target === undefined || !chosen.has(target.dumpId))) {
        outside.add(entry.dumpId);
        const owner = ownerOf(entry);
        outsideForeignKeys.push({
          dumpId: entry.dumpId,
          constraint: entry.tag.slice((owner?.tag.length ?? -1) + 1),
          table: { schema: owner?.namespace ?? entry.namespace, table: owner?.tag ?? entry.tag },
          references,
        });
      } else entries.add(entry.dumpId);
    }
  }

  function belongs(entry: TocEntry): boolean {
    const { desc, dependencies } = entry;
    if (partsByName.has(desc)) {
      const owner = ownerOf(entry);
      return owner !== undefined && chosen.has(owner.dumpId);
    }
    if (partsOfSameName.has(desc)) {
      const owner = relationsByName.get(keyOf(entry.namespace, entry.tag));
      if (owner !== undefined && chosen.has(owner.dumpId)) return true;
    }
    if (notes.has(desc)) return dependencies.length > 0 && dependencies.every((id) => entries.has(id) || !byId.has(id));
    if (attachments.has(desc)) {
      const known = dependencies.filter((id) => byId.has(id));
      return known.length > 0 && known.every((id) => entries.has(id));
    }
    // An owned or identity sequence depends on its table; indexes and extended statistics depend on theirs alone.
    if (desc === 'SEQUENCE' || desc === 'INDEX' || desc === 'STATISTICS') return dependencies.some((id) => chosen.has(id));
    return false;
  }

  const prerequisites = needed(toc, byId, entries, outside, partitions);
  const inOrder = (ids: Set<number>): number[] => toc.entries.filter(({ dumpId }) => ids.has(dumpId)).map(({ dumpId }) => dumpId);
  return { entries: inOrder(entries), prerequisites: inOrder(prerequisites), outsideForeignKeys, missing };
}

/** All that the entries depend on, and comments and grants of it, without the entries themselves. */
function needed(
  toc: Toc,
  byId: Map<number, TocEntry>,
  entries: Set<number>,
  outside: Set<number>,
  partitions: Map<number, number[]>,
): Set<number> {
  const found = new Set<number>();
  const attached = new Set(toc.entries.filter(({ desc }) => desc === 'TABLE ATTACH').map((entry) => keyOf(entry.namespace, entry.tag)));
  const visit = [...entries];
  for (let id = visit.pop(); id !== undefined; id = visit.pop()) {
    const entry = byId.get(id);
    for (const dependency of entry?.dependencies ?? []) {
      const other = byId.get(dependency);
      if (entry === undefined || other === undefined || entries.has(dependency) || found.has(dependency) || neverNeeded.has(other.desc))
        continue;
      // A partition that is attached by a statement of its own stands alone without its parent.
      if (partitions.get(dependency)?.includes(id) && attached.has(keyOf(entry.namespace, entry.tag))) continue;
      found.add(dependency);
      visit.push(dependency);
    }
  }
  for (const entry of toc.entries) {
    if (entries.has(entry.dumpId) || outside.has(entry.dumpId) || found.has(entry.dumpId) || !notes.has(entry.desc)) continue;
    const known = entry.dependencies.filter((id) => byId.has(id));
    if (known.length > 0 && known.every((id) => found.has(id))) found.add(entry.dumpId);
  }
  return found;
}

/** Finds whose part a `table part` entry is: of the relations it depends on, the one with the longest fitting name. */
function ownerFinder(byId: Map<number, TocEntry>, toc: Toc): (entry: TocEntry) => TocEntry | undefined {
  const bySchema = new Map<string, TocEntry[]>();
  for (const entry of toc.entries) {
    if (!relations.has(entry.desc)) continue;
    const list = bySchema.get(entry.namespace);
    if (list === undefined) bySchema.set(entry.namespace, [entry]);
    else list.push(entry);
  }
  const longest = (candidates: TocEntry[], entry: TocEntry): TocEntry | undefined =>
    candidates
      .filter(
        (relation) => relations.has(relation.desc) && relation.namespace === entry.namespace && entry.tag.startsWith(`${relation.tag} `),
      )
      .toSorted((a, b) => b.tag.length - a.tag.length)[0];
  const known = new Map<number, TocEntry | undefined>();
  return (entry) => {
    if (known.has(entry.dumpId)) return known.get(entry.dumpId);
    const dependencies = entry.dependencies.map((id) => byId.get(id)).filter((other) => other !== undefined);
    const owner = longest(dependencies, entry) ?? longest(bySchema.get(entry.namespace) ?? [], entry);
    known.set(entry.dumpId, owner);
    return owner;
  };
}

const referencesPattern = new RegExp(String.raw`\bFOREIGN\s+KEY\s*\((?:"(?:[^"]|"")*"|[^")])*\)\s*REFERENCES\s+(${namePattern})`, 'i');

/** The table that a foreign key points to; before PostgreSQL 10.3 its schema may be left out where it is the key's own. */
function referencedTable(entry: TocEntry): TableName | null {
  const written = referencesPattern.exec(entry.defn)?.[1];
  if (written === undefined) return null;
  const table = tableOf(written);
  return table.schema === '' ? { schema: entry.namespace, table: table.table } : table;
}

function keyOf(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}
