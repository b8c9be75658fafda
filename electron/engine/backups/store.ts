// Rows of `backups` and what they mean.
import type { Backup, BackupFilter, SucceededBackup, Verification } from '../../../shared/contract/backups.ts';
import { assertNever, HowdahError, type ErrorReport } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';

type Row = {
  id: string;
  status: Backup['status'];
  profile: string;
  profile_id: string | null;
  job_id: string | null;
  database: string;
  origin: Backup['origin'];
  label: string;
  schedule_id: string | null;
  pinned: number;
  holds: SucceededBackup['holds'];
  started_at: string;
  finished_at: string | null;
  duration_ms: number | null;
  size_bytes: number | null;
  directory: string | null;
  present: number;
  facts: string;
  error: string | null;
  verification: string | null;
};

/** What only a succeeded backup tells; kept as JSON. */
export type BackupFacts = Pick<
  SucceededBackup,
  'artifacts' | 'format' | 'compression' | 'quick' | 'serverVersion' | 'clientVersion' | 'tables' | 'rows'
>;

/** As it comes in, its defaults not filled in. */
export type LooseFilter = { [K in keyof BackupFilter]?: BackupFilter[K] | undefined };

export type NewBackup = Pick<
  Backup,
  'id' | 'profile' | 'profileId' | 'jobId' | 'database' | 'origin' | 'label' | 'startedAt' | 'scheduleId'
>;

export type BackupSuccess = BackupFacts & {
  finishedAt: string;
  durationMs: number;
  sizeBytes: number;
  directory: string;
  verification: Verification;
  holds: SucceededBackup['holds'];
  /** Of `quick` and `chosen`: which choice it was (`selectionOf`). */
  selection: string;
};

const searchText = (row: Pick<NewBackup, 'id' | 'profile' | 'database' | 'label'>): string =>
  `${row.profile} ${row.database} ${row.label} ${row.id}`.toLowerCase();

/** Says so where retention deleted it. */
export function backupNotFound(catalog: Sqlite, id: string): HowdahError {
  const row = catalog
    .prepare<[string], { reason: string; rule: string; at: string }>(
      'select reason, rule, coalesce(removed_at, marked_at) as at from deletions where backup_id = ?',
    )
    .get(id);
  if (row === undefined) {
    return new HowdahError('NOT_FOUND', `There is no backup ${id}.`, {
      hint: 'See the list of backups; "backups rescan" finds folders that the catalog lacks.',
    });
  }
  return new HowdahError('NOT_FOUND', `Retention deleted the backup ${id} on ${row.at}: ${row.reason} (${row.rule}).`, {
    hint: 'See "retention deletions" for all that were deleted, and "retention preview" for what will be. Pin a backup to keep it.',
  });
}

/** Typed reads and writes over `backups` and `verifications`. */
export function backupStore(catalog: Sqlite) {
  const byId = catalog.prepare<[string], Row>('select * from backups where id = ?');
  const insert = catalog.prepare(
    `insert into backups (id, status, profile, profile_id, job_id, database, origin, label, started_at, schedule_id, search)
     values (@id, 'running', @profile, @profileId, @jobId, @database, @origin, @label, @startedAt, @scheduleId, @search)`,
  );
  const insertVerification = catalog.prepare('insert into verifications (backup_id, at, ok, body) values (?, ?, ?, ?)');

  const get = (id: string): Backup => {
    const row = byId.get(id);
    if (row === undefined) throw backupNotFound(catalog, id);
    return toBackup(row);
  };
  const succeed = (id: string, end: BackupSuccess): void => {
    const { finishedAt, durationMs, sizeBytes, directory, verification, holds, selection, ...facts } = end;
    catalog
      .prepare(
        `update backups set status = 'succeeded', finished_at = ?, duration_ms = ?, size_bytes = ?, directory = ?, present = 1,
                facts = ?, verification = ?, holds = ?, selection = ?, error = null where id = ?`,
      )
      .run(finishedAt, durationMs, sizeBytes, directory, JSON.stringify(facts), JSON.stringify(verification), holds, selection, id);
    insertVerification.run(id, verification.at, verification.ok ? 1 : 0, JSON.stringify(verification));
  };

  return {
    get,
    has: (id: string): boolean => byId.get(id) !== undefined,
    insert: (row: NewBackup): void => void insert.run({ ...row, search: searchText(row) }),
    /** To be called inside the transaction that also crosses out the folder's leftover. */
    succeed,
    fail(id: string, status: 'failed' | 'cancelled' | 'interrupted', error: ErrorReport, finishedAt: string, durationMs: number): void {
      catalog
        .prepare("update backups set status = ?, finished_at = ?, duration_ms = ?, error = ? where id = ? and status = 'running'")
        .run(status, finishedAt, durationMs, JSON.stringify(error), id);
    },
    recordVerification(id: string, verification: Verification): void {
      catalog.transaction(() => {
        insertVerification.run(id, verification.at, verification.ok ? 1 : 0, JSON.stringify(verification));
        catalog.prepare('update backups set verification = ? where id = ?').run(JSON.stringify(verification), id);
      })();
    },
    setLabel(id: string, label: string): Backup {
      const before = get(id);
      catalog.prepare('update backups set label = ?, search = ? where id = ?').run(label, searchText({ ...before, label }), id);
      return get(id);
    },
    setPinned(id: string, pinned: boolean): Backup {
      get(id);
      catalog.prepare('update backups set pinned = ? where id = ?').run(pinned ? 1 : 0, id);
      return get(id);
    },
    setPresent: (id: string, present: boolean): void =>
      void catalog.prepare('update backups set present = ? where id = ?').run(present ? 1 : 0, id),
    move: (id: string, directory: string): void =>
      void catalog.prepare('update backups set directory = ?, present = 1 where id = ?').run(directory, id),
    remove: (id: string): void => void catalog.prepare('delete from backups where id = ?').run(id),
    /** A page of the list; `total` is what the filter matches. */
    list(filter: BackupFilter): { backups: Backup[]; total: number; profiles: string[] } {
      const { where, values } = whereOf(filter);
      const column = sortColumns[filter.sort];
      const direction = filter.descending ? 'desc' : 'asc';
      // Ids come out of a narrow index; whole rows are fetched for one page only.
      const ids = catalog
        .prepare<unknown[], { id: string }>(
          `select id from backups where ${where} order by ${column} ${direction}${column === 'started_at' ? '' : ', started_at desc'}, id limit ? offset ?`,
        )
        .all(...values, filter.limit, filter.offset);
      const total = catalog.prepare<unknown[], { n: number }>(`select count(*) as n from backups where ${where}`).get(...values)?.n ?? 0;
      const backups = ids.map(({ id }) => (filter.brief ? inBrief(get(id)) : get(id)));
      return { backups, total, profiles: profileNames(catalog) };
    },
    /** Every match, in order, for exports. */
    *each(filter: LooseFilter): Generator<Backup> {
      const { where, values } = whereOf(filter);
      for (const row of catalog.prepare<unknown[], Row>(`select * from backups where ${where} order by started_at desc, id`).all(...values))
        yield toBackup(row);
    },
  };
}

const inBrief = (backup: Backup): Backup =>
  backup.status === 'succeeded'
    ? { ...backup, artifacts: [], verification: backup.verification === null ? null : { ...backup.verification, checks: [] } }
    : backup;

const sortColumns: Record<BackupFilter['sort'], string> = {
  startedAt: 'started_at',
  database: 'database',
  profile: 'profile',
  sizeBytes: 'size_bytes',
  durationMs: 'duration_ms',
  status: 'status',
};

function whereOf(filter: LooseFilter): { where: string; values: unknown[] } {
  const parts: string[] = [];
  const values: unknown[] = [];
  const add = (part: string, ...given: unknown[]): void => {
    parts.push(part);
    values.push(...given);
  };
  if (filter.profile !== undefined) add('profile = ?', filter.profile);
  if (filter.status !== undefined) add('status = ?', filter.status);
  if (filter.label !== undefined) add('label = ?', filter.label);
  if (filter.from !== undefined) add('started_at >= ?', filter.from);
  if (filter.to !== undefined) add('started_at <= ?', filter.to);
  for (const word of (filter.search ?? '').toLowerCase().split(/\s+/).filter(Boolean)) add('instr(search, ?) > 0', word);
  return { where: parts.length === 0 ? 'true' : parts.join(' and '), values };
}

/** Jumps from name to name in the index instead of reading every row. */
function profileNames(catalog: Sqlite): string[] {
  return catalog
    .prepare<[], { profile: string }>(
      `with recursive names (profile) as (
         select min(profile) from backups
         union all select (select min(b.profile) from backups b where b.profile > names.profile) from names where names.profile is not null)
       select profile from names where profile is not null`,
    )
    .all()
    .map((row) => row.profile);
}

function toBackup(row: Row): Backup {
  const base = {
    id: row.id,
    profile: row.profile,
    profileId: row.profile_id,
    jobId: row.job_id,
    database: row.database,
    kind: 'database' as const,
    origin: row.origin,
    label: row.label,
    startedAt: row.started_at,
    scheduleId: row.schedule_id,
  };
  const end = { finishedAt: row.finished_at ?? row.started_at, durationMs: row.duration_ms ?? 0 };
  switch (row.status) {
    case 'running':
      return { ...base, status: 'running' };
    case 'succeeded':
      return {
        ...base,
        ...end,
        status: 'succeeded',
        directory: row.directory ?? '',
        present: row.present === 1,
        sizeBytes: row.size_bytes ?? 0,
        pinned: row.pinned === 1,
        holds: row.holds,
        verification: row.verification === null ? null : (JSON.parse(row.verification) as Verification),
        ...(JSON.parse(row.facts) as BackupFacts),
      };
    case 'failed':
    case 'cancelled':
    case 'interrupted':
      return { ...base, ...end, status: row.status, error: errorOf(row.error) };
    default:
      return assertNever(row.status);
  }
}

const errorOf = (text: string | null): ErrorReport =>
  text === null
    ? { code: 'INTERNAL', message: 'The backup ended without a reason on record.', hint: 'See its log.' }
    : (JSON.parse(text) as ErrorReport);
