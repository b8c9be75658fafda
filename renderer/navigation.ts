// Where the user is, kept in the address (`#/backups/bak_…`), so that back, forward and reload work.
import { create } from 'zustand';

export const pages = ['backups', 'restore', 'schedules', 'retention', 'messages', 'profiles', 'activity', 'settings'] as const;
export type Page = (typeof pages)[number];

export const pageTitles: Record<Page, string> = {
  backups: 'Backups',
  restore: 'Restore',
  schedules: 'Schedules',
  retention: 'Retention',
  messages: 'Messages',
  profiles: 'Profiles',
  activity: 'Activity',
  settings: 'Settings',
};

type Place = { page: Page; /** What is opened on it: a backup's, profile's or job's id. */ id: string | null };

type Navigation = Place & {
  /** The page holds edits that leaving would lose. */
  unsaved: boolean;
  /** Where the user wants to go, but has to be asked first. */
  wanted: Place | null;
};

export const useNavigation = create<Navigation>(() => ({ ...read(), unsaved: false, wanted: null }));

export function go(page: Page, id?: string | null): void {
  const hash = hashOf({ page, id: id ?? null });
  if (window.location.hash === hash) return;
  window.location.hash = hash;
}

export function setUnsaved(unsaved: boolean): void {
  useNavigation.setState({ unsaved });
}

/** The user's answer to whether unsaved edits may be lost. */
export function answerLeaving(leave: boolean): void {
  const { wanted } = useNavigation.getState();
  useNavigation.setState(leave ? { wanted: null, unsaved: false } : { wanted: null });
  if (leave && wanted !== null) go(wanted.page, wanted.id);
}

function hashOf({ page, id }: Place): string {
  return id === null ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
}

function read(): Place {
  const [, page = '', id] = window.location.hash.split('/');
  return {
    page: (pages as readonly string[]).includes(page) ? (page as Page) : 'backups',
    id: id === undefined || id === '' ? null : decodeURIComponent(id),
  };
}

window.addEventListener('hashchange', () => {
  const next = read();
  const { page, id, unsaved } = useNavigation.getState();
  if (next.page === page && next.id === id) return;
  if (!unsaved) {
    useNavigation.setState(next);
    return;
  }
  // The address goes on saying what is in sight.
  window.history.replaceState(null, '', hashOf({ page, id }));
  useNavigation.setState({ wanted: next });
});
