// Rows of a dump, page after page as the reader comes to the end of what is there.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { DumpSource, TableName } from '../../shared/contract/common.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';

export type DumpQuery = { source: DumpSource; table: TableName; where?: string; profileId?: string };
export type DumpRow = readonly (string | null)[];
export type DumpPages =
  | { status: 'loading' }
  | { status: 'failed'; error: ErrorReport }
  /** `next`: what the page behind the last row is doing. */
  | { status: 'ready'; columns: readonly string[]; rows: readonly DumpRow[]; more: boolean; next: 'idle' | 'loading' | ErrorReport };

/** Larger pages further in: each one is read from the table's beginning. */
const pageSizes = [200, 1000, 5000] as const;

/** `query` must not change while it is mounted. */
export function useDumpPages(query: DumpQuery): { pages: DumpPages; loadMore: () => void; retry: () => void } {
  const [pages, setPages] = useState<DumpPages>({ status: 'loading' });
  const asked = useRef(query);
  const load = useCallback(async (offset: number, signal: AbortSignal | undefined) => {
    const limit = offset === 0 ? pageSizes[0] : offset < 5000 ? pageSizes[1] : pageSizes[2];
    try {
      const found = await api.dumps.rows({ ...asked.current, offset, limit }, signal === undefined ? {} : { signal });
      if (signal?.aborted === true) return;
      setPages((now) => ({
        status: 'ready',
        columns: found.columns,
        rows: now.status === 'ready' && offset > 0 ? [...now.rows, ...found.rows] : found.rows,
        more: found.more,
        next: 'idle',
      }));
    } catch (thrown) {
      if (signal?.aborted === true) return;
      const error = errorReport(thrown);
      setPages((now) => (now.status === 'ready' ? { ...now, next: error } : { status: 'failed', error }));
    }
  }, []);
  useEffect(() => {
    const controller = new AbortController();
    void load(0, controller.signal);
    return () => controller.abort();
  }, [load]);
  return {
    pages,
    loadMore: () => {
      if (pages.status !== 'ready' || !pages.more || pages.next === 'loading') return;
      setPages({ ...pages, next: 'loading' });
      void load(pages.rows.length, undefined);
    },
    retry: () => {
      setPages({ status: 'loading' });
      void load(0, undefined);
    },
  };
}
