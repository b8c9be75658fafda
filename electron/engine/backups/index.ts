import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backup, LogLine } from '../../../shared/contract/backups.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { logStart, readJobLog } from '../jobs/log-file.ts';
import { onDatabase } from '../postgres/connection.ts';
import { exportBackups } from './export.ts';
import { readManifest } from './manifest.ts';
import { setPinned } from './pin.ts';
import { describePlan, prepareBackup } from './prepare.ts';
import { removeBackup } from './remove.ts';
import { rescan } from './rescan.ts';
import { startBackup } from './start.ts';
import { backupStore } from './store.ts';
import { logFileName } from './verify-folder.ts';
import { startVerify } from './verify.ts';

export function backupsHandlers(os: Implementer, context: EngineContext) {
  const store = backupStore(context.catalog);
  return os.backups.router({
    list: os.backups.list.handler(({ input }) => {
      const page = store.list(input);
      return { ...page, backups: page.backups.map((backup) => looked(context, backup)) };
    }),
    get: os.backups.get.handler(({ input }) => looked(context, store.get(input.id))),
    manifest: os.backups.manifest.handler(async ({ input }) => await readManifest(folderOf(store.get(input.id)))),
    log: os.backups.log.handler(async ({ input }) => ({ lines: await logOf(context, store.get(input.id)) })),
    plan: os.backups.plan.handler(async ({ input }) => {
      const target = await context.profiles.target(input.profileId);
      const prepared = await prepareBackup(
        context,
        input.profileId,
        onDatabase(target, input.options.database ?? target.database),
        input.options,
      );
      return describePlan(prepared);
    }),
    start: os.backups.start.handler(({ input }) => startBackup(context, { ...input, origin: 'manual' })),
    verify: os.backups.verify.handler(({ input }) => startVerify(context, input)),
    setLabel: os.backups.setLabel.handler(({ input }) => {
      const backup = store.setLabel(input.id, input.label);
      context.events.emit({ kind: 'catalogChanged' });
      return backup;
    }),
    setPinned: os.backups.setPinned.handler(async ({ input }) => {
      const backup = await setPinned(context, input.id, input.pinned);
      context.events.emit({ kind: 'catalogChanged' });
      return looked(context, backup);
    }),
    remove: os.backups.remove.handler(async ({ input }) => await removeBackup(context, input.id, input.confirm)),
    rescan: os.backups.rescan.handler(async ({ input }) => await rescan(context, input.directory)),
    export: os.backups.export.handler(({ input }) => exportBackups(context, input.as, input.filter ?? {})),
  });
}

/** A folder may have been moved away since; the list should not claim otherwise. */
function looked(context: EngineContext, backup: Backup): Backup {
  if (backup.status !== 'succeeded') return backup;
  const present = existsSync(backup.directory);
  if (present !== backup.present) backupStore(context.catalog).setPresent(backup.id, present);
  return { ...backup, present };
}

function folderOf(backup: Backup): string {
  if (backup.status === 'succeeded') return backup.directory;
  throw new HowdahError('BAD_INPUT', `The backup ${backup.id} did not succeed (${backup.status}), so it has no manifest.`, {
    hint: 'Its log says why.',
  });
}

/** The job's own log where it is still there, else the copy in the backup's folder. */
async function logOf(context: EngineContext, backup: Backup): Promise<LogLine[]> {
  if (backup.jobId !== null) {
    const lines = readJobLog(context.ports.homeDirectory, backup.jobId, logStart());
    if (lines.length > 0) return lines;
  }
  if (backup.status !== 'succeeded') return [];
  const text = await readFile(join(backup.directory, logFileName), 'utf8').catch(() => '');
  return parseLog(text);
}

/** `2026-11-20T22:27:05.123Z info    text`; a line without a time belongs to the one before. */
export function parseLog(text: string): LogLine[] {
  const lines: LogLine[] = [];
  for (const raw of text.split('\n')) {
    const match = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (info|warning|error) +(.*)$/.exec(raw);
    const last = lines.at(-1);
    if (match !== null)
      lines.push({ sequence: lines.length + 1, at: match[1] ?? '', level: match[2] as LogLine['level'], text: match[3] ?? '' });
    else if (last !== undefined && raw !== '') last.text += `\n${raw}`;
  }
  return lines;
}
