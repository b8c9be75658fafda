import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A file of resources/templates: beside `dist`, in a checkout as in the packaged program's archive (which file functions
 * read as a folder), or beside the sources' folder `electron`. */
export function templateFile(name: 'message.html' | 'message.txt'): string {
  const roots = [join(import.meta.dirname, '..'), join(import.meta.dirname, '..', '..', '..')];
  const found = roots.map((root) => join(root, 'resources', 'templates', name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`the template ${name} is missing from this installation`);
  return found;
}
