// Catalogue queries behind live-tables.ts. https://www.postgresql.org/docs/current/catalogs.html

/** $1 schemas, $2 names. A partition comes with the partitioned table on top of it. */
export const relationsQuery = `
  select c.oid::int8::float8 as oid, n.nspname as schema, c.relname as "table", c.relkind::text as kind,
         r.oid::int8::float8 as root_oid, rn.nspname as root_schema, r.relname as root_table
    from unnest($1::text[], $2::text[]) as asked (schema, name)
    join pg_catalog.pg_namespace n on n.nspname = asked.schema
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = asked.name
    left join pg_catalog.pg_class r on c.relispartition and r.oid = pg_catalog.pg_partition_root(c.oid)
    left join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
   where c.relkind in ('r', 'p', 'v', 'm', 'f')`;

/** Before version 15 a partition's copy of a user trigger is internal, and only a superuser may switch it. Triggers of
 * foreign keys and deferred unique constraints are no copies of user triggers. */
const clonedTrigger = `(exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and d.objid = t.oid
             and d.refclassid = 'pg_catalog.pg_trigger'::pg_catalog.regclass)
         and not exists (select from pg_catalog.pg_constraint k where k.oid = t.tgconstraint and k.contype in ('f', 'p', 'u', 'x')))`;

/** $1 schemas, $2 names: everything about a table but its columns and unique rules. `tree`: it and its partitions. */
export const rulesQuery = `
  with asked as (
    select c.oid, c.relkind, c.relispartition, c.relname, n.nspname from unnest($1::text[], $2::text[]) as asked (schema, name)
      join pg_catalog.pg_namespace n on n.nspname = asked.schema
      join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = asked.name and c.relkind in ('r', 'p')),
  tree as (
    select oid as root, oid as relid, relkind = 'r' as leaf from asked
    union
    select asked.oid, p.relid::pg_catalog.oid, p.isleaf from asked cross join lateral pg_catalog.pg_partition_tree(asked.oid) p
     where asked.relkind = 'p' and p.relid <> asked.oid)
  select c.oid::int8::float8 as oid, c.nspname as schema, c.relname as "table", c.relkind::text as kind,
         pg_catalog.row_security_active(c.oid) as "rowSecurity",
         not exists (select from tree join pg_catalog.pg_class p on p.oid = tree.relid
                      where tree.root = c.oid and not pg_catalog.pg_has_role(p.relowner, 'usage'))
           and ((select rolsuper from pg_catalog.pg_roles where rolname = current_user)
             or not exists (select from tree join pg_catalog.pg_trigger t on t.tgrelid = tree.relid
                             where tree.root = c.oid and t.tgisinternal and t.tgenabled <> 'D' and ${clonedTrigger})) as owned,
         pg_catalog.jsonb_build_object(
           'select', pg_catalog.has_table_privilege(c.oid, 'select'), 'insert', pg_catalog.has_table_privilege(c.oid, 'insert'),
           'update', pg_catalog.has_table_privilege(c.oid, 'update'), 'delete', pg_catalog.has_table_privilege(c.oid, 'delete')) as privileges,
         coalesce((select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', k.conname, 'expression', case k.contype when 'c' then pg_catalog.pg_get_expr(k.conbin, k.conrelid)
                      else (select pg_catalog.format('not isempty(%I)', a.attname) from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum = k.conkey[pg_catalog.array_upper(k.conkey, 1)]) end) order by k.conname)
            from pg_catalog.pg_constraint k where k.conrelid = c.oid and (k.contype = 'c' and coalesce(pg_catalog.to_jsonb(k) ->> 'conenforced', 'true') = 'true'
              or k.contype in ('p', 'u') and pg_catalog.to_jsonb(k) ->> 'conperiod' = 'true')), '[]') as checks,
         coalesce((select pg_catalog.jsonb_object_agg(k.conname, pg_catalog.to_jsonb(k.conkey)) from pg_catalog.pg_constraint k
            where k.conrelid = c.oid and k.contype = 'c' and k.conkey is not null), '{}') as "checkColumns",
         coalesce((select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', t.tgname, 'enabled', t.tgenabled,
                      'relation', pg_catalog.jsonb_build_object('schema', tn.nspname, 'table', tc.relname)) order by tn.nspname, tc.relname, t.tgname)
            from tree join pg_catalog.pg_trigger t on t.tgrelid = tree.relid join pg_catalog.pg_class tc on tc.oid = t.tgrelid
            join pg_catalog.pg_namespace tn on tn.oid = tc.relnamespace
           where tree.root = c.oid and (not t.tgisinternal or ${clonedTrigger}) and t.tgenabled <> 'D'), '[]') as triggers,
         coalesce((select pg_catalog.jsonb_agg(pg_catalog.format('%s.%s: %s', pn.nspname, p.relname, own.name) order by pn.nspname, p.relname, own.name)
            from tree join pg_catalog.pg_class p on p.oid = tree.relid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
            cross join lateral (
              select ic.relname as name from pg_catalog.pg_index i join pg_catalog.pg_class ic on ic.oid = i.indexrelid
               where i.indrelid = p.oid and (i.indisunique or i.indisexclusion) and not exists (select from pg_catalog.pg_inherits h where h.inhrelid = i.indexrelid)
              union all
              select k.conname from pg_catalog.pg_constraint k where k.conrelid = p.oid and k.contype = 'c' and k.coninhcount = 0
                 and coalesce(pg_catalog.to_jsonb(k) ->> 'conenforced', 'true') = 'true'
              union all
              select a.attname || ' NOT NULL' from pg_catalog.pg_attribute a join pg_catalog.pg_attribute t on t.attrelid = c.oid and t.attname = a.attname
               where a.attrelid = p.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull and not t.attnotnull) as own
           where tree.root = c.oid and tree.relid <> c.oid), '[]') as untold,
         case when c.relkind = 'p' or c.relispartition then coalesce((select pg_catalog.jsonb_agg(coalesce(pg_catalog.pg_get_partition_constraintdef(tree.relid), 'true'))
            from tree where tree.root = c.oid and tree.leaf), '[]') end as partitions,
         coalesce((select pg_catalog.jsonb_agg(r.rulename order by r.rulename) from pg_catalog.pg_rewrite r
            where r.ev_class = c.oid and r.ev_type <> '1' and r.ev_enabled <> 'D'), '[]') as rules,
         coalesce((select pg_catalog.jsonb_agg(distinct pg_catalog.jsonb_build_object('column', a.attname, 'increment', q.seqincrement,
                      'sequence', pg_catalog.format('%I.%I', sn.nspname, s.relname)))
            from (select d.objid as sequence, d.refobjsubid as attnum from pg_catalog.pg_depend d
                   where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                     and d.refobjid = c.oid and d.refobjsubid > 0 and d.deptype in ('a', 'i')
                  union select d.refobjid, f.adnum from pg_catalog.pg_attrdef f join pg_catalog.pg_depend d
                      on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = f.oid and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                   where f.adrelid = c.oid) as used
            join pg_catalog.pg_class s on s.oid = used.sequence and s.relkind = 'S'
            join pg_catalog.pg_sequence q on q.seqrelid = s.oid
            join pg_catalog.pg_namespace sn on sn.oid = s.relnamespace
            join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = used.attnum), '[]') as sequences
    from asked c
   order by c.nspname collate "C", c.relname collate "C"`;

/** $1 oids. A domain's base type is followed to its end. */
export const columnsQuery = `
  with recursive bases as (
    select t.oid as type, t.oid as base, t.typtype, t.typbasetype from pg_catalog.pg_type t
     where t.oid in (select atttypid from pg_catalog.pg_attribute where attrelid = any($1::oid[]) and attnum > 0)
    union all
    select b.type, t.oid, t.typtype, t.typbasetype from bases b join pg_catalog.pg_type t on t.oid = b.typbasetype where b.typtype = 'd')
  select a.attrelid::int8::float8 as oid, a.attname as name, a.attnum::int as attnum, pg_catalog.format_type(a.atttypid, a.atttypmod) as type, pg_catalog.format_type(a.atttypid, a.atttypmod) as "typeAtTarget",
         pg_catalog.format_type(b.base, -1) as "bareType", a.attnotnull or t.typnotnull as "notNull", bt.typcategory = 'S' as "isText",
         coalesce((select pg_catalog.format('operator(%I.%s)', opn.nspname, op.oprname) from pg_catalog.pg_opclass oc
            join pg_catalog.pg_am am on am.oid = oc.opcmethod and am.amname = 'btree'
            join pg_catalog.pg_amop m on m.amopfamily = oc.opcfamily and m.amoplefttype = oc.opcintype and m.amoprighttype = oc.opcintype and m.amopstrategy = 3
            join pg_catalog.pg_operator op on op.oid = m.amopopr join pg_catalog.pg_namespace opn on opn.oid = op.oprnamespace
           where oc.opcdefault and oc.opcintype = b.base limit 1), 'operator(pg_catalog.=)') as equality,
         exists (select from pg_catalog.pg_constraint k where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey[1] = a.attnum and not k.convalidated) as "mayHoldNull",
         t.typtype = 'd' as "isDomain",
         b.base = 'pg_catalog.oid'::pg_catalog.regtype or t.typname = 'lo' as "isLargeObject",
         case when a.attcollation <> 0 then (select pg_catalog.format('%I.%I', cn.nspname, co.collname) from pg_catalog.pg_collation co
            join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace where co.oid = a.attcollation) end as collation,
         case when a.attgenerated <> '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end as generated,
         case when a.attgenerated = '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end as default,
         case a.attidentity when 'a' then 'always' when 'd' then 'byDefault' end as identity
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    join bases b on b.type = a.atttypid and b.typtype <> 'd'
    join pg_catalog.pg_type bt on bt.oid = b.base
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = any($1::oid[]) and a.attnum > 0 and not a.attisdropped
   order by a.attrelid, a.attnum`;

/** $1 oids: valid unique indexes and exclusion constraints. `plain`: over columns alone, not partial, no exclusion. */
export const keysQuery = `
  select i.indrelid::int8::float8 as oid, coalesce(k.conname, ic.relname) as name, i.indisprimary as primary,
         i.indisunique and not i.indisexclusion and i.indexprs is null and i.indpred is null as plain,
         coalesce(part.columns, '{}') as columns, part.collations, part.expressions, part.operators,
         array(select distinct n from (select unnest(i.indkey::int2[]) as n union all
                 select d.refobjsubid::int2 from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = i.indexrelid
                    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = i.indrelid) as used where n > 0 order by n)::int[] as attnums,
         pg_catalog.pg_get_expr(i.indpred, i.indrelid) as "where",
         case when i.indisexclusion then not k.condeferrable else i.indimmediate end as immediate,
         coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) as "nullsNotDistinct"
    from pg_catalog.pg_index i
    join pg_catalog.pg_class ic on ic.oid = i.indexrelid
    left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x') and k.conrelid = i.indrelid
    cross join lateral (
      select pg_catalog.array_agg(a.attname::text order by n) filter (where a.attname is not null) as columns,
             pg_catalog.array_agg(case when i.indcollation[n - 1] <> 0 then (select pg_catalog.format('%I.%I', cn.nspname, co.collname)
                from pg_catalog.pg_collation co join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace where co.oid = i.indcollation[n - 1]) end order by n) as collations,
             pg_catalog.array_agg(case when i.indcollation[n - 1] <> 0 and i.indcollation[n - 1] is distinct from a.attcollation
               then (select pg_catalog.format('(%s) collate %I.%I', pg_catalog.pg_get_indexdef(i.indexrelid, n, false), cn.nspname, co.collname)
                from pg_catalog.pg_collation co join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace where co.oid = i.indcollation[n - 1])
               else pg_catalog.pg_get_indexdef(i.indexrelid, n, false) end order by n) as expressions,
             pg_catalog.array_agg((
               select pg_catalog.format('operator(%I.%s)', opn.nspname, op.oprname) from pg_catalog.pg_operator op join pg_catalog.pg_namespace opn on opn.oid = op.oprnamespace
                where op.oid = case when i.indisexclusion then k.conexclop[n]
                  else (select m.amopopr from pg_catalog.pg_opclass oc join pg_catalog.pg_amop m on m.amopfamily = oc.opcfamily
                           and m.amoplefttype = oc.opcintype and m.amoprighttype = oc.opcintype and m.amopstrategy = 3
                         where oc.oid = i.indclass[n - 1]) end) order by n) as operators
        from generate_series(1, i.indnkeyatts) as n
        left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[n - 1] and i.indkey[n - 1] <> 0) as part
   where i.indrelid = any($1::oid[]) and (i.indisunique or i.indisexclusion) and i.indisvalid and i.indislive
   order by 1, 2`;

/** $1 oids: foreign keys from or to these tables, their partitions and the tables that they are partitions of; the copies
 * that partitions carry are left out. Each end is the table of $1 that it concerns (else the one on top): `only` where
 * the key stands on a partition of it, `beside` where it is a partition of what the key stands on. */
export const foreignKeysQuery = `
  with tree as (
    select r as asked, r as relid, 'self' as place from unnest($1::oid[]) as r
    union all
    select r, p.relid::pg_catalog.oid, 'below' from unnest($1::oid[]) as r cross join lateral pg_catalog.pg_partition_tree(r) p where p.relid <> r
    union all
    select r, p.relid::pg_catalog.oid, 'above' from unnest($1::oid[]) as r cross join lateral pg_catalog.pg_partition_ancestors(r) p where p.relid <> r),
  found as (
    select k.* from pg_catalog.pg_constraint k
     where k.contype = 'f' and k.conparentid = 0 and coalesce(pg_catalog.to_jsonb(k) ->> 'conenforced', 'true') = 'true'
       and (k.conrelid in (select relid from tree) or k.confrelid in (select relid from tree))),
  ends as (
    select e.relid, c.oid::int8 as oid, n.nspname as schema, c.relname as "table", c.relkind as kind,
           case when at.place = 'below' then pg_catalog.pg_get_partition_constraintdef(e.relid) end as "only",
           case when at.place = 'above' then pg_catalog.jsonb_build_object('schema', en.nspname, 'table', ec.relname,
                  'not', pg_catalog.pg_get_partition_constraintdef(at.asked)) end as beside
      from (select conrelid from found union select confrelid from found) as e (relid)
      cross join lateral (
        select tree.asked, tree.place from tree where tree.relid = e.relid
        union all
        select coalesce(top.oid, e.relid), case when top.oid <> e.relid then 'below' else 'self' end
          from (select pg_catalog.pg_partition_root(e.relid)::pg_catalog.oid as oid) as top
         where not exists (select from tree where tree.relid = e.relid)) as at
      join pg_catalog.pg_class c on c.oid = at.asked join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_class ec on ec.oid = e.relid join pg_catalog.pg_namespace en on en.oid = ec.relnamespace)
  select k.conname as name,
         pg_catalog.jsonb_build_object('oid', c.oid, 'schema', c.schema, 'table', c."table", 'kind', c.kind, 'only', c."only", 'beside', null) as child,
         pg_catalog.jsonb_build_object('oid', p.oid, 'schema', p.schema, 'table', p."table", 'kind', p.kind, 'only', p."only", 'beside', p.beside) as parent,
         array(select a.attname::text from unnest(k.conkey) with ordinality as u (n, o) join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by o) as "childColumns",
         array(select a.attname::text from unnest(k.confkey) with ordinality as u (n, o) join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by o) as "parentColumns",
         array(select pg_catalog.format('operator(%I.%s)', opn.nspname, op.oprname) from unnest(k.conpfeqop) with ordinality as u (n, o)
                 join pg_catalog.pg_operator op on op.oid = u.n join pg_catalog.pg_namespace opn on opn.oid = op.oprnamespace order by o) as operators,
         case k.confdeltype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'setNull' when 'd' then 'setDefault' else 'noAction' end as "onDelete",
         case k.confupdtype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'setNull' when 'd' then 'setDefault' else 'noAction' end as "onUpdate",
         coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::boolean, false) as period, k.confmatchtype = 'f' as "matchFull", k.convalidated as validated
    from found k join ends c on c.relid = k.conrelid join ends p on p.relid = k.confrelid
   order by c.schema, c."table", k.conname, p.schema, p."table"`;

/** $1 oid: a table's columns, constraints, indexes that are rules, triggers and partitions, as one digest. */
export const shapeQuery = `
  select pg_catalog.md5(pg_catalog.string_agg(line, E'\\n' order by line collate "C")) as shape from (
    select pg_catalog.format('%s %s %s %s %s %s %s', a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_catalog.pg_get_expr(d.adbin, d.adrelid)) as line
      from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
    union all
    select pg_catalog.format('%s %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid)) from pg_catalog.pg_constraint k where k.conrelid = $1
    union all
    select pg_catalog.pg_get_indexdef(i.indexrelid) from pg_catalog.pg_index i where i.indrelid = $1 and (i.indisunique or i.indisexclusion)
    union all
    select pg_catalog.format('%s %s', t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid)) from pg_catalog.pg_trigger t where t.tgrelid = $1 and not t.tgisinternal
    union all
    select pg_catalog.format('partition %s %s', p.relid, pg_catalog.pg_get_partition_constraintdef(p.relid)) from pg_catalog.pg_partition_tree($1::oid) p
    union all
    select pg_catalog.format('row security %s', c.relrowsecurity) from pg_catalog.pg_class c where c.oid = $1) as lines`;
