// Which tables of the dump meet which tables of the target.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { PreviewRequest } from '../../../shared/contract/previews.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { Session } from '../postgres/connection.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { BlockedTable, ForeignKey, LiveTable } from './compared.ts';
import { readForeignKeys } from './foreign-keys.ts';
import { readLiveTables, resolveRelations } from './live-tables.ts';

export type PairedTable = {
  live: LiveTable;
  /** The dump's tables whose rows belong to it: itself, or partitions. */
  sources: TableName[];
  /** Only because chosen rows refer to it. */
  referencedOnly: boolean;
};

/** Of a table that the target lacks `sources` are the dump's tables. */
export type UnpairedTable = BlockedTable & { sources: TableName[] };

export type Pairing = { paired: PairedTable[]; blocked: UnpairedTable[]; foreignKeys: ForeignKey[] };

/** `roots`: partitioned tables on top of the dump's tables, by `tableKey`. Errors: TABLE_NOT_IN_DUMP. */
export async function pairTables(session: Session, dump: Dump, request: PreviewRequest, roots: Map<string, TableName>): Promise<Pairing> {
  const withRows = dump.tables.filter((table) => table.hasData);
  const asked = [...request.tables, ...request.rows.map(({ schema, table }) => ({ schema, table }))];
  requireInDump(dump, [...asked, ...request.keys.map(({ schema, table }) => ({ schema, table }))]);
  const chosen = asked.length === 0 ? null : new Set(asked.map(tableKey));

  const places = await placesOf(session, withRows, roots, chosen);
  let wanted =
    chosen === null
      ? places
      : places.filter((place) => place.sources.some((source) => chosen.has(tableKey(source))) || chosen.has(tableKey(place.name)));
  const referenced = new Set<string>();
  if (request.withReferenced && chosen !== null) {
    const more = await referencedPlaces(session, wanted, places);
    for (const place of more) referenced.add(tableKey(place.name));
    wanted = [...wanted, ...more];
  }

  const lives = await readLiveTables(
    session,
    wanted.filter((place) => place.state === 'table').map((place) => place.name),
  );
  const byName = new Map(lives.map((live) => [tableKey(live), live]));
  const paired: PairedTable[] = [];
  const blocked: UnpairedTable[] = [];
  for (const place of wanted) {
    const live = byName.get(tableKey(place.name));
    const blocker = live === undefined ? notThere(place) : unreadable(live);
    if (live === undefined || blocker !== null)
      blocked.push({
        ...place.name,
        blockers: blocker === null ? [] : [blocker],
        rows: null,
        sources: place.state === 'missing' ? place.sources : [],
      });
    else paired.push({ live, sources: place.sources, referencedOnly: referenced.has(tableKey(place.name)) });
  }
  const foreignKeys = await readForeignKeys(
    session,
    paired.map((table) => table.live.oid),
  );
  return { paired, blocked, foreignKeys };
}

type Place = { name: TableName; sources: TableName[]; state: 'table' | 'missing' | 'other' };

/** The live table (the partitioned one on top, unless a partition itself was chosen) for each table of the dump. */
async function placesOf(
  session: Session,
  tables: TableName[],
  roots: Map<string, TableName>,
  chosen: ReadonlySet<string> | null,
): Promise<Place[]> {
  const tops = tables.map((table) => (chosen?.has(tableKey(table)) === true ? null : (roots.get(tableKey(table)) ?? null)));
  const relations = await resolveRelations(session, [...tables, ...tops.filter((top) => top !== null)]);
  const byName = new Map(relations.map((relation) => [tableKey(relation), relation]));
  const places = new Map<string, Place>();
  tables.forEach((table, index) => {
    const top = tops[index] ?? null;
    const own = byName.get(tableKey(table));
    const relation = (top === null ? undefined : byName.get(tableKey(top))) ?? own;
    const root = chosen?.has(tableKey(table)) === true ? null : (relation?.root ?? null);
    const found = root ?? relation ?? top ?? table;
    const name = { schema: found.schema, table: found.table };
    const isTable = root !== null || ['r', 'p'].includes(relation?.kind ?? '');
    const place = places.get(tableKey(name)) ?? {
      name,
      sources: [],
      state: relation === undefined ? ('missing' as const) : isTable ? ('table' as const) : ('other' as const),
    };
    place.sources.push({ schema: table.schema, table: table.table });
    places.set(tableKey(name), place);
  });
  return [...places.values()];
}

/** Tables that the wanted ones refer to, and so on; only those whose rows the dump has. */
async function referencedPlaces(session: Session, wanted: Place[], places: Place[]): Promise<Place[]> {
  const known = new Set(wanted.map((place) => tableKey(place.name)));
  const more: Place[] = [];
  for (let last = wanted; last.length > 0;) {
    const lives = await readLiveTables(
      session,
      last.filter((place) => place.state === 'table').map((place) => place.name),
    );
    const oids = new Set(lives.map((live) => live.oid));
    const keys = (await readForeignKeys(session, [...oids])).filter((key) => oids.has(key.child.oid));
    last = [];
    for (const { parent } of keys) {
      const place = places.find((one) => tableKey(one.name) === tableKey(parent));
      if (place === undefined || known.has(tableKey(parent))) continue;
      known.add(tableKey(parent));
      last.push(place);
      more.push(place);
    }
  }
  return more;
}

function requireInDump(dump: Dump, tables: TableName[]): void {
  const known = new Set(dump.tables.map(tableKey));
  const missing = tables.filter((table) => !known.has(tableKey(table)));
  if (missing.length === 0) return;
  throw new HowdahError(
    'TABLE_NOT_IN_DUMP',
    `The dump has no table ${missing.map((table) => `${table.schema}.${table.table}`).join(', ')}.`,
    {
      hint: 'Names are compared exactly, capitals included. Inspect the dump to see its tables.',
    },
  );
}

type Blocker = BlockedTable['blockers'][number];

const notThere = ({ name, state }: Place): Blocker =>
  state === 'missing'
    ? {
        code: 'TABLE_MISSING',
        message: `The target has no table ${name.schema}.${name.table}.`,
        hint: `Bring the table in whole (restore with --tables, without a strategy), or leave it alone.`,
      }
    : {
        code: 'NOT_A_TABLE',
        message: `At the target ${name.schema}.${name.table} is a view or a foreign table, not a table.`,
        hint: 'Leave it alone, or replace the whole database.',
      };

function unreadable(live: LiveTable): Blocker | null {
  const name = `${live.schema}.${live.table}`;
  if (!live.privileges.select) {
    return {
      code: 'NO_PRIVILEGE',
      message: `The role may not read ${name}.`,
      hint: `Let the owner GRANT SELECT ON ${name}, or leave the table alone.`,
    };
  }
  if (live.untrustedTypes.length > 0) {
    return {
      code: 'TYPE_NOT_TRUSTED',
      message: `The types of ${live.untrustedTypes.map((column) => `"${column}"`).join(', ')} of ${name} run functions of another role: a preview does not lend it this role's rights.`,
      hint: 'Use a profile of the role that owns those functions, let a superuser own them, or leave the table alone.',
    };
  }
  if (live.rowSecurity) {
    return {
      code: 'ROW_SECURITY',
      message: `Row-level security hides rows of ${name} from this role, so they cannot be compared.`,
      hint: 'Use the role that owns the table, or one with BYPASSRLS; or leave the table alone.',
    };
  }
  return null;
}
