// The history of backups, page by page: only what is in sight is fetched, so that 50,000 rows stay quick.
import { create } from 'zustand';
import type { Backup, BackupFilter } from '../../shared/contract/backups.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';

export const pageSize = 100;

export type ListFilter = Omit<BackupFilter, 'offset' | 'limit' | 'brief'>;
export type SortKey = BackupFilter['sort'];

export const noFilter: ListFilter = { sort: 'startedAt', descending: true };

export type BackupList =
  | { status: 'loading' }
  | { status: 'failed'; error: ErrorReport }
  /** `filtered`: whether this answer, not the newest question, was narrowed. */
  | { status: 'ready'; filtered: boolean; total: number; profiles: string[]; pages: ReadonlyMap<number, Backup[]> };

type BackupsState = {
  filter: ListFilter;
  list: BackupList;
  /** Replaces parts of the filter and loads; `undefined` takes a part away. */
  setFilter: (patch: { [K in keyof ListFilter]?: ListFilter[K] | undefined }) => Promise<void>;
  clearFilter: () => Promise<void>;
  /** Fetches the pages that hold these rows, where they are not there yet. */
  ensure: (first: number, last: number) => void;
  /** Fetches what is in sight again, in place. */
  refresh: () => Promise<void>;
  /** The "Back up now" dialog, and what it starts with. */
  dialog: { open: false } | { open: true; profileId: string | null };
  openDialog: (profileId?: string | null) => void;
  closeDialog: () => void;
};

export const useBackups = create<BackupsState>((set, get) => {
  // Answers that belong to an older question are dropped.
  let question = 0;
  let inSight = { first: 0, last: pageSize - 1 };
  const pending = new Set<number>();

  const fetchPage = (page: number) => api.backups.list({ ...get().filter, offset: page * pageSize, limit: pageSize, brief: true });

  const ask = async (pages: number[]) => {
    const asked = ++question;
    const filtered = isFiltered(get().filter);
    pending.clear();
    try {
      const answers = await Promise.all(pages.map(fetchPage));
      const head = answers[0];
      if (asked !== question || head === undefined) return;
      set({
        list: {
          status: 'ready',
          filtered,
          total: head.total,
          profiles: head.profiles,
          pages: new Map(pages.map((page, index) => [page, answers[index]?.backups ?? []])),
        },
      });
    } catch (thrown) {
      if (asked === question) set({ list: { status: 'failed', error: errorReport(thrown) } });
    }
  };

  const fetchMissing = async (page: number) => {
    const asked = question;
    pending.add(page);
    try {
      const { backups, total, profiles } = await fetchPage(page);
      const { list } = get();
      if (asked !== question || list.status !== 'ready') return;
      set({ list: { ...list, total, profiles, pages: new Map(list.pages).set(page, backups) } });
    } catch (thrown) {
      if (asked === question) set({ list: { status: 'failed', error: errorReport(thrown) } });
    } finally {
      if (asked === question) pending.delete(page);
    }
  };

  return {
    filter: noFilter,
    list: { status: 'loading' },
    setFilter: (patch) => {
      const merged = { ...get().filter, ...patch };
      const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined && value !== ''));
      set({ filter: { ...noFilter, ...kept } });
      inSight = { first: 0, last: pageSize - 1 };
      return ask([0]);
    },
    clearFilter: () => {
      const { sort, descending } = get().filter;
      set({ filter: { sort, descending } });
      return ask([0]);
    },
    ensure: (first, last) => {
      inSight = { first, last };
      const { list } = get();
      if (list.status !== 'ready') return;
      for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page++) {
        if (!list.pages.has(page) && !pending.has(page)) void fetchMissing(page);
      }
    },
    refresh: () => {
      const from = Math.floor(inSight.first / pageSize);
      const to = Math.floor(inSight.last / pageSize);
      return ask(Array.from({ length: to - from + 1 }, (_, index) => from + index));
    },
    dialog: { open: false },
    openDialog: (profileId = null) => set({ dialog: { open: true, profileId: profileId ?? lastGoodProfile(get().list) } }),
    closeDialog: () => set({ dialog: { open: false } }),
  };
});

export function rowAt(list: Extract<BackupList, { status: 'ready' }>, index: number): Backup | undefined {
  return list.pages.get(Math.floor(index / pageSize))?.[index % pageSize];
}

export function isFiltered(filter: ListFilter): boolean {
  const { sort: _sort, descending: _descending, ...rest } = filter;
  return Object.values(rest).some((value) => value !== undefined);
}

/** Whose backup went well last: the likeliest to be wanted again. */
function lastGoodProfile(list: BackupList): string | null {
  if (list.status !== 'ready') return null;
  const newest = list.pages.get(0) ?? [];
  return newest.find((backup) => backup.status === 'succeeded')?.profileId ?? null;
}
