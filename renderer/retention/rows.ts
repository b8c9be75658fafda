// A preview as rows to show: those that a rule is about, by database and what they hold, newest first.
import type { Doomed, Kept, RetentionScope } from '../../shared/contract/retention.ts';

export type BackupRow = { kind: 'backup'; goes: boolean; reasons: string[]; backup: Omit<Kept, 'reasons'> };
export type GroupRow = { kind: 'group'; key: string; title: string; holds: Kept['holds']; stay: number; go: number; goBytes: number };
export type Row = GroupRow | BackupRow;

export type Preview = { keep: Kept[]; delete: Doomed[] };

/** Backups that the rule of `scope` can be about. */
export function rowsOf(preview: Preview, { scope, name }: { scope: RetentionScope; name: string }): Row[] {
  const all: BackupRow[] = [
    ...preview.keep.map(({ reasons, ...backup }): BackupRow => ({ kind: 'backup', goes: false, reasons, backup })),
    ...preview.delete.map(({ reason, ...backup }): BackupRow => ({ kind: 'backup', goes: true, reasons: [reason], backup })),
  ].filter(({ backup }) => {
    switch (scope.kind) {
      case 'profile':
        return backup.origin !== 'safety';
      case 'schedule':
        return backup.schedule === name;
      case 'safety':
        return backup.origin === 'safety';
    }
  });
  return grouped(all, scope.kind === 'safety');
}

/** Each group's header, then its backups, newest first. */
export function grouped(backups: readonly BackupRow[], withProfile: boolean): Row[] {
  const groups = new Map<string, BackupRow[]>();
  for (const row of backups) {
    const key = JSON.stringify([withProfile ? row.backup.profile : '', row.backup.database, row.backup.holds]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, rows]): Row[] => {
      const first = rows[0];
      if (first === undefined) return [];
      const going = rows.filter((row) => row.goes);
      const { profile, database, holds } = first.backup;
      return [
        {
          kind: 'group',
          key,
          title: withProfile ? `${database} on ${profile}` : database,
          holds,
          stay: rows.length - going.length,
          go: going.length,
          goBytes: sumOf(going),
        },
        ...rows.toSorted((a, b) => (a.backup.startedAt < b.backup.startedAt ? 1 : -1)),
      ];
    });
}

export function sumOf(rows: readonly BackupRow[]): number {
  return rows.reduce((sum, { backup }) => sum + backup.sizeBytes, 0);
}
