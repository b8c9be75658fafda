// Client programs of a newer PostgreSQL than this Debian carries: packages of a later release, from the mirror that apt
// already uses, checked by apt, unpacked with the C library that they were built for.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './must.mjs';
import { say } from './setup.mjs';

/** The Debian releases that carry each major, the steadiest first. */
export const clientSuites = { 17: ['trixie'], 18: ['forky', 'sid'] };

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Unpacks into `folder`; gives the part of it that is wanted: `bin`, and what its programs need. */
export function unpackClients(major, folder) {
  const mirror = debianMirror();
  say(`Getting the client programs of PostgreSQL ${major} …`);
  let failure;
  for (const suite of clientSuites[major]) {
    try {
      const root = join(folder, suite);
      download(mirror, suite, `postgresql-client-${major}`, join(folder, `${suite}-apt`), join(root, 'root'));
      writeStarters(root, major);
      must(join(root, 'bin', 'pg_dump'), ['--version']);
      return root;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function debianMirror() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!/^ID=debian$/m.test(release) || !existsSync('/usr/bin/apt-get') || !existsSync(keyring))
    throw new Error('they are taken from Debian, and this is none');
  const folder = '/etc/apt/sources.list.d';
  const files = [...readdirSync(folder).map((name) => join(folder, name)), '/etc/apt/sources.list'].filter((file) => existsSync(file));
  for (const file of files) {
    const found = /^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(\S+\/debian\/?)(?:\s|$)/m.exec(readFileSync(file, 'utf8'));
    if (found !== null) return found[1];
  }
  throw new Error('apt knows no Debian mirror');
}

/** Into a state of its own: the system's lists and packages stay as they are. */
function download(mirror, suite, wanted, work, root) {
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'parts']) mkdirSync(join(work, name), { recursive: true });
  mkdirSync(root, { recursive: true });
  writeFileSync(join(work, 'status'), '');
  writeFileSync(join(work, 'later.sources'), `Types: deb\nURIs: ${mirror}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`);
  const options = [
    '-qq',
    `-oDir::Etc::sourcelist=${join(work, 'later.sources')}`,
    `-oDir::Etc::sourceparts=${join(work, 'parts')}`,
    `-oDir::State=${join(work, 'state')}`,
    `-oDir::State::status=${join(work, 'status')}`,
    `-oDir::Cache=${join(work, 'cache')}`,
    '-oAPT::Install-Recommends=false',
    '-oAPT::Sandbox::User=',
    '-oAcquire::Languages=none',
    '-oDebug::NoLocking=1',
  ];
  must('apt-get', [...options, 'update']);
  must('apt-get', [...options, '-y', '--download-only', 'install', wanted]);
  const archives = join(work, 'cache', 'archives');
  for (const name of readdirSync(archives)) {
    // What the programs are configured with, not what they are made of.
    if (!name.endsWith('.deb') || /^(perl|libperl|debconf|netbase|sensible-utils|ssl-cert|postgresql-client-common)/.test(name)) continue;
    must('dpkg-deb', ['-x', join(archives, name), root]);
  }
}

/** Each program is started by the loader that came with it, under its own name: pg_dumpall looks for pg_dump beside itself. */
function writeStarters(folder, major) {
  const programs = join('usr', 'lib', 'postgresql', String(major), 'bin');
  const libraries = readdirSync(join(folder, 'root', 'usr', 'lib')).find((name) => name.endsWith('-linux-gnu')) ?? '';
  const loader = readdirSync(join(folder, 'root', 'usr', 'lib', libraries)).find((name) => /^ld-linux.*\.so/.test(name));
  if (loader === undefined) throw new Error('the packages hold no loader');
  mkdirSync(join(folder, 'bin'));
  for (const name of readdirSync(join(folder, 'root', programs))) {
    const path = join(folder, 'bin', name);
    writeFileSync(
      path,
      `#!/bin/sh\nroot="\${0%/bin/*}/root"\nlib="$root/usr/lib/${libraries}"\nexec "$lib/${loader}" --argv0 "$0" --library-path "$lib" "$root/${programs}/${name}" "$@"\n`,
    );
    chmodSync(path, 0o755);
  }
}
