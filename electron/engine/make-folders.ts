// Node's own `mkdir({ recursive: true })` never returns where the file system answers ENOENT for a name below a folder
// that exists (/proc, some automounts): it would hang the whole program over one mistyped path.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes a folder and what is missing above it, each with mode 0700. Throws Node's own error (EACCES, ENOENT, ENOTDIR, EEXIST …). */
export function makeFolders(folder: string): void {
  const missing: string[] = [];
  let at = resolve(folder);
  while (!isFolder(at) && dirname(at) !== at) {
    missing.push(at);
    at = dirname(at);
  }
  for (const path of missing.reverse()) {
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (thrown) {
      // Another process may have made it in between.
      if (!isFolder(path)) throw thrown;
    }
  }
}

/** False also where it cannot be looked at: making it then says why. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
