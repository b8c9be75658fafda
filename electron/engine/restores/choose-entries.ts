// From chosen tables to the TOC entries that bring them back whole: `pg_restore -t` would leave out keys, indexes,
// constraints, sequences, triggers, rights and comments.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { readArchiveToc } from '../dumps/archive.ts';
import { recogniseDump } from '../dumps/recognise.ts';
import { addRoles } from '../dumps/roles.ts';
import { namePattern, tableOf } from '../dumps/sql-statements.ts';
import { partitionsOf } from '../dumps/toc-tables.ts';
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
  if (missing.length > 0) {
    throw new HowdahError(
      'TABLE_NOT_IN_DUMP',
      `The dump has no table ${missing.map((table) => `${table.schema}.${table.table}`).join(', ')}.`,
      {
        hint: 'Names are compared exactly, capitals included. Inspect the dump to see its tables.',
      },
    );
  }
  if (dump.format === 'plain') return { entries: null, tables, sequences: [], owners: [], roles: dump.roles, extensions: dump.extensions };
  const toc = await readArchiveToc(await recogniseDump(path));
  const existing = await existingIn(toc);
  return new Choice(toc, tables, existing, leaveOut).result();
}

const tableKinds = new Set(['TABLE', 'FOREIGN TABLE']);
/** Parts of a table, whose tag begins with the table's name. */
const namedParts = new Set(['DEFAULT', 'CONSTRAINT', 'CHECK CONSTRAINT', 'FK CONSTRAINT', 'TRIGGER', 'RULE', 'POLICY']);
/** Parts whose dependency on the table, or on another part, is enough. */
const dependentParts = new Set([
  'TABLE DATA',
  'ROW SECURITY',
  'INDEX',
  'STATISTICS',
  'STATISTICS DATA',
  'COMMENT',
  'ACL',
  'SECURITY LABEL',
  'SEQUENCE OWNED BY',
  'SEQUENCE SET',
  'INDEX ATTACH',
  'TABLE ATTACH',
  'PUBLICATION TABLE',
]);
/** What tables may need to be there before them. */
const prerequisites = new Set(
  `SCHEMA,EXTENSION,TYPE,SHELL TYPE,DOMAIN,FUNCTION,PROCEDURE,AGGREGATE,SEQUENCE,COLLATION,OPERATOR,OPERATOR CLASS,OPERATOR FAMILY,CAST,
TEXT SEARCH CONFIGURATION,TEXT SEARCH DICTIONARY,SERVER,FOREIGN DATA WRAPPER,ACCESS METHOD`
    .split(',')
    .map((kind) => kind.trim()),
);

class Choice {
  readonly #toc: Toc;
  readonly #byId: Map<number, TocEntry>;
  readonly #existing: Existing | null;
  readonly #leaveOut: (message: string) => void;
  readonly #tables: Map<number, TocEntry>;
  readonly #chosen = new Set<number>();
  readonly #sequences: TocEntry[] = [];

  constructor(toc: Toc, tables: TableName[], existing: Existing | null, leaveOut: (message: string) => void) {
    this.#toc = toc;
    this.#byId = new Map(toc.entries.map((entry) => [entry.dumpId, entry]));
    this.#existing = existing;
    this.#leaveOut = leaveOut;
    const wanted = new Set(tables.map(tableKey));
    this.#tables = new Map(
      toc.entries
        .filter((entry) => tableKinds.has(entry.desc) && wanted.has(tableKey(nameOf(entry))))
        .map((entry) => [entry.dumpId, entry]),
    );
    this.#addPartitions();
    for (const id of this.#tables.keys()) this.#chosen.add(id);
    this.#addParts();
    this.#addPrerequisites();
    this.#addParts();
  }

  result(): ChosenEntries {
    const entries = this.#toc.entries.filter((entry) => this.#chosen.has(entry.dumpId));
    const roles = new Set<string>();
    for (const entry of entries) {
      if (entry.owner !== '') roles.add(entry.owner);
      if (entry.desc === 'ACL') addRoles(entry.defn, roles);
    }
    return {
      entries: entries.map((entry) => entry.dumpId),
      tables: [...this.#tables.values()].map(nameOf),
      sequences: this.#sequences.map(nameOf),
      owners: [...new Set(entries.map((entry) => entry.owner).filter((owner) => owner !== ''))],
      roles: [...roles],
      extensions: entries.filter((entry) => entry.desc === 'EXTENSION').map((entry) => entry.tag),
    };
  }

  /** A partitioned table without its partitions would come back without its rows. */
  #addPartitions(): void {
    const partitions = partitionsOf(this.#toc);
    const waiting = [...this.#tables.keys()];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      for (const child of partitions.get(id) ?? []) {
        const entry = this.#byId.get(child);
        if (entry === undefined || this.#tables.has(child)) continue;
        this.#tables.set(child, entry);
        waiting.push(child);
      }
    }
  }

  /** Until nothing is added: parts of tables, and parts of parts. */
  #addParts(): void {
    for (let before = -1; before !== this.#chosen.size;) {
      before = this.#chosen.size;
      for (const entry of this.#toc.entries) if (!this.#chosen.has(entry.dumpId) && this.#isPart(entry)) this.#add(entry);
    }
  }

  #isPart(entry: TocEntry): boolean {
    const dependsOnChosen = entry.dependencies.some((id) => this.#chosen.has(id));
    if (namedParts.has(entry.desc)) {
      const ofTable = [...this.#tables.values()].some(
        (table) =>
          table.namespace === entry.namespace &&
          entry.tag.startsWith(`${table.tag} `) &&
          (entry.dependencies.includes(table.dumpId) || entry.desc === 'DEFAULT'),
      );
      return ofTable && (entry.desc !== 'FK CONSTRAINT' || this.#canPoint(entry));
    }
    if (entry.desc === 'SEQUENCE') return dependsOnChosen && entry.dependencies.some((id) => this.#tables.has(id));
    if (entry.desc === 'TABLE ATTACH' || entry.desc === 'INDEX ATTACH') {
      const related = entry.dependencies.filter((id) => this.#byId.has(id));
      if (entry.desc === 'INDEX ATTACH') return related.length > 0 && related.every((id) => this.#chosen.has(id));
      const parents = related.filter((id) => tableKinds.has(this.#byId.get(id)?.desc ?? '') && !this.#tables.has(id));
      const own = related.some((id) => this.#tables.has(id) && this.#byId.get(id)?.tag === entry.tag);
      return own && parents.every((id) => this.#tableIsThere(this.#byId.get(id)));
    }
    if (entry.desc === 'PUBLICATION TABLE') return false;
    if (!dependentParts.has(entry.desc) || !dependsOnChosen) return false;
    // A comment or right on a prerequisite that the target has already stays as the target has it.
    return entry.desc !== 'INDEX' || entry.dependencies.some((id) => this.#tables.has(id));
  }

  #add(entry: TocEntry): void {
    this.#chosen.add(entry.dumpId);
    if (entry.desc === 'SEQUENCE') this.#sequences.push(entry);
    if (entry.desc !== 'SEQUENCE OWNED BY') return;
    // pg_dump lists the sequence, which depends on nothing, before it.
    for (const id of entry.dependencies) {
      const sequence = this.#byId.get(id);
      if (sequence?.desc === 'SEQUENCE' && !this.#chosen.has(id)) this.#add(sequence);
    }
  }

  /** Whether the table that a foreign key points to will be there. */
  #canPoint(entry: TocEntry): boolean {
    const written = new RegExp(String.raw`\bREFERENCES\s+(${namePattern})`, 'i').exec(entry.defn)?.[1];
    if (written === undefined) return true;
    const referenced = tableOf(written);
    const chosen = [...this.#tables.values()].some((table) => tableKey(nameOf(table)) === tableKey(referenced));
    if (chosen || this.#existing?.hasTable(referenced) === true) return true;
    const message = `Left out: the foreign key ${entry.tag.split(' ').at(-1) ?? ''} of ${entry.namespace}.${entry.tag.split(' ')[0] ?? ''}, because the table ${referenced.schema}.${referenced.table} that it points to is neither chosen nor at the target.`;
    if (!this.#told.has(message)) this.#leaveOut(message);
    this.#told.add(message);
    return false;
  }
  readonly #told = new Set<string>();

  #tableIsThere(entry: TocEntry | undefined): boolean {
    return entry !== undefined && this.#existing?.hasTable(nameOf(entry)) === true;
  }

  #addPrerequisites(): void {
    const waiting = [...this.#chosen];
    // The schema of a table is not always among its dependencies.
    const schemas = new Set([...this.#tables.values()].map((table) => table.namespace));
    for (const entry of this.#toc.entries)
      if (entry.desc === 'SCHEMA' && schemas.has(entry.tag) && this.#need(entry)) waiting.push(entry.dumpId);
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      for (const needed of this.#byId.get(id)?.dependencies ?? []) {
        const entry = this.#byId.get(needed);
        if (entry !== undefined && prerequisites.has(entry.desc) && this.#need(entry)) waiting.push(needed);
      }
    }
  }

  #need(entry: TocEntry): boolean {
    if (this.#chosen.has(entry.dumpId) || this.#existing?.has(entry) === true) return false;
    this.#chosen.add(entry.dumpId);
    return true;
  }
}

const nameOf = (entry: TocEntry): TableName => ({ schema: entry.namespace, table: entry.tag });
