// README.txt of a backup folder: how to restore this very backup with PostgreSQL's own tools.
import type { Manifest } from './manifest.ts';
import { slug } from './names.ts';

export const readmeFileName = 'README.txt';
export const hashesFileName = 'SHA256SUMS';

/** For `sha256sum --check SHA256SUMS`. */
export const hashesText = (artifacts: Manifest['artifacts']): string =>
  artifacts.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('');

/** A word for a POSIX shell. */
const word = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;

export function readmeText(manifest: Manifest, main: string): string {
  // A plain name of its own: no tool can read it as anything but a name.
  const target = `restored_${slug(manifest.database)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '_')}`;
  const { server } = manifest;
  const locale = [
    server.encoding === '' ? '' : ` --encoding=${word(server.encoding)}`,
    server.collate === '' ? '' : ` --lc-collate=${word(server.collate)}`,
    server.ctype === '' ? '' : ` --lc-ctype=${word(server.ctype)}`,
  ].join('');
  const hasGlobals = manifest.artifacts.some((artifact) => artifact.name === 'globals.sql');
  const lines = [
    `Backup of the database ${manifest.database} from ${server.host}:${server.port}, made ${manifest.startedAt} (UTC).`,
    `Server ${server.version}; written by pg_dump ${manifest.client.version}: use pg_restore or psql of that version or newer.`,
    ...(manifest.quick
      ? ['', 'QUICK BACKUP: the rows of some tables were left out on purpose; manifest.json names them (dataExcluded).']
      : []),
    '',
    "This folder needs no program but PostgreSQL's own (and zstd or gzip where a name ends in .zst or .gz).",
    'Run the commands inside this folder. Add -h, -p and -U to reach your server.',
    '',
    '1. See that nothing has changed since the backup was made:',
    '',
    `   sha256sum --check ${hashesFileName}`,
    '',
    ...(hasGlobals
      ? [
          '2. Where roles or tablespaces are missing at the target (roles come without passwords; roles that exist give harmless errors):',
          '',
          '   psql -X -f globals.sql postgres',
          '',
        ]
      : []),
    `${hasGlobals ? 3 : 2}. Make an empty database and restore into it:`,
    '',
    `   createdb --template=template0${locale} ${target}`,
    ...restoreCommands(manifest, main, target).map((command) => `   ${command}`),
    '',
    ...(manifest.extensions.length > 0
      ? [
          `Extensions that the server must offer: ${manifest.extensions.map((extension) => `${extension.name} ${extension.version}`).join(', ')}.`,
        ]
      : []),
    ...(manifest.roles.length > 0
      ? [`Roles that own things or hold rights: ${manifest.roles.join(', ')}. Without them, add --no-owner --no-acl.`]
      : []),
    'manifest.json lists every table with its number of rows, to compare with afterwards.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function restoreCommands(manifest: Manifest, main: string, target: string): string[] {
  const restore = `pg_restore --exit-on-error --dbname=${target}`;
  const script = `psql -X --set=ON_ERROR_STOP=1 --single-transaction --dbname=${target}`;
  const unpack = main.endsWith('.zst')
    ? `zstd -dc ${main} | `
    : main.endsWith('.gz')
      ? `gzip -dc ${main} | `
      : main.endsWith('.lz4')
        ? `lz4 -dc ${main} | `
        : '';
  switch (manifest.format) {
    case 'directory':
      return [`${restore} --jobs=2 ${main}`];
    case 'plain':
      return [unpack === '' ? `${script} --file=${main}` : `${unpack}${script}`];
    case 'custom':
      return unpack === ''
        ? [`${restore} --jobs=2 ${main}`]
        : [
            `${unpack}${restore}`,
            `(or, in parallel: zstd -d ${main} && ${restore} --jobs=2 ${main.replace(/\.\w+$/, '')})`.replace(
              'zstd -d',
              main.endsWith('.gz') ? 'gunzip -k' : 'zstd -d',
            ),
          ];
    case 'tar':
      return [unpack === '' ? `${restore} ${main}` : `${unpack}${restore} --format=tar`];
    default:
      return manifest.format satisfies never;
  }
}
