import { join } from 'node:path';
import { app } from 'electron';

/** Where the built parts lie: the same below a checkout and inside the packaged archive. */
export const places = {
  page: (): string => join(app.getAppPath(), 'dist', 'renderer'),
  preload: (): string => join(app.getAppPath(), 'dist', 'preload.cjs'),
  resource: (...names: string[]): string => join(app.getAppPath(), 'resources', ...names),
};
