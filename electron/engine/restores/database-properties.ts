// What belongs to a database and stands in no dump of it: locale, owner, rights, settings, comment, limits.
import { quoteIdentifier as name, quoteLiteral as literal, type Session } from '../postgres/connection.ts';

export type DatabaseProperties = {
  oid: number;
  owner: string;
  encoding: string;
  collate: string;
  ctype: string;
  /** `pg_database.datlocprovider`: `c` libc, `i` ICU, `b` builtin; null before version 15. */
  provider: string | null;
  locale: string | null;
  icuRules: string | null;
  tablespace: string;
  connectionLimit: number;
  isTemplate: boolean;
  allowsConnections: boolean;
  comment: string | null;
  /** Null: the default rights. */
  grants: { grantee: string | null; privilege: string; grantable: boolean }[] | null;
  /** `ALTER DATABASE … SET` (role null) and `ALTER ROLE … IN DATABASE … SET`. */
  settings: { role: string | null; setting: string }[];
};

/** Null where there is no such database. https://www.postgresql.org/docs/current/catalog-pg-database.html */
export async function databaseProperties(session: Session, database: string): Promise<DatabaseProperties | null> {
  const { rows } = await session.query<{ d: Record<string, unknown> }>(
    `select to_jsonb(d) || jsonb_build_object(
              'oid_number', d.oid::int8, 'owner', pg_get_userbyid(datdba), 'encoding_name', pg_encoding_to_char(encoding),
              'tablespace', (select spcname from pg_tablespace t where t.oid = dattablespace),
              'comment', shobj_description(d.oid, 'pg_database')) as d
       from pg_database d where datname = $1`,
    [database],
  );
  const row = rows[0]?.d;
  if (row === undefined) return null;
  const text = (key: string): string | null => (typeof row[key] === 'string' ? row[key] : null);
  const oid = Number(row['oid_number']);
  return {
    oid,
    owner: text('owner') ?? '',
    encoding: text('encoding_name') ?? 'UTF8',
    collate: text('datcollate') ?? '',
    ctype: text('datctype') ?? '',
    provider: text('datlocprovider'),
    locale: text('datlocale') ?? text('daticulocale'),
    icuRules: text('daticurules'),
    tablespace: text('tablespace') ?? 'pg_default',
    connectionLimit: Number(row['datconnlimit'] ?? -1),
    isTemplate: row['datistemplate'] === true,
    allowsConnections: row['datallowconn'] !== false,
    comment: text('comment'),
    grants: row['datacl'] === null ? null : await grantsOf(session, oid),
    settings: await settingsOf(session, oid),
  };
}

async function grantsOf(session: Session, oid: number): Promise<NonNullable<DatabaseProperties['grants']>> {
  const { rows } = await session.query<{ grantee: string | null; privilege: string; grantable: boolean }>(
    `select case when a.grantee = 0 then null else pg_get_userbyid(a.grantee) end as grantee, a.privilege_type as privilege, bool_or(a.is_grantable) as grantable
       from pg_database d, aclexplode(d.datacl) a where d.oid = $1 group by 1, 2 order by 1, 2`,
    [oid],
  );
  return rows;
}

async function settingsOf(session: Session, oid: number): Promise<DatabaseProperties['settings']> {
  const { rows } = await session.query<{ role: string | null; setting: string }>(
    `select case when setrole = 0 then null else pg_get_userbyid(setrole) end as role, unnest(setconfig) as setting
       from pg_db_role_setting where setdatabase = $1`,
    [oid],
  );
  return rows;
}

/** `create database` with the old one's encoding, locale and tablespace. `major`: the server's. */
export function createLike(database: string, like: DatabaseProperties, major: number): string {
  const parts = [
    `create database ${name(database)} template template0 encoding ${literal(like.encoding)} lc_collate ${literal(like.collate)} lc_ctype ${literal(like.ctype)}`,
  ];
  if (like.provider === 'i' && major >= 15) {
    parts.push(`locale_provider icu icu_locale ${literal(like.locale ?? 'und')}`);
    if (like.icuRules !== null && major >= 16) parts.push(`icu_rules ${literal(like.icuRules)}`);
  } else if (like.provider === 'b' && major >= 17) parts.push(`locale_provider builtin builtin_locale ${literal(like.locale ?? 'C')}`);
  else if (major >= 15) parts.push('locale_provider libc');
  if (like.tablespace !== 'pg_default') parts.push(`tablespace ${name(like.tablespace)}`);
  return parts.join(' ');
}

/** The statements that give `database` what `like` has. The owner comes first: from then on rights are granted by it. */
export function likeStatements(database: string, like: DatabaseProperties): string[] {
  const target = name(database);
  const statements = [`alter database ${target} owner to ${name(like.owner)}`];
  if (like.grants !== null) {
    statements.push(`revoke all on database ${target} from public`, `revoke all on database ${target} from ${name(like.owner)}`);
    for (const grant of like.grants) {
      statements.push(
        `grant ${grant.privilege} on database ${target} to ${grant.grantee === null ? 'public' : name(grant.grantee)}${grant.grantable ? ' with grant option' : ''}`,
      );
    }
  }
  for (const { role, setting } of like.settings) {
    const equals = setting.indexOf('=');
    const who = role === null ? `database ${target}` : `role ${name(role)} in database ${target}`;
    statements.push(
      `alter ${who} set ${parameterName(setting.slice(0, equals))} to ${parameterValue(setting.slice(0, equals), setting.slice(equals + 1))}`,
    );
  }
  statements.push(`comment on database ${target} is ${like.comment === null ? 'null' : literal(like.comment)}`);
  statements.push(`alter database ${target} connection limit ${like.connectionLimit}`);
  if (like.isTemplate) statements.push(`alter database ${target} is_template true`);
  return statements;
}

const parameterName = (parameter: string): string => parameter.split('.').map(name).join('.');

/** Lists of names are stored with their quotes; each of them is a value of its own. As pg_dump does it (GUC_LIST_QUOTE). */
const listParameters = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

function parameterValue(parameter: string, value: string): string {
  if (!listParameters.has(parameter.toLowerCase())) return literal(value);
  const items = [...value.matchAll(/"((?:[^"]|"")*)"|([^\s,]+)/g)].map((match) =>
    literal(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"')),
  );
  return items.length === 0 ? "''" : items.join(', ');
}
