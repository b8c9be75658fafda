// From chosen tables to the TOC entries that bring them back whole: `pg_restore -t` would leave out keys, indexes,
// constraints, sequences, triggers, rights and comments.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { readArchiveToc } from '../dumps/archive.ts';
import { recogniseDump } from '../dumps/recognise.ts';
import { addRoles } from '../dumps/roles.ts';
import { selectTables } from '../dumps/select.ts';
import type { Toc, TocEntry } from '../dumps/toc.ts';
import { tableKey } from '../postgres/row-counts.ts';

export type ChosenEntries = {
  /** Dump ids in the order of the TOC; null: a plain dump, which is turned into an archive first. */
  entries: number[] | null;
  /** The chosen tables, and the partitions of those among them that have any. */
  tables: TableName[];
  /** Sequences that come with the tables. */
  sequences: TableName[];
  owners: string[];
  roles: string[];
  extensions: string[];
};

/** What the target has already, where only tables are to be brought into it. */
export type Existing = {
  /** Whether a schema, type, function or sequence of that kind and name is there. */
  has: (entry: TocEntry) => boolean;
  /** Whether a table is there, so that foreign keys can point to it. */
  hasTable: (table: TableName) => boolean;
};

/** Errors: TABLE_NOT_IN_DUMP, those of `readToc`. `existing` null: the target is empty.
 * `leaveOut` is told what cannot come along. */
export async function chooseEntries(
  path: string,
  dump: Dump,
  tables: TableName[],
  existingIn: (toc: Toc) => Promise<Existing | null>,
  leaveOut: (message: string) => void,
): Promise<ChosenEntries> {
  const known = new Set(dump.tables.map(tableKey));
  const missing = tables.filter((table) => !known.has(tableKey(table)));
  if (missing.length > 0) throw notInDump(missing);
  if (dump.format === 'plain') return { entries: null, tables, sequences: [], owners: [], roles: dump.roles, extensions: dump.extensions };
  const toc = await readArchiveToc(await recogniseDump(path));
  return choose(toc, tables, await existingIn(toc), leaveOut);
}

const tableKinds = new Set(['TABLE', 'FOREIGN TABLE']);
/** They are about something else, and come only where that comes. */
const notes = new Set(['COMMENT', 'ACL', 'SECURITY LABEL', 'SEQUENCE SET', 'SEQUENCE OWNED BY', 'STATISTICS DATA']);

function choose(toc: Toc, tables: TableName[], existing: Existing | null, leaveOut: (message: string) => void): ChosenEntries {
  const selection = selectTables(toc, tables);
  if (selection.missing.length > 0) throw notInDump(selection.missing);
  const byId = new Map(toc.entries.map((entry) => [entry.dumpId, entry]));
  const wanted = new Set(selection.entries);
  for (const key of selection.outsideForeignKeys) {
    if (existing?.hasTable(key.references) === true) wanted.add(key.dumpId);
    else {
      leaveOut(
        `Left out: the foreign key ${key.constraint} of ${key.table.schema}.${key.table.table}, because the table ${key.references.schema}.${key.references.table} that it points to is neither chosen nor at the target.`,
      );
    }
  }
  const brought = new Set<number>();
  const needed = selection.prerequisites.map((id) => byId.get(id)).filter((entry) => entry !== undefined);
  for (const entry of needed) if (!notes.has(entry.desc) && !isThere(entry, existing)) brought.add(entry.dumpId);
  for (const entry of needed) if (notes.has(entry.desc) && entry.dependencies.some((id) => brought.has(id))) brought.add(entry.dumpId);
  const entries = toc.entries.filter((entry) => wanted.has(entry.dumpId) || brought.has(entry.dumpId));
  const own = toc.entries.filter((entry) => wanted.has(entry.dumpId));
  const roles = new Set<string>();
  for (const entry of entries) {
    if (entry.owner !== '') roles.add(entry.owner);
    if (entry.desc === 'ACL') addRoles(entry.defn, roles);
  }
  return {
    entries: entries.map((entry) => entry.dumpId),
    tables: own.filter((entry) => tableKinds.has(entry.desc)).map(nameOf),
    sequences: own.filter((entry) => entry.desc === 'SEQUENCE').map(nameOf),
    owners: [...new Set(entries.map((entry) => entry.owner).filter((owner) => owner !== ''))],
    roles: [...roles],
    extensions: entries.filter((entry) => entry.desc === 'EXTENSION').map((entry) => entry.tag),
  };
}

function isThere(entry: TocEntry, existing: Existing | null): boolean {
  if (existing === null) return false;
  return ['TABLE', 'FOREIGN TABLE', 'VIEW', 'MATERIALIZED VIEW'].includes(entry.desc)
    ? existing.hasTable(nameOf(entry))
    : existing.has(entry);
}

const nameOf = (entry: TocEntry): TableName => ({ schema: entry.namespace, table: entry.tag });

const notInDump = (missing: TableName[]): HowdahError =>
  new HowdahError('TABLE_NOT_IN_DUMP', `The dump has no table ${missing.map((table) => `${table.schema}.${table.table}`).join(', ')}.`, {
    hint: 'Names are compared exactly, capitals included. Inspect the dump to see its tables.',
  });
