import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './home.ts';
import { testServer } from './server.ts';

export type SlowClient = {
  /** For a profile's `clientDirectory`. */
  clientDirectory: string;
  letGo: () => void;
};

/** Client programs whose pg_dump is a script that waits for a file before it becomes the real one. */
export function slowClient(): SlowClient {
  const { binDirectory } = testServer();
  const clientDirectory = temporaryDirectory('clients');
  const goFile = join(clientDirectory, 'go');
  for (const program of ['pg_restore', 'psql', 'pg_dumpall']) symlinkSync(join(binDirectory, program), join(clientDirectory, program));
  const wait = `case "$*" in *--version*|*-V*) ;; *) while [ ! -e '${goFile}' ]; do sleep 0.05; done ;; esac`;
  writeFileSync(join(clientDirectory, 'pg_dump'), `#!/bin/sh\n${wait}\nexec '${join(binDirectory, 'pg_dump')}' "$@"\n`, { mode: 0o755 });
  return { clientDirectory, letGo: () => writeFileSync(goFile, '') };
}
