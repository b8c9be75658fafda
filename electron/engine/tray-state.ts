import { backupOptions } from '../../shared/contract/backups.ts';
import { startBackup } from './backups/start.ts';
import type { EngineContext } from './context.ts';

export type TrayState = { kind: 'idle' | 'running' | 'attention'; text: string };

/** What the tray says: work in hand, else whether the newest backup of anything failed. */
export function trayStateOf(context: EngineContext): TrayState {
  const running = context.jobs.store.list(true, 100).filter((job) => job.status === 'running');
  const first = running[0];
  if (first !== undefined) return { kind: 'running', text: running.length === 1 ? first.title : `${running.length} jobs running` };
  const last = context.catalog
    .prepare<[], { status: string; database: string; finished_at: string | null }>(
      'select status, database, finished_at from backups order by started_at desc limit 1',
    )
    .get();
  if (last === undefined) return { kind: 'idle', text: 'No backup yet' };
  if (last.status === 'succeeded') return { kind: 'idle', text: `Last backup of ${last.database}: good` };
  return { kind: 'attention', text: `Last backup of ${last.database}: ${last.status}` };
}

/** Repeats the newest manual backup's profile and database with its profile's defaults. */
export async function backUpAgain(context: EngineContext): Promise<void> {
  const last = context.catalog
    .prepare<[], { profile_id: string; database: string }>(
      'select b.profile_id, b.database from backups b join profiles p on p.id = b.profile_id order by b.started_at desc limit 1',
    )
    .get();
  const only = context.profiles.list();
  const profileId = last?.profile_id ?? (only.length === 1 ? only[0]?.id : undefined);
  if (profileId === undefined) {
    context.events.emit({ kind: 'navigate', page: 'backups' });
    return;
  }
  await startBackup(context, {
    profileId,
    options: backupOptions.parse(last === undefined ? {} : { database: last.database }),
    origin: 'manual',
  });
}
