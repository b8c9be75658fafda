// Removes what users made in a database, inside a transaction: extensions stay, with what belongs to them.
import type { Session } from '../postgres/connection.ts';

/** In the order of dropping. `pg_identify_object` gives each one's kind and quoted name, as DROP takes them. */
const kinds: { what: string; from: string; only?: string }[] = [
  { what: 'pg_event_trigger', from: 'pg_event_trigger x' },
  { what: 'pg_publication', from: 'pg_publication x' },
  { what: 'pg_class', from: "pg_class x join pg_namespace n on n.oid = x.relnamespace and x.relkind in ('v', 'm', 'r', 'p', 'f', 'S')" },
  { what: 'pg_proc', from: 'pg_proc x join pg_namespace n on n.oid = x.pronamespace' },
  { what: 'pg_opfamily', from: 'pg_opfamily x join pg_namespace n on n.oid = x.opfnamespace' },
  { what: 'pg_operator', from: 'pg_operator x join pg_namespace n on n.oid = x.oprnamespace' },
  {
    what: 'pg_type',
    from: 'pg_type x join pg_namespace n on n.oid = x.typnamespace',
    only: "x.typcategory <> 'A' and not exists (select from pg_class r where r.oid = x.typrelid and r.relkind <> 'c')",
  },
  { what: 'pg_collation', from: 'pg_collation x join pg_namespace n on n.oid = x.collnamespace' },
  { what: 'pg_conversion', from: 'pg_conversion x join pg_namespace n on n.oid = x.connamespace' },
  { what: 'pg_ts_config', from: 'pg_ts_config x join pg_namespace n on n.oid = x.cfgnamespace' },
  { what: 'pg_ts_dict', from: 'pg_ts_dict x join pg_namespace n on n.oid = x.dictnamespace' },
  { what: 'pg_ts_parser', from: 'pg_ts_parser x join pg_namespace n on n.oid = x.prsnamespace' },
  { what: 'pg_ts_template', from: 'pg_ts_template x join pg_namespace n on n.oid = x.tmplnamespace' },
  { what: 'pg_foreign_server', from: 'pg_foreign_server x' },
  { what: 'pg_foreign_data_wrapper', from: 'pg_foreign_data_wrapper x' },
  { what: 'pg_namespace', from: 'pg_namespace x', only: "x.nspname !~ '^pg_' and x.nspname not in ('information_schema', 'public')" },
];

/** Drops everything a user made. Errors of the server (a foreign owner, for one) come as they are. */
export async function emptyDatabase(session: Session): Promise<void> {
  for (const { what, from, only } of kinds) {
    const inSchema = from.includes('pg_namespace n') ? "and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'" : '';
    const { rows } = await session.query<{ type: string; identity: string }>(
      `select i.type, i.identity from ${from} cross join lateral pg_identify_object('${what}'::regclass, x.oid, 0) i
        where x.oid >= 16384 ${inSchema} ${only === undefined ? '' : `and ${only}`}
          and not exists (select from pg_depend d where d.classid = '${what}'::regclass and d.objid = x.oid and d.deptype in ('e', 'i'))
        order by x.oid`,
    );
    for (const { type, identity } of rows) await session.query(`drop ${type} if exists ${identity} cascade`);
  }
  // The old ones would collide with those of the dump: large objects keep their numbers.
  await session.query('select lo_unlink(oid) from pg_largeobject_metadata');
}
