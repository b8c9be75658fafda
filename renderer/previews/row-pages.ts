// The differing rows of one table and kind, loaded a page at a time as they come into sight.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { TableName } from '../../shared/contract/common.ts';
import type { RowDifference, RowKind } from '../../shared/contract/previews.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';

export const pageSize = 50;

export type RowQuery = TableName & { id: string; kind: RowKind; column?: string; search?: string };
export type RowPages = {
  /** Null while the first page is on its way. */
  total: number | null;
  error: ErrorReport | null;
  rowAt: (index: number) => RowDifference | undefined;
  /** Loads what is missing between two rows. */
  ensure: (first: number, last: number) => void;
  retry: () => void;
};

type Held = { key: string; total: number | null; pages: ReadonlyMap<number, readonly RowDifference[]>; error: ErrorReport | null };
const nothing = (key: string): Held => ({ key, total: null, pages: new Map(), error: null });

export function useRowPages(query: RowQuery): RowPages {
  const key = JSON.stringify(query);
  const [held, setHeld] = useState<Held>(() => nothing(key));
  const asked = useRef<{ key: string; pages: Set<number> }>({ key, pages: new Set() });

  const load = useCallback(
    (page: number) => {
      if (asked.current.key !== key) asked.current = { key, pages: new Set() };
      if (asked.current.pages.has(page)) return;
      asked.current.pages.add(page);
      const settle = (change: (now: Held) => Held) => {
        if (asked.current.key === key) setHeld((now) => change(now.key === key ? now : nothing(key)));
      };
      api.previews.rows({ ...(JSON.parse(key) as RowQuery), offset: page * pageSize, limit: pageSize }).then(
        ({ rows, total }) => settle((now) => ({ ...now, total, pages: new Map(now.pages).set(page, rows), error: null })),
        (thrown: unknown) => {
          asked.current.pages.delete(page);
          settle((now) => ({ ...now, error: errorReport(thrown) }));
        },
      );
    },
    [key],
  );
  useEffect(() => load(0), [load]);

  const ensure = useCallback(
    (first: number, last: number) => {
      for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page++) load(page);
    },
    [load],
  );
  const now = held.key === key ? held : nothing(key);
  return {
    total: now.total,
    error: now.error,
    rowAt: (index) => now.pages.get(Math.floor(index / pageSize))?.[index % pageSize],
    ensure,
    retry: () => {
      setHeld(nothing(key));
      load(0);
    },
  };
}
