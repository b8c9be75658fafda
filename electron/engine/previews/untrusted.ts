// Rules of live tables that would run somebody else's code: a preview reads, and must not lend its role's rights to the
// owner of a function in an index, a CHECK, a generated column, a partition key or a domain.
import type { Session } from '../postgres/connection.ts';
import type { LiveTable } from './compared.ts';

export type Untrusted = {
  oid: number;
  kind: 'index' | 'check' | 'generated' | 'default' | 'partitions' | 'type' | 'baseType';
  /** The index's, constraint's or column's name; of partitions the table's. */
  name: string;
  attnum: number;
};

/** $1 oids. Follows pg_depend from each rule to the functions behind it: by operators, by types (domains with their
 * CHECKs, elements, parts of composites, casts from and to them). What comes with the server is not followed.
 * https://www.postgresql.org/docs/current/catalog-pg-depend.html */
const untrustedQuery = `
  with recursive tree as (
    select r as root, r as relid from unnest($1::oid[]) as r
    union
    select r, p.relid::pg_catalog.oid from unnest($1::oid[]) as r cross join lateral pg_catalog.pg_partition_tree(r) p
    union
    select r, p.relid::pg_catalog.oid from unnest($1::oid[]) as r cross join lateral pg_catalog.pg_partition_ancestors(r) p),
  bases as (
    select t.oid as type, t.oid as base, t.typtype, t.typbasetype from pg_catalog.pg_type t
     where t.oid in (select atttypid from pg_catalog.pg_attribute where attrelid = any($1::oid[]) and attnum > 0)
    union all
    select b.type, t.oid, t.typtype, t.typbasetype from bases b join pg_catalog.pg_type t on t.oid = b.typbasetype where b.typtype = 'd'),
  seeds as (
    select i.indrelid as oid, 'index' as kind, coalesce(k.conname, ic.relname) as name, 0 as attnum, 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid as classid, i.indexrelid as objid
      from pg_catalog.pg_index i join pg_catalog.pg_class ic on ic.oid = i.indexrelid
      left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x') and k.conrelid = i.indrelid
     where i.indrelid = any($1::oid[]) and (i.indisunique or i.indisexclusion)
    union all
    select k.conrelid, 'check', k.conname, 0, 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
      from pg_catalog.pg_constraint k where k.conrelid = any($1::oid[]) and k.contype = 'c'
    union all
    select a.attrelid, case when a.attgenerated <> '' then 'generated' else 'default' end, a.attname, a.attnum, 'pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid
      from pg_catalog.pg_attrdef d join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum where d.adrelid = any($1::oid[])
    union all
    select tree.root, 'partitions', c.relname, 0, 'pg_catalog.pg_class'::pg_catalog.regclass, tree.relid
      from tree join pg_catalog.pg_class c on c.oid = tree.relid and c.relkind = 'p'
    union all
    select a.attrelid, 'type', a.attname, a.attnum, 'pg_catalog.pg_type'::pg_catalog.regclass, a.atttypid
      from pg_catalog.pg_attribute a where a.attrelid = any($1::oid[]) and a.attnum > 0 and not a.attisdropped
    union all
    select a.attrelid, 'baseType', a.attname, a.attnum, 'pg_catalog.pg_type'::pg_catalog.regclass, b.base
      from pg_catalog.pg_attribute a join bases b on b.type = a.atttypid and b.typtype <> 'd' where a.attrelid = any($1::oid[]) and a.attnum > 0 and not a.attisdropped),
  walk as (
    select classid as class0, objid as obj0, classid, objid from seeds
    union
    select w.class0, w.obj0, next.classid, next.objid from walk w cross join lateral (
      select d.refclassid, d.refobjid from pg_catalog.pg_depend d
       where d.classid = w.classid and d.objid = w.objid and d.objsubid = 0
         and d.refclassid in ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
      union all
      select 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid from pg_catalog.pg_constraint k where w.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and k.contypid = w.objid
      union all
      select 'pg_catalog.pg_type'::pg_catalog.regclass, part.type from pg_catalog.pg_type t
        cross join lateral (select t.typelem union all select t.typbasetype
          union all select a.atttypid from pg_catalog.pg_attribute a where t.typrelid <> 0 and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
          union all select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid = t.oid) as part (type)
       where w.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and t.oid = w.objid and part.type <> 0
      union all
      select 'pg_catalog.pg_proc'::pg_catalog.regclass, c.castfunc from pg_catalog.pg_cast c
       where w.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and c.castfunc <> 0 and w.objid in (c.castsource, c.casttarget)
    ) as next (classid, objid)
    where next.objid >= 16384)
  select distinct s.oid::int8::float8 as oid, s.kind, s.name::text as name, s.attnum::int as attnum
    from seeds s join walk w on w.class0 = s.classid and w.obj0 = s.objid
    join pg_catalog.pg_proc p on w.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and p.oid = w.objid
    join pg_catalog.pg_roles r on r.oid = p.proowner
   where not r.rolsuper and r.rolname <> current_user
   order by 1, 2, 3`;

/** What of these tables depends on a function whose owner is neither a superuser nor the session's own role. */
export const readUntrusted = async (session: Session, oids: number[]): Promise<Untrusted[]> =>
  (await session.query<Untrusted>(untrustedQuery, [oids])).rows;

type Rules = Omit<LiveTable, 'untrusted' | 'untrustedTypes'> & { checkColumns: Record<string, number[]> };

/** The table without what is not to be run; `found` is what `readUntrusted` says of it. */
export function withoutUntrusted({ checkColumns, ...table }: Rules, found: Untrusted[]): LiveTable {
  const attnums = (kind: Untrusted['kind']): Set<number> => new Set(found.filter((one) => one.kind === kind).map((one) => one.attnum));
  const names = (kind: Untrusted['kind']): Set<string> => new Set(found.filter((one) => one.kind === kind).map((one) => one.name));
  const [generated, defaults, types, baseTypes] = [attnums('generated'), attnums('default'), attnums('type'), attnums('baseType')];
  const [indexes, checks] = [names('index'), names('check')];
  const partitions = found.some((one) => one.kind === 'partitions');
  const uniques = table.uniques.filter((rule) => indexes.has(rule.name) || rule.attnums.some((attnum) => generated.has(attnum)));
  const broken = table.checks.filter(({ name }) => checks.has(name) || (checkColumns[name] ?? []).some((attnum) => generated.has(attnum)));
  const columns = table.columns.map((column) => {
    const { attnum } = column;
    return {
      ...column,
      ...(generated.has(attnum) ? { generated: 'null', notNull: false } : {}),
      // In brackets it is no constant (see `constantDefault`): not evaluated.
      ...(defaults.has(attnum) && column.default !== null ? { default: `(${column.default})` } : {}),
      ...(types.has(attnum) && column.isDomain ? { type: column.bareType } : {}),
    };
  });
  return {
    ...table,
    columns,
    uniques: table.uniques.filter((rule) => !uniques.includes(rule)),
    checks: table.checks.filter((check) => !broken.includes(check)),
    partitions: partitions ? null : table.partitions,
    untrusted: [
      ...uniques.map((rule) => rule.name),
      ...broken.map((check) => check.name),
      ...columns
        .filter(({ attnum }) => generated.has(attnum) || (types.has(attnum) && !baseTypes.has(attnum)))
        .map((column) => column.name),
      ...(partitions ? ['the partition key'] : []),
    ],
    untrustedTypes: columns.filter(({ attnum }) => baseTypes.has(attnum)).map((column) => column.name),
  };
}
