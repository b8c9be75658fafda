// The history as text: CSV for spreadsheets (RFC 4180), JSON for programs.
import type { Backup } from '../../../shared/contract/backups.ts';
import type { EngineContext } from '../context.ts';
import { csvText, type CsvColumn } from '../csv.ts';
import { backupStore, type LooseFilter } from './store.ts';

const columns: CsvColumn<Backup>[] = [
  ['id', (backup) => backup.id],
  ['profile', (backup) => backup.profile],
  ['database', (backup) => backup.database],
  ['status', (backup) => backup.status],
  ['origin', (backup) => backup.origin],
  ['label', (backup) => backup.label],
  ['started_at', (backup) => backup.startedAt],
  ['finished_at', (backup) => ('finishedAt' in backup ? backup.finishedAt : '')],
  ['duration_ms', (backup) => ('durationMs' in backup ? backup.durationMs : '')],
  ['size_bytes', (backup) => (backup.status === 'succeeded' ? backup.sizeBytes : '')],
  ['format', (backup) => (backup.status === 'succeeded' ? backup.format : '')],
  ['compression', (backup) => (backup.status === 'succeeded' ? backup.compression : '')],
  ['quick', (backup) => (backup.status === 'succeeded' ? String(backup.quick) : '')],
  ['tables', (backup) => (backup.status === 'succeeded' ? backup.tables : '')],
  ['rows', (backup) => (backup.status === 'succeeded' ? (backup.rows ?? '') : '')],
  ['server_version', (backup) => (backup.status === 'succeeded' ? backup.serverVersion : '')],
  ['client_version', (backup) => (backup.status === 'succeeded' ? backup.clientVersion : '')],
  ['verified_at', (backup) => (backup.status === 'succeeded' ? (backup.verification?.at ?? '') : '')],
  ['verified_ok', (backup) => (backup.status === 'succeeded' ? String(backup.verification?.ok ?? '') : '')],
  ['directory', (backup) => (backup.status === 'succeeded' ? backup.directory : '')],
  ['error_code', (backup) => ('error' in backup ? backup.error.code : '')],
  ['error', (backup) => ('error' in backup ? backup.error.message : '')],
];

/** The whole history, or what the filter matches (without its page). */
export function exportBackups(context: EngineContext, as: 'csv' | 'log', filter: LooseFilter): { fileName: string; text: string } {
  const backups = backupStore(context.catalog).each(filter);
  if (as === 'csv') return { fileName: 'backups.csv', text: csvText(columns, backups) };
  const text = JSON.stringify(
    { formatVersion: 1, writtenAt: new Date(context.ports.clock()).toISOString(), backups: [...backups] },
    null,
    2,
  );
  return { fileName: 'backup_log.json', text: `${text}\n` };
}
