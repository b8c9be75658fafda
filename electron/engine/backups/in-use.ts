// Which backups something still needs: a job that reads or makes them, a restore that runs, an undo that is possible.
import type { Sqlite } from '../catalog/open.ts';

const jobUses = `
  select subject_id as backup_id, title as why from jobs where status in ('queued', 'running') and subject_id is not null
  union all
  select r.backup_id, j.title from job_reads r join jobs j on j.id = r.job_id where j.status in ('queued', 'running')
  union all
  select b.id, j.title from jobs j join backups b on b.job_id = j.id where j.status in ('queued', 'running') and b.status = 'running'
  union all
  select json_extract(r.body, '$.source'), 'Restore of ' || r.database from restores r where r.status = 'running'
  union all
  select json_extract(r.body, '$.safetyBackupId'), 'Restore of ' || r.database from restores r
   where r.status = 'running' and json_extract(r.body, '$.safetyBackupId') is not null`;

// Where the old database is kept aside, the undo swaps names and needs no backup.
const undoUses = `
  select json_extract(r.body, '$.safetyBackupId'), 'Undo of the restore ' || r.id from restores r
   where r.undo = 'possible' and json_extract(r.body, '$.safetyBackupId') is not null
     and json_extract(r.body, '$.previousDatabase') is null`;

/** Writes down that a job reads a backup that is not its subject: in one transaction with the job. */
export function noteRead(catalog: Sqlite, jobId: string, backupId: string): void {
  catalog.prepare("delete from job_reads where job_id not in (select id from jobs where status in ('queued', 'running'))").run();
  catalog.prepare('insert or ignore into job_reads (job_id, backup_id) values (?, ?)').run(jobId, backupId);
}

/** The title of a job or restore that uses it now; null: none. */
export function usedByJob(catalog: Sqlite, id: string): string | null {
  return catalog.prepare<[string], { why: string }>(`select why from (${jobUses}) where backup_id = ? limit 1`).get(id)?.why ?? null;
}

/** As `usedByJob`; also the restore that could not be undone without it. */
export function neededBy(catalog: Sqlite, id: string): string | null {
  return (
    catalog.prepare<[string], { why: string }>(`select why from (${jobUses} union all ${undoUses}) where backup_id = ? limit 1`).get(id)
      ?.why ?? null
  );
}

/** Ids of all backups that `neededBy` would name. */
export function backupsNeeded(catalog: Sqlite): Set<string> {
  const rows = catalog.prepare<[], { backup_id: string | null }>(`select backup_id from (${jobUses} union all ${undoUses})`).all();
  return new Set(rows.flatMap(({ backup_id }) => backup_id ?? []));
}
