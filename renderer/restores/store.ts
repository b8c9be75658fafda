// What is about to be restored: a dump is chosen, looked at, and only then given a target.
import { create } from 'zustand';
import type { DumpSource } from '../../shared/contract/common.ts';
import type { Dump } from '../../shared/contract/dumps.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';
import { openDropped } from '../host.ts';
import { go } from '../navigation.ts';

export type Chosen =
  | { status: 'none' }
  /** A file on its way to the engine; `fraction` 0 to 1. */
  | { status: 'receiving'; name: string; fraction: number }
  | { status: 'inspecting'; name: string; source: DumpSource }
  | { status: 'failed'; name: string; source: DumpSource | null; error: ErrorReport }
  | { status: 'inspected'; name: string; source: DumpSource; dump: Dump }
  | { status: 'started'; name: string; restoreId: string; jobId: string };

type RestoreState = {
  chosen: Chosen;
  /** Looks at a dump. Restores nothing. */
  choose: (source: DumpSource, name: string) => void;
  /** Takes a file that was dropped or picked in the page, then looks at it. */
  receive: (file: File) => void;
  started: (ids: { restoreId: string; jobId: string }) => void;
  reset: () => void;
};

export const useRestore = create<RestoreState>((set, get) => {
  // Answers for something that is no longer chosen are dropped.
  let round = 0;

  const inspect = async (source: DumpSource, name: string, mine: number) => {
    set({ chosen: { status: 'inspecting', name, source } });
    try {
      const dump = await api.dumps.inspect({ source });
      if (mine === round) set({ chosen: { status: 'inspected', name, source, dump } });
    } catch (thrown) {
      if (mine === round) set({ chosen: { status: 'failed', name, source, error: errorReport(thrown) } });
    }
  };

  const take = async (file: File, mine: number) => {
    set({ chosen: { status: 'receiving', name: file.name, fraction: 0 } });
    try {
      const opened = await openDropped(file, (fraction) => {
        if (mine === round) set({ chosen: { status: 'receiving', name: file.name, fraction } });
      });
      if (mine === round) await inspect({ kind: 'file', id: opened.id }, opened.name, mine);
    } catch (thrown) {
      if (mine === round) set({ chosen: { status: 'failed', name: file.name, source: null, error: errorReport(thrown) } });
    }
  };

  return {
    chosen: { status: 'none' },
    choose: (source, name) => {
      round += 1;
      void inspect(source, name, round);
    },
    receive: (file) => {
      round += 1;
      go('restore');
      void take(file, round);
    },
    started: (ids) => {
      round += 1;
      const { chosen } = get();
      set({ chosen: { status: 'started', name: chosen.status === 'none' ? '' : chosen.name, ...ids } });
    },
    reset: () => {
      round += 1;
      set({ chosen: { status: 'none' } });
    },
  };
});
