import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { openedFile } from './dumps.ts';

export const appInfo = z.object({
  version: z.string(),
  host: z.enum(['desktop', 'browser', 'command-line', 'agent']),
  platform: z.string(),
  homeDirectory: z.string(),
  /** Where passwords go; `warning` is shown as it is. */
  secrets: z.object({ store: z.enum(['keychain', 'encrypted-file', 'memory']), warning: z.string().nullable() }),
  /** What was settled at this start: interrupted jobs, removed leftovers. */
  settled: z.array(z.string()),
});
export type AppInfo = z.infer<typeof appInfo>;

/** What the host tells the page. */
export const appEvent = z.discriminatedUnion('kind', [
  /** A dump was dropped, opened with, or named on the command line: show it on the restore page. */
  z.object({ kind: z.literal('fileOpened'), file: openedFile }),
  /** The user wants to leave while jobs run: ask. */
  z.object({
    kind: z.literal('quitAsked'),
    runningJobs: z.number(),
    /** Schedules that will not run while the program is closed; 0 where another process runs them. */
    schedules: z.number(),
  }),
  z.object({
    kind: z.literal('navigate'),
    page: z.enum(['backups', 'restore', 'schedules', 'retention', 'messages', 'profiles', 'activity', 'settings']),
    /** What to open on it: a run's, backup's or schedule's id. */
    id: z.string().optional(),
  }),
  /** Rows of the catalog changed: refetch lists. */
  z.object({ kind: z.literal('catalogChanged') }),
]);
export type AppEvent = z.infer<typeof appEvent>;

export const appContract = {
  info: oc.route({ method: 'GET', path: '/app' }).output(appInfo),
  events: oc.route({ method: 'GET', path: '/app/events' }).output(eventIterator(appEvent)),
  /** The page's answer to `quitAsked`. Desktop only. */
  answerQuit: oc
    .route({ method: 'POST', path: '/app/quit' })
    .input(z.object({ answer: z.enum(['stay', 'cancelJobsAndQuit']) }))
    .output(z.object({ done: z.literal(true) })),
  /** Opens the system's folder picker (desktop), or null where there is none or it was dismissed. */
  chooseDirectory: oc.route({ method: 'POST', path: '/app/choose-directory' }).output(z.object({ path: z.string().nullable() })),
  chooseDumpFile: oc.route({ method: 'POST', path: '/app/choose-dump-file' }).output(z.object({ file: openedFile.nullable() })),
  /** Shows a backup's folder in the system's file manager. Desktop only (FORBIDDEN elsewhere). */
  showBackupFolder: oc
    .route({ method: 'POST', path: '/app/show-backup-folder' })
    .input(z.object({ backupId: z.string() }))
    .output(z.object({ shown: z.boolean() })),
};
