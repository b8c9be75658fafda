import { create } from 'zustand';
import type { Profile } from '../../shared/contract/profiles.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';
import type { Loadable } from '../ui/loadable.ts';

type ProfilesState = {
  profiles: Loadable<Profile[]>;
  /** Loads again; what was there stays in sight meanwhile. */
  load: () => Promise<void>;
};

export const useProfiles = create<ProfilesState>((set, get) => ({
  profiles: { status: 'loading' },
  load: async () => {
    try {
      set({ profiles: { status: 'ready', value: await api.profiles.list() } });
    } catch (thrown) {
      // A list that was already shown is worth more than an error in its place.
      if (get().profiles.status !== 'ready') set({ profiles: { status: 'failed', error: errorReport(thrown) } });
    }
  },
}));

const none: Profile[] = [];

/** The profiles, or none while they are not there yet. */
export function useProfileList(): Profile[] {
  return useProfiles((state) => (state.profiles.status === 'ready' ? state.profiles.value : none));
}

/** By id, else by name: rows of the history carry the name the profile had. */
export function findProfile(profiles: readonly Profile[], id: string | null, name: string): Profile | undefined {
  return (id === null ? undefined : profiles.find((profile) => profile.id === id)) ?? profiles.find((profile) => profile.name === name);
}
