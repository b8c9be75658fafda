// Real dumps of a schema with everything that is awkward to dump, by every client on the machine.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createDatabase, dropDatabase, testServer } from '../../support/server.ts';

export type Client = { major: number; bin: string };

/** The server's own client programs, and those of other versions under the folder HOWDAH_TEST_CLIENTS. */
export function clients(): Client[] {
  const own = testServer().binDirectory;
  const others = process.env['HOWDAH_TEST_CLIENTS'] ?? '/opt/pg';
  const bins = [own, ...(existsSync(others) ? readdirSync(others).map((name) => join(others, name, 'bin')) : [])];
  const found = new Map<number, Client>();
  for (const bin of bins) {
    if (!existsSync(join(bin, 'pg_dump'))) continue;
    const major = Number(/(\d+)/.exec(execFileSync(join(bin, 'pg_dump'), ['--version'], { encoding: 'utf8' }))?.[1]);
    if (!found.has(major)) found.set(major, { major, bin });
  }
  return [...found.values()].toSorted((a, b) => a.major - b.major);
}

/** Runs a client program against the test server; gives back its standard output. */
export function run(client: Client, program: string, args: string[], input?: string): string {
  const { host, port, user, password } = testServer();
  const env = { ...process.env, LC_ALL: 'C', PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
  return execFileSync(join(client.bin, program), args, {
    env,
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
    timeout: 60_000,
  });
}

export type RichDumps = { database: string; folder: string; remove: () => Promise<void> };

export async function richDatabase(): Promise<RichDumps> {
  const database = await createDatabase();
  const client = await connect(database);
  try {
    await client.query(`DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'howdah_reader') THEN CREATE ROLE howdah_reader; END IF;
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'how dah"owner') THEN CREATE ROLE "how dah""owner"; END IF;
    END $$`);
    await client.query(schema);
    await client.query(rows);
  } finally {
    await client.end();
  }
  const folder = mkdtempSync(join(tmpdir(), 'howdah-dumps-'));
  return {
    database,
    folder,
    remove: async () => {
      rmSync(folder, { recursive: true, force: true });
      await dropDatabase(database);
    },
  };
}

/** pg_dump of the rich database into the folder; gives back the path. */
export function dump(client: Client, from: RichDumps, name: string, args: string[]): string {
  const path = join(from.folder, name);
  run(client, 'pg_dump', [...args, '--file', path, '--dbname', from.database]);
  return path;
}

/** Every format and compression that a client writes. */
export function formsOf(client: Client): [form: string, args: string[]][] {
  const forms: [string, string[]][] = [
    ['custom', ['-Fc']],
    ['custom-plain', ['-Fc', '-Z0']],
    ['directory', ['-Fd', '-j2']],
    ['directory-plain', ['-Fd', '-Z0']],
    ['tar', ['-Ft']],
    ['sql', ['-Fp']],
    ['create', ['-Fp', '--create', '--clean', '--if-exists']],
    ['inserts', ['-Fp', '--inserts']],
    ['many-inserts', ['-Fp', '--rows-per-insert=50']],
  ];
  if (client.major >= 16) {
    for (const method of ['lz4', 'zstd'])
      forms.push([`custom-${method}`, ['-Fc', `-Z${method}`]], [`directory-${method}`, ['-Fd', `-Z${method}`]]);
  }
  return forms;
}

/** A dump of each form. */
export function allDumps(client: Client, from: RichDumps): { name: string; path: string }[] {
  return formsOf(client).map(([form, args]) => ({
    name: `${form} by ${client.major}`,
    path: dump(client, from, `${form}-${client.major}`, args),
  }));
}

const schema = String.raw`
CREATE SCHEMA app; CREATE SCHEMA "Sch ema 🐘";
CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN app.email AS text CHECK (VALUE ~ '@');
CREATE TYPE app.pair AS (a int, b text);
CREATE TABLE app.customers (id serial PRIMARY KEY, email app.email UNIQUE, mood app.mood DEFAULT 'ok', p app.pair, blob bytea, note text);
CREATE TABLE app.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int REFERENCES app.customers,
  total numeric CHECK (total >= 0), placed date NOT NULL DEFAULT '2024-01-01');
CREATE TABLE app.a (id int PRIMARY KEY, b int);
CREATE TABLE app.b (id int PRIMARY KEY, a int REFERENCES app.a);
ALTER TABLE app.a ADD CONSTRAINT a_b_fk FOREIGN KEY (b) REFERENCES app.b DEFERRABLE;
CREATE TABLE app.events (id int, at date NOT NULL, what text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE app.events_2023 PARTITION OF app.events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE app.events_2024 PARTITION OF app.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX events_what ON app.events (what);
CREATE TABLE app."host=localhost" ("we ird" int PRIMARY KEY, "q""uote" text);
CREATE TABLE app."te xt; Type: TABLE" (id int);
CREATE TABLE app."customers more" (id int PRIMARY KEY);
CREATE TABLE "Sch ema 🐘"."tab le 🐘" (id int PRIMARY KEY, t text);
CREATE TABLE app.abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk (id int);
CREATE SEQUENCE app.shared_seq START 100;
CREATE TABLE app.uses_shared (id int DEFAULT nextval('app.shared_seq') PRIMARY KEY);
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.note := coalesce(NEW.note, '') || E'\\! not a shell'; RETURN NEW; END $f$;
CREATE TRIGGER customers_touch BEFORE UPDATE ON app.customers FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE FUNCTION app.twice(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN x > 0 THEN x * 2 ELSE 0 END; END;
CREATE FUNCTION app.count_customers() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM app.customers; END;
ALTER TABLE app.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.customers USING (true);
CREATE TABLE app.lookup (id int PRIMARY KEY);
CREATE POLICY see ON app.lookup USING (EXISTS (SELECT 1 FROM app.customers));
CREATE VIEW app.v AS SELECT id, email FROM app.customers;
CREATE MATERIALIZED VIEW app.mv AS SELECT count(*) AS n FROM app.customers;
CREATE RULE no_del AS ON DELETE TO app.lookup DO INSTEAD (SELECT 1; SELECT 2);
CREATE STATISTICS app.stx ON id, email FROM app.customers;
CREATE TABLE app.parent (id int); CREATE TABLE app.child (x int) INHERITS (app.parent);
COMMENT ON TABLE app.customers IS 'it''s; a comment \ with -- things';
COMMENT ON COLUMN app.customers.email IS 'mail';
COMMENT ON INDEX app.customers_pkey IS 'pk';
COMMENT ON TYPE app.mood IS 'm';
GRANT SELECT ON app.customers TO howdah_reader; GRANT SELECT (id) ON app.orders TO howdah_reader; GRANT USAGE ON SCHEMA app TO howdah_reader;
GRANT USAGE ON SCHEMA app TO "how dah""owner"; GRANT ALL ON app.a TO "how dah""owner"; ALTER TABLE app.b OWNER TO "how dah""owner";
`;

const rows = String.raw`
INSERT INTO app.customers (email, mood, blob, note)
  SELECT 'u' || i || '@x.org', 'happy', decode(md5(i::text), 'hex') || '\x0000'::bytea, E'tab\there \\ back\\. \n\\.\nline' || i FROM generate_series(1, 500) i;
INSERT INTO app.orders (customer_id, total) SELECT 1 + i % 500, i FROM generate_series(1, 5000) i;
INSERT INTO app.a VALUES (1, NULL); INSERT INTO app.b VALUES (1, 1); UPDATE app.a SET b = 1;
INSERT INTO app.events SELECT i, '2023-06-01'::date + (i % 500), 'what' || i FROM generate_series(1, 1000) i;
INSERT INTO app."host=localhost" VALUES (1, '\.'), (2, NULL), (3, ''), (4, E'\n'), (5, '''); DROP TABLE x; --'), (6, '\! touch /tmp/pwned');
INSERT INTO "Sch ema 🐘"."tab le 🐘" SELECT i, '🐘 ' || i FROM generate_series(1, 10) i;
INSERT INTO app.uses_shared DEFAULT VALUES;
SELECT lo_from_bytea(0, '\x00010203ff'); SELECT lo_from_bytea(0, decode(repeat('ab', 100000), 'hex'));
`;

/** Rows of each table, as they were put in. */
export const rowCounts: Record<string, number> = {
  'app.customers': 500,
  'app.orders': 5000,
  'app.a': 1,
  'app.b': 1,
  'app.events_2023': 428,
  'app.events_2024': 572,
  'app.host=localhost': 6,
  'Sch ema 🐘.tab le 🐘': 10,
  'app.uses_shared': 1,
};
