// Rows of `deletions`: what is about to go, what went, and what would not.
import type { Deletion, Doomed } from '../../../shared/contract/retention.ts';
import type { ErrorReport } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import type { Going } from './plan.ts';

type Row = {
  backup_id: string;
  state: Deletion['state'];
  subject: string;
  directory: string | null;
  reason: string;
  rule: string;
  marked_at: string;
  removed_at: string | null;
  freed_bytes: number | null;
  error: string | null;
};

/** A deletion that was begun and is not over. `backupStands`: its backup is still in the catalog. */
export type OpenDeletion = {
  id: string;
  state: 'marked' | 'failed';
  directory: string;
  profile: string;
  profileId: string | null;
  backupStands: boolean;
};

/** Beside what is shown: whose it is. */
type Subject = Omit<Doomed, 'reason'> & { profileId?: string | null };

export function deletionJournal(catalog: Sqlite) {
  const insert = catalog.prepare(
    `insert into deletions (backup_id, state, subject, directory, reason, rule, marked_at)
       select id, 'marked', ?, ?, ?, ?, ? from backups where id = ?
       on conflict (backup_id) do update set state = 'marked', subject = excluded.subject, directory = excluded.directory,
         reason = excluded.reason, rule = excluded.rule, error = null, removed_at = null, freed_bytes = null,
         marked_at = case when state = 'removed' then excluded.marked_at else marked_at end`,
  );
  return {
    /** Writes the decision down; not of a backup that is gone already. */
    mark({ reason, rule, directory, keepers: _keepers, ...subject }: Going, now: string): void {
      insert.run(JSON.stringify(subject satisfies Subject), directory, reason, rule, now, subject.id);
    },
    stateOf: (id: string): Deletion['state'] | null =>
      catalog.prepare<[string], { state: Deletion['state'] }>('select state from deletions where backup_id = ?').get(id)?.state ?? null,
    /** Its backup stays after all: it is as if it had never been marked. */
    unmark: (id: string): void => void catalog.prepare("delete from deletions where backup_id = ? and state <> 'removed'").run(id),
    /** Bytes that its removal frees, as measured before. */
    measured: (id: string, bytes: number): void =>
      void catalog.prepare('update deletions set freed_bytes = ? where backup_id = ?').run(bytes, id),
    removed(id: string, now: string): number {
      catalog
        .prepare(
          "update deletions set state = 'removed', removed_at = ?, freed_bytes = coalesce(freed_bytes, 0), error = null where backup_id = ? and state <> 'removed'",
        )
        .run(now, id);
      return (
        catalog.prepare<[string], { freed_bytes: number | null }>('select freed_bytes from deletions where backup_id = ?').get(id)
          ?.freed_bytes ?? 0
      );
    },
    failed: (id: string, error: ErrorReport): void =>
      void catalog
        .prepare("update deletions set state = 'failed', error = ? where backup_id = ? and state <> 'removed'")
        .run(JSON.stringify(error), id),
    /** Oldest first. */
    open(): OpenDeletion[] {
      return catalog
        .prepare<[], Row & { stands: number }>(
          `select d.*, exists (select 1 from backups b where b.id = d.backup_id) as stands
             from deletions d where state <> 'removed' order by marked_at, backup_id`,
        )
        .all()
        .map((row) => {
          const { profile, profileId = null } = JSON.parse(row.subject) as Subject;
          return {
            id: row.backup_id,
            state: row.state === 'failed' ? 'failed' : 'marked',
            directory: row.directory ?? '',
            profile,
            profileId,
            backupStands: row.stands === 1,
          };
        });
    },
    list(limit: number, offset: number): { deletions: Deletion[]; total: number } {
      const rows = catalog
        .prepare<[number, number], Row>('select * from deletions order by marked_at desc, backup_id limit ? offset ?')
        .all(limit, offset);
      const total = catalog.prepare<[], { n: number }>('select count(*) as n from deletions').get()?.n ?? 0;
      return { deletions: rows.map(toDeletion), total };
    },
  };
}

export type DeletionJournal = ReturnType<typeof deletionJournal>;

function toDeletion(row: Row): Deletion {
  const { profileId: _profileId, ...subject } = JSON.parse(row.subject) as Subject;
  return {
    ...subject,
    state: row.state,
    reason: row.reason,
    rule: row.rule,
    markedAt: row.marked_at,
    removedAt: row.removed_at,
    freedBytes: row.state === 'removed' ? row.freed_bytes : null,
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorReport),
  };
}
