// Rows of `schedules` and of the slots that somebody moved or skipped.
import type { ScheduleFields } from '../../../shared/contract/schedules.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';

/** A slot that does not stay where the rule puts it. Milliseconds since 1970. `movedTo` null: it is skipped. */
export type SlotChange = { slotAt: number; movedTo: number | null };

/** A schedule as it is on file. Instants in milliseconds since 1970. */
export type StoredSchedule = {
  id: string;
  fields: ScheduleFields;
  /** The name of the profile it is about; `All profiles` for a cleanup of everything. */
  profile: string;
  profileId: string | null;
  /** Every slot up to here has its record. */
  settledAt: number;
  /** The next slot, moved ones at their new time; null: none, or off. */
  nextAt: number | null;
  createdAt: string;
  updatedAt: string;
  /** By `slotAt`, ascending. */
  changes: SlotChange[];
};

type Row = {
  id: string;
  name: string;
  fields: string;
  enabled: number;
  settled_at: string;
  next_at: string | null;
  created_at: string;
  updated_at: string;
  profile: string | null;
};
type ChangeRow = { schedule_id: string; slot_at: string; moved_to: string | null };

export const allProfiles = 'All profiles';
export const iso = (instant: number): string => new Date(instant).toISOString();
export const scheduleNotFound = (nameOrId: string): HowdahError =>
  new HowdahError('NOT_FOUND', `There is no schedule ${nameOrId}.`, { hint: 'See the list of schedules.' });

const columns = `s.id, s.name, s.fields, s.enabled, s.settled_at, s.next_at, s.created_at, s.updated_at, p.name as profile
  from schedules s left join profiles p on p.id = json_extract(s.fields, '$.task.profileId')`;

/** Typed reads and writes over `schedules` and `schedule_changes`. Statements are prepared once: make it once and keep it. */
export function scheduleStore(catalog: Sqlite) {
  const all = catalog.prepare<[], Row>(`select ${columns} order by s.name`);
  const byId = catalog.prepare<[string], Row>(`select ${columns} where s.id = ?`);
  const byName = catalog.prepare<[string], { id: string }>('select id from schedules where name = ?');
  const due = catalog.prepare<[string], { id: string }>('select id from schedules where next_at <= ? order by next_at, id');
  const ahead = catalog.prepare<[string], { id: string }>('select id from schedules where settled_at > ? order by id');
  const first = catalog.prepare<[], { next_at: string | null }>('select min(next_at) as next_at from schedules where next_at is not null');
  const changesOf = catalog.prepare<[string], ChangeRow>('select * from schedule_changes where schedule_id = ? order by slot_at');
  const allChanges = catalog.prepare<[], ChangeRow>('select * from schedule_changes order by schedule_id, slot_at');
  const insert = catalog.prepare(
    `insert into schedules (id, name, fields, enabled, settled_at, next_at, created_at, updated_at)
     values (@id, @name, @fields, @enabled, @settledAt, @nextAt, @now, @now)`,
  );
  const update = catalog.prepare(
    'update schedules set name = @name, fields = @fields, enabled = @enabled, updated_at = @now where id = @id',
  );
  const settle = catalog.prepare<[string, string | null, string]>('update schedules set settled_at = ?, next_at = ? where id = ?');
  const remove = catalog.prepare<[string]>('delete from schedules where id = ?');
  const putChange = catalog.prepare<[string, string, string | null]>(
    `insert into schedule_changes (schedule_id, slot_at, moved_to) values (?, ?, ?)
     on conflict (schedule_id, slot_at) do update set moved_to = excluded.moved_to`,
  );
  const dropChange = catalog.prepare<[string, string]>('delete from schedule_changes where schedule_id = ? and slot_at = ?');

  const toChange = (row: ChangeRow): SlotChange => ({
    slotAt: Date.parse(row.slot_at),
    movedTo: row.moved_to === null ? null : Date.parse(row.moved_to),
  });
  const toSchedule = (row: Row, changes: SlotChange[]): StoredSchedule => {
    const fields = { ...(JSON.parse(row.fields) as ScheduleFields), name: row.name, enabled: row.enabled === 1 };
    return {
      id: row.id,
      fields,
      profile: row.profile ?? (fields.task.profileId === null ? allProfiles : ''),
      profileId: fields.task.profileId,
      settledAt: Date.parse(row.settled_at),
      nextAt: row.next_at === null ? null : Date.parse(row.next_at),
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      changes,
    };
  };
  const find = (id: string): StoredSchedule | null => {
    const row = byId.get(id);
    return row === undefined ? null : toSchedule(row, changesOf.all(id).map(toChange));
  };
  const written = (fields: ScheduleFields) => ({ name: fields.name, fields: JSON.stringify(fields), enabled: fields.enabled ? 1 : 0 });

  return {
    /** By name, those with their changes. */
    list(): StoredSchedule[] {
      const changes = new Map<string, SlotChange[]>();
      for (const row of allChanges.all()) {
        const own = changes.get(row.schedule_id);
        if (own === undefined) changes.set(row.schedule_id, [toChange(row)]);
        else own.push(toChange(row));
      }
      return all.all().map((row) => toSchedule(row, changes.get(row.id) ?? []));
    },
    find,
    /** Errors: NOT_FOUND. */
    get(id: string): StoredSchedule {
      const found = find(id);
      if (found === null) throw scheduleNotFound(id);
      return found;
    },
    /** Whose name it is, in any case of letters; null: free. */
    idOfName: (name: string): string | null => byName.get(name)?.id ?? null,
    /** Those with a slot at or before `now`, the earliest first. */
    due: (now: number): string[] => due.all(iso(now)).map((row) => row.id),
    /** Those settled beyond `instant`: the clock went back. */
    settledBeyond: (instant: number): string[] => ahead.all(iso(instant)).map((row) => row.id),
    /** The earliest next slot of all; null where there is none. */
    firstNextAt: (): number | null => {
      const at = first.get()?.next_at ?? null;
      return at === null ? null : Date.parse(at);
    },
    insert(id: string, fields: ScheduleFields, at: { settledAt: number; nextAt: number | null; now: number }): void {
      insert.run({
        id,
        ...written(fields),
        settledAt: iso(at.settledAt),
        nextAt: at.nextAt === null ? null : iso(at.nextAt),
        now: iso(at.now),
      });
    },
    /** Leaves `settledAt` and `nextAt` to `settled`. */
    update: (id: string, fields: ScheduleFields, now: number): void => void update.run({ id, ...written(fields), now: iso(now) }),
    settled: (id: string, settledAt: number, nextAt: number | null): void =>
      void settle.run(iso(settledAt), nextAt === null ? null : iso(nextAt), id),
    remove: (id: string): void => void remove.run(id),
    /** Moves a slot, or skips it (`movedTo` null). */
    putChange: (id: string, change: SlotChange): void =>
      void putChange.run(id, iso(change.slotAt), change.movedTo === null ? null : iso(change.movedTo)),
    /** The slot is where the rule puts it again. */
    dropChange: (id: string, slotAt: number): void => void dropChange.run(id, iso(slotAt)),
  };
}
export type ScheduleStore = ReturnType<typeof scheduleStore>;
