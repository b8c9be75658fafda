import { oc } from '@orpc/contract';
import { z } from 'zod';

export const settings = z.object({
  /** Where backup folders go; `<folder>/<profile>/<database>/<time>_<id>`. */
  backupDirectory: z.string().min(1),
  jobsPerServer: z.number().int().min(1).max(16),
  jobsInAll: z.number().int().min(1).max(32),
  /** Seconds without any sign of progress after which a client program is stopped. */
  stuckAfterSeconds: z.number().int().min(30).max(86_400),
  colourScheme: z.enum(['auto', 'light', 'dark']),
  closeToTray: z.boolean(),
  /** Into the tray, without a window. Only the desktop program can. */
  startAtLogin: z.boolean(),
});
export type Settings = z.infer<typeof settings>;

export const settingsContract = {
  get: oc.route({ method: 'GET', path: '/settings' }).output(settings),
  /** Errors: FOLDER_NOT_WRITABLE, BAD_INPUT. */
  set: oc.route({ method: 'PUT', path: '/settings' }).input(settings.partial()).output(settings),
};
