// The tables of an archive: definitions in its TOC, sizes from the walk, row counts from a manifest.
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { Toc, TocEntry } from './toc.ts';

export type RowCounts = { get(schema: string, table: string): { rows: number | null; sizeBytes: number | null } | undefined };

/** Row counts as a manifest.json lists them under `tables`; empty where there is none. */
export function rowsOfManifest(manifest: Record<string, unknown> | null): RowCounts {
  const counts = new Map<string, { rows: number | null; sizeBytes: number | null }>();
  const tables: unknown[] = Array.isArray(manifest?.['tables']) ? manifest['tables'] : [];
  for (const table of tables) {
    if (typeof table !== 'object' || table === null) continue;
    const row = table as Record<string, unknown>;
    if (typeof row['schema'] !== 'string' || typeof row['table'] !== 'string') continue;
    counts.set(key(row['schema'], row['table']), { rows: numberOf(row['rows']), sizeBytes: numberOf(row['sizeBytes']) });
  }
  return { get: (schema, table) => counts.get(key(schema, table)) };
}

/** Tables and foreign tables that are defined here or have rows here. */
export function describeTables(toc: Toc, sizes: Map<number, number>, counts: RowCounts): Dump['tables'] {
  const data = new Map<string, TocEntry>();
  const tables = new Map<string, TocEntry>();
  for (const entry of toc.entries) {
    if (entry.desc === 'TABLE DATA') data.set(key(entry.namespace, entry.tag), entry);
    if (entry.desc === 'TABLE DATA' && !tables.has(key(entry.namespace, entry.tag))) tables.set(key(entry.namespace, entry.tag), entry);
    if (entry.desc === 'TABLE' || entry.desc === 'FOREIGN TABLE') tables.set(key(entry.namespace, entry.tag), entry);
  }
  const parents = parentsWithData(toc, data);
  return [...tables.values()].map((entry) => {
    const own = data.get(key(entry.namespace, entry.tag));
    const known = counts.get(entry.namespace, entry.tag);
    const hasData = own !== undefined || parents.has(entry.dumpId);
    return {
      schema: entry.namespace,
      table: entry.tag,
      hasData,
      rows: hasData ? (known?.rows ?? null) : null,
      sizeBytes: own === undefined ? null : (sizes.get(own.dumpId) ?? null),
    };
  });
}

/** Partitioned tables hold no rows themselves: they have data where a partition has. */
function parentsWithData(toc: Toc, data: Map<string, TocEntry>): Set<number> {
  const byId = new Map(toc.entries.map((entry) => [entry.dumpId, entry]));
  const parents = new Set<number>();
  const children = partitionsOf(toc);
  const hasData = (id: number, seen: Set<number>): boolean => {
    const entry = byId.get(id);
    if (entry === undefined || seen.has(id)) return false;
    seen.add(id);
    return data.has(key(entry.namespace, entry.tag)) || (children.get(id) ?? []).some((child) => hasData(child, seen));
  };
  for (const [parent, ids] of children) if (ids.some((child) => hasData(child, new Set([parent])))) parents.add(parent);
  return parents;
}

/** Dump ids of each partitioned table's partitions: from TABLE ATTACH, or PARTITION OF before PostgreSQL 11. */
export function partitionsOf(toc: Toc): Map<number, number[]> {
  const byId = new Map(toc.entries.map((entry) => [entry.dumpId, entry]));
  const partitions = new Map<number, number[]>();
  const add = (parent: number, child: number): void => void partitions.set(parent, [...(partitions.get(parent) ?? []), child]);
  const isTable = (id: number): boolean => ['TABLE', 'FOREIGN TABLE'].includes(byId.get(id)?.desc ?? '');
  for (const entry of toc.entries) {
    if (entry.desc === 'TABLE ATTACH') {
      // Its tag and schema are the partition's.
      const tables = entry.dependencies.filter(isTable);
      const child = tables.find((id) => byId.get(id)?.tag === entry.tag && byId.get(id)?.namespace === entry.namespace);
      const parent = tables.find((id) => id !== child);
      if (child !== undefined && parent !== undefined) add(parent, child);
    } else if (isTable(entry.dumpId) && /^\s*CREATE\s[^(]*\sPARTITION\s+OF\s/.test(entry.defn)) {
      for (const parent of entry.dependencies.filter(isTable)) add(parent, entry.dumpId);
    }
  }
  return partitions;
}

function key(schema: string, table: string): string {
  return JSON.stringify([schema, table]);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
