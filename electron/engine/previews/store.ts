// Previews of this process, with their staging: kept until closed, an hour after they were last looked at, or the end
// of the program. They are never written down: a crash settles the staging, and a preview is soon made anew.
import type { TableName } from '../../../shared/contract/common.ts';
import type { Preview, PreviewRequest, PreviewState, RowDifference } from '../../../shared/contract/previews.ts';
import { HowdahError, type ErrorReport } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Target } from '../postgres/target.ts';
import type { Compared } from './compared.ts';
import type { PageRequest } from './page-of-rows.ts';

/** A finished comparison. `compared` null: it was staged elsewhere and can only be looked at. */
export type Prepared = {
  preview: Preview;
  request: PreviewRequest;
  compared: Compared | null;
  /** Where the staging is. */
  target: Target;
  /** A page of one table's rows; none of a table that was not compared. Errors: those of connecting. */
  page: (wanted: TableName & PageRequest) => Promise<{ rows: RowDifference[]; total: number }>;
  /** Drops the staging; safe to call again. */
  drop: () => Promise<void>;
};

type Entry = {
  id: string;
  jobId: string;
  state: { status: 'running' } | { status: 'ready'; prepared: Prepared } | { status: 'failed'; error: ErrorReport };
  usedAt: number;
  /** Restores that carry it out now: it stays, though it be closed meanwhile. */
  holds: number;
  closing: boolean;
};

const idleMs = 60 * 60_000;
const lookEveryMs = 60_000;

export type OpenPreviews = ReturnType<typeof openPreviews>;

export function openPreviews(ports: Pick<EngineContext['ports'], 'clock' | 'log'>) {
  const entries = new Map<string, Entry>();
  const find = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry === undefined) {
      throw new HowdahError('NOT_FOUND', `There is no preview ${id} (any more).`, {
        hint: 'Make a new one: it takes what the first one took.',
      });
    }
    entry.usedAt = ports.clock();
    return entry;
  };
  const drop = async (entry: Entry): Promise<void> => {
    if (entry.holds > 0) {
      entry.closing = true;
      return;
    }
    entries.delete(entry.id);
    if (entry.state.status === 'ready') await entry.state.prepared.drop();
  };
  const timer = setInterval(() => {
    for (const entry of entries.values()) {
      if (entry.state.status === 'running' || entry.holds > 0 || ports.clock() - entry.usedAt < idleMs) continue;
      drop(entry).catch((thrown: unknown) => ports.log.error(`the staging of ${entry.id} could not be dropped`, thrown));
    }
  }, lookEveryMs);
  timer.unref();

  return {
    begin: (id: string, jobId: string): void =>
      void entries.set(id, { id, jobId, state: { status: 'running' }, usedAt: ports.clock(), holds: 0, closing: false }),
    /** False where it was closed meanwhile: the caller drops the staging. */
    ready(id: string, prepared: Prepared): boolean {
      const entry = entries.get(id);
      if (entry !== undefined) entry.state = { status: 'ready', prepared };
      return entry !== undefined;
    },
    failed(id: string, error: ErrorReport): void {
      const entry = entries.get(id);
      if (entry !== undefined) entry.state = { status: 'failed', error };
    },
    /** Errors: NOT_FOUND. */
    state(id: string): PreviewState {
      const { jobId, state } = find(id);
      if (state.status === 'ready') return { status: 'ready', id, jobId, preview: state.prepared.preview };
      return { ...state, id, jobId };
    },
    /** Errors: NOT_FOUND, BUSY (it is still being made). */
    get(id: string): Prepared {
      const { state } = find(id);
      if (state.status === 'ready') return state.prepared;
      if (state.status === 'failed') throw new HowdahError('NOT_FOUND', `The preview ${id} failed: ${state.error.message}`, state.error);
      throw new HowdahError('BUSY', `The preview ${id} is still being made.`, { hint: 'Wait for its job to end.' });
    },
    /** The one of that fingerprint, where there is one that is ready. */
    byFingerprint: (fingerprint: string): { id: string; prepared: Prepared } | null => {
      for (const { id, state } of entries.values()) {
        if (state.status === 'ready' && state.prepared.preview.fingerprint === fingerprint) return { id, prepared: state.prepared };
      }
      return null;
    },
    /** Keeps its staging until the returned function is called, whatever closes it. */
    hold(id: string): () => Promise<void> {
      const entry = find(id);
      entry.holds += 1;
      return async () => {
        entry.holds -= 1;
        entry.usedAt = ports.clock();
        if (entry.closing) await drop(entry);
      };
    },
    /** The job that makes it, while it does; null where it is unknown or ended. */
    runningJob: (id: string): string | null => {
      const entry = entries.get(id);
      return entry?.state.status === 'running' ? entry.jobId : null;
    },
    async close(id: string): Promise<void> {
      const entry = entries.get(id);
      if (entry !== undefined) await drop(entry);
    },
    /** Before a database is put aside: no staging may go along with it. */
    async closeOn({ host, port, database }: Target): Promise<void> {
      for (const entry of entries.values()) {
        if (entry.state.status !== 'ready') continue;
        const { target } = entry.state.prepared;
        if (target.host === host && target.port === port && target.database === database) await drop(entry);
      }
    },
    async closeAll(): Promise<void> {
      clearInterval(timer);
      for (const entry of entries.values()) {
        await drop(entry).catch((thrown: unknown) => ports.log.error(`the staging of ${entry.id} could not be dropped`, thrown));
      }
    },
  };
}
