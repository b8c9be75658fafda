import { useEffect } from 'react';
import { create } from 'zustand';
import { api } from '../api.ts';
import { useApp } from '../app/store.ts';

type Names = { names: ReadonlyMap<string, string>; version: number };

const useNames = create<Names>(() => ({ names: new Map(), version: -1 }));

/** The name of a schedule, for lists that only know its id; null while it is not known, or where it was removed.
 * Asked once for each change of the catalog, however many rows want to know. */
export function useScheduleName(id: string | null): string | null {
  const catalog = useApp((state) => state.catalog);
  const name = useNames((state) => (id === null ? null : (state.names.get(id) ?? null)));
  useEffect(() => {
    if (id === null || useNames.getState().version === catalog) return;
    useNames.setState({ version: catalog });
    api.schedules.list().then(
      (schedules) => useNames.setState({ names: new Map(schedules.map((schedule) => [schedule.id, schedule.name])) }),
      // The next change of the catalog asks again; until then rows say "a schedule".
      () => undefined,
    );
  }, [id, catalog]);
  return name;
}
