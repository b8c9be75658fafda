import { create } from 'zustand';
import type { Settings } from '../../shared/contract/settings.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';
import type { Loadable } from '../ui/loadable.ts';

type SettingsState = {
  settings: Loadable<Settings>;
  load: () => Promise<void>;
  /** Saves at once. Rejects with the engine's error; what was there stays. */
  change: (patch: Partial<Settings>) => Promise<void>;
};

export const useSettings = create<SettingsState>((set, get) => ({
  settings: { status: 'loading' },
  load: async () => {
    try {
      set({ settings: { status: 'ready', value: await api.settings.get() } });
    } catch (thrown) {
      if (get().settings.status !== 'ready') set({ settings: { status: 'failed', error: errorReport(thrown) } });
    }
  },
  change: async (patch) => {
    set({ settings: { status: 'ready', value: await api.settings.set(patch) } });
  },
}));
