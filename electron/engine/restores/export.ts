// The history of restores as CSV.
import type { RowEffects } from '../../../shared/contract/previews.ts';
import type { Restore, RestoreFilter } from '../../../shared/contract/restores.ts';
import type { EngineContext } from '../context.ts';
import { csvText, type CsvColumn } from '../csv.ts';
import { restoreStore } from './store.ts';

const columns: CsvColumn<Restore>[] = [
  ['id', (restore) => restore.id],
  ['profile', (restore) => restore.profile],
  ['database', (restore) => restore.database],
  ['mode', (restore) => restore.mode],
  ['status', (restore) => restore.status],
  ['source', (restore) => restore.source],
  ['tables', (restore) => restore.tables.map((table) => `${table.schema}.${table.table}`).join(' ')],
  ['started_at', (restore) => restore.startedAt],
  ['finished_at', (restore) => ('finishedAt' in restore ? restore.finishedAt : '')],
  ['duration_ms', (restore) => ('durationMs' in restore ? restore.durationMs : '')],
  ['rows', (restore) => (restore.status === 'succeeded' ? (restore.rowsRestored ?? '') : '')],
  ['created', (restore) => effect(restore, 'created')],
  ['updated', (restore) => effect(restore, 'updated')],
  ['deleted', (restore) => effect(restore, 'deleted')],
  ['skipped', (restore) => effect(restore, 'skipped')],
  ['dry_run', (restore) => (restore.dryRun ? 'yes' : '')],
  ['safety_backup', (restore) => restore.safetyBackupId ?? ''],
  ['kept_aside', (restore) => restore.previousDatabase ?? ''],
  ['undo', (restore) => restore.undo],
  ['error_code', (restore) => ('error' in restore ? restore.error.code : '')],
  ['error', (restore) => ('error' in restore ? restore.error.message : '')],
];

const effect = (restore: Restore, which: keyof RowEffects): number | string =>
  restore.status === 'succeeded' && restore.rows !== null ? restore.rows[which] : '';

/** Everything that the filter matches, without its page. */
export function exportRestores(context: EngineContext, filter: RestoreFilter): { fileName: string; text: string } {
  const { restores } = restoreStore(context).list({ ...filter, offset: 0, limit: Number.MAX_SAFE_INTEGER });
  return { fileName: 'restores.csv', text: csvText(columns, restores) };
}
