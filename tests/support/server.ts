// The one server of the run (started by global-setup.ts) and databases on it.
import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import pg from 'pg';

export type TestServer = {
  host: string;
  port: number;
  user: string;
  password: string;
  binDirectory: string;
  dataDirectory: string;
  socketDirectory: string;
};

/** How to reach the run's server as its superuser. */
export function testServer(): TestServer {
  return {
    host: variable('HOWDAH_TEST_PGHOST'),
    port: Number(variable('HOWDAH_TEST_PGPORT')),
    user: variable('HOWDAH_TEST_PGUSER'),
    password: variable('HOWDAH_TEST_PGPASSWORD'),
    binDirectory: variable('HOWDAH_TEST_PGBIN'),
    dataDirectory: variable('HOWDAH_TEST_PGDATA'),
    socketDirectory: variable('HOWDAH_TEST_PGSOCKET'),
  };
}

/** `postgresql://user:password@host:port/database` of the run's server. */
export function serverUrl(database: string, as: { user: string; password: string } = testServer()): string {
  const { host, port } = testServer();
  return `postgresql://${encodeURIComponent(as.user)}:${encodeURIComponent(as.password)}@${host}:${port}/${encodeURIComponent(database)}`;
}

/** A connected client; the caller ends it. */
export async function connect(database = 'postgres', as: { user: string; password: string } = testServer()): Promise<pg.Client> {
  const { host, port } = testServer();
  const client = new pg.Client({ host, port, user: as.user, password: as.password, database });
  await client.connect();
  return client;
}

/** Runs statements and gives back the rows of the last one. */
export async function sql<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  database: string,
  text: string,
  values?: unknown[],
): Promise<Row[]> {
  const client = await connect(database);
  try {
    const result = (await client.query<Row>(text, values)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
    return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
  } finally {
    await client.end();
  }
}

/** A new database under a name of its own, filled by `statements`. */
export async function createDatabase(statements = '', name = `t_${randomBytes(6).toString('hex')}`): Promise<string> {
  await copyDatabase('template0', name);
  if (statements !== '') await sql(name, statements);
  return name;
}

/** A copy of a database that nobody is connected to. */
export async function copyDatabase(template: string, name = `t_${randomBytes(6).toString('hex')}`): Promise<string> {
  const names = [name, template].map((one) => pg.escapeIdentifier(one));
  await administer(async (session) => {
    // Copying files costs less than half of what writing them through the log does; before version 15 there is no choice.
    const { rows } = await session.query<{ may: boolean }>("SELECT current_setting('server_version_num')::int >= 150000 AS may");
    await session.query(`CREATE DATABASE ${names.join(' TEMPLATE ')}${rows[0]?.may === true ? ' STRATEGY file_copy' : ''}`);
  });
  return name;
}

/** Ends every session and drops it; nothing happens where there is none of that name. */
export async function dropDatabase(name: string): Promise<void> {
  await administer((session) => session.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`));
}

/** A login role with a password; dropped by the caller or with the server. */
export async function createRole(options = '', name = `r_${randomBytes(6).toString('hex')}`): Promise<{ user: string; password: string }> {
  const password = randomBytes(9).toString('hex');
  await administer((session) => session.query(`CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN PASSWORD '${password}' ${options}`));
  return { user: name, password };
}

type Administrator = { port: number; socket: Socket; session: pg.Client; uses: number };
let administrator: Promise<Administrator> | null = null;

/** Works in a session of this process that is kept: to connect costs more than most of what is asked for. It keeps no
 * process alive, and goes with the server. */
async function administer<T>(work: (session: pg.Client) => Promise<T>): Promise<T> {
  const opening = (administrator ??= openAdministrator());
  const current = await opening.catch((thrown: unknown) => {
    if (administrator === opening) administrator = null;
    throw thrown;
  });
  if (current.port !== testServer().port) {
    // A file of another server runs in this process now.
    if (administrator === opening) administrator = null;
    await current.session.end();
    return administer(work);
  }
  if (current.uses++ === 0) current.socket.ref();
  try {
    return await work(current.session);
  } finally {
    if (--current.uses === 0) current.socket.unref();
  }
}

async function openAdministrator(): Promise<Administrator> {
  const { host, port, user, password } = testServer();
  const socket = new Socket();
  const session = new pg.Client({ host, port, user, password, database: 'postgres', stream: () => socket });
  const forget = (): void => void (administrator = null);
  session.on('error', forget);
  session.on('end', forget);
  await session.connect();
  socket.unref();
  return { port, socket, session, uses: 0 };
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: tests run under vitest with tests/support/global-setup.ts`);
  return value;
}
