// Where the user is, kept in the address (`#/backups/bak_…`), so that back, forward and reload work.
import { create } from 'zustand';

export const pages = ['backups', 'restore', 'profiles', 'activity', 'settings'] as const;
export type Page = (typeof pages)[number];

export const pageTitles: Record<Page, string> = {
  backups: 'Backups',
  restore: 'Restore',
  profiles: 'Profiles',
  activity: 'Activity',
  settings: 'Settings',
};

type Place = { page: Page; /** What is opened on it: a backup's, profile's or job's id. */ id: string | null };

export const useNavigation = create<Place>(() => read());

export function go(page: Page, id?: string | null): void {
  const hash = id === undefined || id === null ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
  if (window.location.hash === hash) return;
  window.location.hash = hash;
}

function read(): Place {
  const [, page = '', id] = window.location.hash.split('/');
  return {
    page: (pages as readonly string[]).includes(page) ? (page as Page) : 'backups',
    id: id === undefined || id === '' ? null : decodeURIComponent(id),
  };
}

window.addEventListener('hashchange', () => useNavigation.setState(read()));
