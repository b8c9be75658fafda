// What the catalog knows around a run: the server's address, its databases, the schedule's zone. Reads only, synchronously.
import type { BackupOptions } from '../../../shared/contract/backups.ts';
import type { ScheduledRun, ScheduleFields } from '../../../shared/contract/schedules.ts';
import type { ErrorReport } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import { resolveTarget, type Target } from '../postgres/target.ts';
import type { Profiles } from '../profiles/profiles.ts';

export type BackupOfRun = {
  backupId: string;
  database: string;
  status: string;
  durationMs: number | null;
  sizeBytes: number | null;
  error: ErrorReport | null;
};

export type Surroundings = ReturnType<typeof surroundings>;

export function surroundings(catalog: Sqlite, profiles: Profiles) {
  const machineZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const fieldsOf = catalog.prepare<[string], { fields: string }>('select fields from schedules where id = ?');
  const backupById = catalog.prepare<
    [string],
    { database: string; profile_id: string | null; duration_ms: number | null; size_bytes: number | null; error: string | null }
  >('select database, profile_id, duration_ms, size_bytes, error from backups where id = ?');

  const scheduleFields = (id: string): ScheduleFields | null => {
    const row = fieldsOf.get(id);
    return row === undefined ? null : (JSON.parse(row.fields) as ScheduleFields);
  };
  /** Null: the profile is gone, or the service that it names is not defined here. */
  const targetOf = (profileId: string | null): Target | null => {
    const profile = profileId === null ? null : profiles.find(profileId);
    if (profile === null) return null;
    try {
      return resolveTarget(profile, null);
    } catch {
      return null; // a message without its server is better than none
    }
  };
  const serverOf = (profileId: string | null): string => {
    const target = targetOf(profileId);
    return target === null ? '' : `${target.host}:${target.port}`;
  };
  const databasesOfTask = (fields: ScheduleFields | null): string[] => {
    if (fields === null || fields.task.kind !== 'backup') return [];
    const { databases, profileId } = fields.task;
    if (databases.kind === 'named') return databases.names;
    if (databases.kind === 'all') return ['all databases'];
    const own = (fields.task.options as Partial<BackupOptions>).database ?? targetOf(profileId)?.database;
    return own === undefined ? [] : [own];
  };

  return {
    machineZone,
    serverOf,
    zoneOf: (scheduleId: string): string => scheduleFields(scheduleId)?.timeZone ?? machineZone,
    /** The databases that it was to back up, as the schedule has it. */
    databasesOf: (run: ScheduledRun): string[] => databasesOfTask(scheduleFields(run.scheduleId)),
    ofSchedule(scheduleId: string): { server: string; databases: string[] } {
      const fields = scheduleFields(scheduleId);
      return { server: serverOf(fields?.task.profileId ?? null), databases: databasesOfTask(fields) };
    },
    backup(id: string): { database: string; profileId: string | null } | null {
      const row = backupById.get(id);
      return row === undefined ? null : { database: row.database, profileId: row.profile_id };
    },
    /** The newest try of each database. */
    backupsOf: (run: ScheduledRun): BackupOfRun[] =>
      run.backups.map((one) => {
        const row = backupById.get(one.backupId);
        return {
          backupId: one.backupId,
          database: one.database,
          status: one.status,
          durationMs: row?.duration_ms ?? null,
          sizeBytes: row?.size_bytes ?? null,
          error: row?.error === null || row?.error === undefined ? null : (JSON.parse(row.error) as ErrorReport),
        };
      }),
  };
}

/** `Sat 21 Nov 2026, 02:00 (Europe/Berlin)`. `at`: ISO 8601. */
export function timeIn(at: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(at));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('year')}, ${part('hour')}:${part('minute')} (${timeZone})`;
}
