// Rows of `restores`: the Restore as it is shown, and what only undo and discard need to know.
import type { RowEffects } from '../../../shared/contract/previews.ts';
import type { Restore, RestoreFilter } from '../../../shared/contract/restores.ts';
import { HowdahError, type ErrorReport } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';

/** What is kept beside the shown fields. */
export type RestoreNotes = {
  /** `pg_database.oid` of the database kept aside: a name alone may have been given to another database since. */
  previousOid: number | null;
  /** `oid` of the database that was put in place. */
  restoredOid: number | null;
  /** Of chosen tables those that were not there before: an undo drops them. */
  createdTables: { schema: string; table: string }[];
  /** Row by row: the tables whose rows were changed, of which the safety backup is. Null: it was not row by row. */
  changedTables: { schema: string; table: string }[] | null;
};

const noNotes: RestoreNotes = { previousOid: null, restoredOid: null, createdTables: [], changedTables: null };

type Row = { id: string; body: string };
type Stored = Restore & { notes?: RestoreNotes };

/** What every restore carries, whatever its state. */
export type RestoreBase = Omit<Extract<Restore, { status: 'running' }>, 'status'>;

export type RestoreStore = ReturnType<typeof restoreStore>;

export function restoreStore(context: Pick<EngineContext, 'catalog' | 'events' | 'ports'>) {
  const { catalog } = context;
  const changed = (): void => context.events.emit({ kind: 'catalogChanged' });
  const read = (id: string): Stored | null => {
    const row = catalog.prepare<[string], Row>('select id, body from restores where id = ?').get(id);
    return row === undefined ? null : (JSON.parse(row.body) as Stored);
  };
  const write = (restore: Stored): void => {
    catalog
      .prepare('update restores set status = ?, undo = ?, body = ? where id = ?')
      .run(restore.status, restore.undo, JSON.stringify(restore), restore.id);
    changed();
  };
  const get = (id: string): Restore => {
    const found = read(id);
    if (found === null) throw new HowdahError('NOT_FOUND', `There is no restore ${id}.`, { hint: 'See the list of restores.' });
    return shown(found);
  };
  /** Writes fields of a row, in one transaction with having read it. */
  const change = (id: string, fields: Partial<RestoreBase>, notes: Partial<RestoreNotes> = {}): void =>
    catalog
      .transaction(() => {
        const found = read(id);
        if (found !== null) write({ ...found, ...fields, notes: { ...noNotes, ...found.notes, ...notes } });
      })
      .immediate();

  return {
    get,
    change,
    notes: (id: string): RestoreNotes => ({ ...noNotes, ...read(id)?.notes }),
    insert(base: RestoreBase): void {
      const restore: Restore = { ...base, status: 'running' };
      catalog
        .prepare('insert into restores (id, status, profile, profile_id, database, started_at, undo, body) values (?, ?, ?, ?, ?, ?, ?, ?)')
        .run(
          restore.id,
          restore.status,
          restore.profile,
          restore.profileId,
          restore.database,
          restore.startedAt,
          restore.undo,
          JSON.stringify(restore),
        );
      changed();
    },
    /** Ends a running row. */
    finish(
      id: string,
      end:
        | { status: 'succeeded'; rowsRestored: number | null; rows: RowEffects | null; warnings: string[] }
        | { status: 'failed' | 'cancelled'; error: ErrorReport },
    ): Restore {
      catalog
        .transaction(() => {
          const found = read(id);
          if (found === null || found.status !== 'running') return;
          const now = context.ports.clock();
          const durationMs = Math.max(0, now - Date.parse(found.startedAt));
          write({ ...found, ...end, finishedAt: new Date(now).toISOString(), durationMs });
        })
        .immediate();
      return get(id);
    },
    /** Corrects the reason of a row that a crash ended, once the server has been asked what really happened. */
    explain(id: string, error: ErrorReport): void {
      const found = read(id);
      if (found !== null && 'error' in found) write({ ...found, error });
    },
    list(filter: RestoreFilter): { restores: Restore[]; total: number } {
      const clauses: string[] = [];
      const values: (string | number)[] = [];
      const where = (clause: string, ...given: (string | number)[]): void => {
        clauses.push(clause);
        values.push(...given);
      };
      if (filter.profile !== undefined) where('profile = ?', filter.profile);
      if (filter.status !== undefined) where('status = ?', filter.status);
      if (filter.from !== undefined) where('started_at >= ?', filter.from);
      if (filter.to !== undefined) where('started_at <= ?', filter.to);
      for (const word of (filter.search ?? '').split(/\s+/).filter(Boolean)) {
        const pattern = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`;
        where(
          "(profile like ? escape '\\' or database like ? escape '\\' or id like ? escape '\\' or json_extract(body, '$.source') like ? escape '\\')",
          pattern,
          pattern,
          pattern,
          pattern,
        );
      }
      const condition = clauses.length === 0 ? '' : `where ${clauses.join(' and ')}`;
      const total =
        catalog.prepare<(string | number)[], { n: number }>(`select count(*) as n from restores ${condition}`).get(...values)?.n ?? 0;
      const rows = catalog
        .prepare<(string | number)[], Row>(`select id, body from restores ${condition} order by started_at desc, id limit ? offset ?`)
        .all(...values, filter.limit, filter.offset);
      return { restores: rows.map((row) => shown(JSON.parse(row.body) as Stored)), total };
    },
  };
}

function shown(stored: Stored): Restore {
  const { notes: _notes, ...restore } = stored;
  return restore;
}
