// What the host tells the page: who it is, whether it can be reached, what it wants shown.
import { create } from 'zustand';
import type { AppEvent, AppInfo } from '../../shared/contract/app.ts';
import { assertNever } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';
import { go } from '../navigation.ts';
import { useProfiles } from '../profiles/store.ts';
import { useRestore } from '../restores/store.ts';
import { follow, type StreamState } from '../streams.ts';
import { tellSettled } from './announce.tsx';
import type { Loadable } from '../ui/loadable.ts';

type AppState = {
  info: Loadable<AppInfo>;
  connection: StreamState;
  /** The host asked whether to quit while this many jobs run. */
  quit: { asked: false } | { asked: true; runningJobs: number; schedules: number };
  /** Grows whenever rows of the catalog changed; lists load again when it does. */
  catalog: number;
};

export const useApp = create<AppState>(() => ({
  info: { status: 'loading' },
  connection: 'connecting',
  quit: { asked: false },
  catalog: 0,
}));

export async function loadInfo(): Promise<void> {
  try {
    const value = await api.app.info();
    useApp.setState({ info: { status: 'ready', value } });
    tellSettled(value.settled);
  } catch (thrown) {
    useApp.setState({ info: { status: 'failed', error: errorReport(thrown) } });
  }
}

let telling: ReturnType<typeof setTimeout> | undefined;

/** Makes every list load again, soon: one change is often told twice, by the job and by the catalog. */
export function catalogChanged(): void {
  telling ??= setTimeout(() => {
    telling = undefined;
    useApp.setState((state) => ({ catalog: state.catalog + 1 }));
    void useProfiles.getState().load();
  }, 80);
}

/** Follows the host's events until aborted. */
export function followApp(signal: AbortSignal): Promise<void> {
  let first = true;
  return follow<AppEvent>({
    signal,
    open: (inner) => api.app.events(undefined, { signal: inner }),
    onItem: handle,
    onState: (connection) => {
      useApp.setState({ connection });
      // What happened while the page was away is not told again: look anew.
      if (connection === 'live' && !first) catalogChanged();
      if (connection === 'live') first = false;
    },
  });
}

function handle(event: AppEvent): void {
  switch (event.kind) {
    case 'fileOpened':
      useRestore.getState().choose({ kind: 'file', id: event.file.id }, event.file.name);
      go('restore');
      return;
    case 'quitAsked':
      useApp.setState({ quit: { asked: true, runningJobs: event.runningJobs, schedules: event.schedules } });
      return;
    case 'navigate':
      go(event.page, event.id);
      return;
    case 'catalogChanged':
      catalogChanged();
      return;
    default:
      assertNever(event);
  }
}
