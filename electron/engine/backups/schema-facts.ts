// What the manifest says about the schema beside tables: a fingerprint, extensions, roles, migration state.
import { createHash } from 'node:crypto';
import type { Session } from '../postgres/connection.ts';
import { notStaging } from '../postgres/staging-schemas.ts';
import { readMigrations, type MigrationState } from '../schema/migrations.ts';

export type SchemaFacts = {
  extensions: { name: string; version: string }[];
  /** Owners and grantees of the database's objects. */
  roles: string[];
  /** `sha256:…` over the definitions of columns, constraints, indexes, views and functions, independent of OIDs. */
  schemaFingerprint: string;
  migrations: MigrationState[];
};

/** Reads them in the session's transaction. */
export async function readSchemaFacts(session: Session): Promise<SchemaFacts> {
  // Names come out qualified, and the same for every role.
  await session.query("select set_config('search_path', '', true)");
  const { rows: extensions } = await session.query<{ name: string; version: string }>(
    "select extname as name, extversion as version from pg_catalog.pg_extension where extname <> 'plpgsql' order by extname",
  );
  const { rows: roles } = await session.query<{ name: string }>(rolesQuery);
  return {
    extensions,
    roles: roles.map((role) => role.name),
    schemaFingerprint: await fingerprint(session),
    migrations: await readMigrations(session),
  };
}

const own = (oid: string, catalog: string, namespace: string): string =>
  `${namespace}.nspname not like 'pg\\_%' and ${namespace}.nspname <> 'information_schema' and ${notStaging(namespace)}
   and not exists (select from pg_catalog.pg_depend d where d.classid = '${catalog}'::pg_catalog.regclass and d.objid = ${oid} and d.deptype = 'e')`;

const rolesQuery = `
  select distinct pg_catalog.pg_get_userbyid(oid) as name from (
    select c.relowner as oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${own('c.oid', 'pg_catalog.pg_class', 'n')}
    union select p.proowner from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where ${own('p.oid', 'pg_catalog.pg_proc', 'n')}
    union select n.nspowner from pg_catalog.pg_namespace n where n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'public')
    union select a.grantee from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace, pg_catalog.aclexplode(c.relacl) a where ${own('c.oid', 'pg_catalog.pg_class', 'n')}
    union select a.grantee from pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a where n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    union select a.grantee from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace, pg_catalog.aclexplode(p.proacl) a where ${own('p.oid', 'pg_catalog.pg_proc', 'n')}
  ) as mentioned
  where oid <> 0 and exists (select from pg_catalog.pg_roles r where r.oid = mentioned.oid and r.rolname not like 'pg\\_%') order by 1`;

/** Each gives one text column `line`. */
const definitions: string[] = [
  `select pg_catalog.format('column %I.%I.%I %s %s %s', n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
          a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid)) as line
     from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and ${own('c.oid', 'pg_catalog.pg_class', 'n')}`,
  `select pg_catalog.format('constraint %s %I %s', k.conrelid::pg_catalog.regclass, k.conname, pg_catalog.pg_get_constraintdef(k.oid)) as line
     from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where k.contype <> 'n' and ${own('c.oid', 'pg_catalog.pg_class', 'n')}`,
  `select 'index ' || pg_catalog.pg_get_indexdef(i.indexrelid) as line
     from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind <> 't' and ${own('c.oid', 'pg_catalog.pg_class', 'n')}`,
  `select pg_catalog.format('view %I.%I %s', n.nspname, c.relname, pg_catalog.pg_get_viewdef(c.oid)) as line
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('v', 'm') and ${own('c.oid', 'pg_catalog.pg_class', 'n')}`,
  `select pg_catalog.format('function %I.%I(%s) %s %s %s', n.nspname, p.proname, pg_catalog.pg_get_function_arguments(p.oid),
          pg_catalog.format_type(p.prorettype, null), l.lanname, p.prosrc) as line
     from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace join pg_catalog.pg_language l on l.oid = p.prolang
    where ${own('p.oid', 'pg_catalog.pg_proc', 'n')}`,
  `select 'trigger ' || pg_catalog.pg_get_triggerdef(t.oid) as line
     from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and ${own('c.oid', 'pg_catalog.pg_class', 'n')}`,
];

/** The lines stay at the server; only a digest of them comes here. md5 there, as servers before 11 have no other. */
async function fingerprint(session: Session): Promise<string> {
  const hash = createHash('sha256');
  for (const query of definitions) {
    const { rows } = await session.query<{ digest: string | null }>(
      `select pg_catalog.md5(pg_catalog.string_agg(pg_catalog.md5(line), ',' order by line collate "C")) as digest from (${query}) as lines`,
    );
    hash.update(rows[0]?.digest ?? '-');
  }
  return `sha256:${hash.digest('hex')}`;
}
