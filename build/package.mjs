// `npm run package -- --linux dir`: the installable program in release/. Without arguments: an unpacked one for this system.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, fail, root, say, underProjectNode } from './setup.mjs';

ensureDependencies();
await underProjectNode();
const { bundle, external } = await import('./bundle.mjs');
await bundle();

const builder = await import('electron-builder');
const words = process.argv.slice(2);
const systems = { linux: builder.Platform.LINUX, mac: builder.Platform.MAC, win: builder.Platform.WINDOWS };
const here = { linux: 'linux', darwin: 'mac', win32: 'win' }[process.platform];
const wanted = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2));
const unknown = wanted.filter((name) => !(name in systems));
if (unknown.length > 0)
  fail(`Unknown: --${unknown.join(' --')}. Known: --linux --mac --win, each followed by targets such as dir, AppImage, deb, dmg or nsis.`);
const kinds = words.filter((word) => !word.startsWith('--'));
const targets = new Map(
  (wanted.length === 0 ? [here] : wanted).flatMap((name) => [
    ...systems[name].createTarget(kinds.length > 0 ? kinds : wanted.length === 0 ? ['dir'] : null, builder.Arch[process.arch]),
  ]),
);

const localElectron = process.env.ELECTRON_OVERRIDE_DIST_PATH;
const config = {
  extends: join(root, 'electron-builder.yml'),
  files: [...leftOut().map((name) => `!node_modules/${name}/**`), ...foreignBinaries()],
  // A distribution that was named by hand may hold Electron's own start page.
  afterPack: ({ appOutDir, packager }) => rmSync(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true }),
  ...(localElectron ? { electronDist: localElectron, electronVersion: readFileSync(join(localElectron, 'version'), 'utf8').trim() } : {}),
};
if (localElectron) say(`Packaging with the Electron in ${localElectron}.`);
rmSync(join(root, 'release'), { recursive: true, force: true });
try {
  await builder.build({ projectDir: root, targets, config, publish: 'never' });
} catch (error) {
  fail(`Packaging failed: ${error.message}`);
}

/** better-sqlite3's sources, and its binaries for systems that are not packaged for. */
function foreignBinaries() {
  const prefixes = { linux: 'linux', mac: 'darwin', win: 'win32' };
  const kept = (wanted.length === 0 ? [here] : wanted).map((name) => prefixes[name]);
  const folder = 'node_modules/better-sqlite3';
  const foreign = readdirSync(join(root, folder, 'prebuilds')).filter((name) => !kept.some((prefix) => name.startsWith(prefix)));
  return [`!${folder}/{src,deps}/**`, `!${folder}/binding.gyp`, ...foreign.map((name) => `!${folder}/prebuilds/${name}`)];
}

/** Packages that the bundles already hold: all but the external ones and what those need at run time. */
function leftOut() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const keep = new Set();
  const add = (name) => {
    const entry = packages[`node_modules/${name}`];
    if (keep.has(name) || entry === undefined) return;
    keep.add(name);
    for (const needed of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) add(needed);
  };
  for (const name of external) add(name);
  // Needed to compile it, not to run it.
  keep.delete('node-addon-api');
  return Object.entries(packages)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !path.slice(13).includes('node_modules/') && !entry.dev)
    .map(([path]) => path.slice('node_modules/'.length))
    .filter((name) => !keep.has(name) && existsSync(join(root, 'node_modules', name)));
}
