// What is about to be restored: a dump is chosen, looked at, and only then given a target.
import { create } from 'zustand';
import type { DumpSource } from '../../shared/contract/common.ts';
import type { Dump } from '../../shared/contract/dumps.ts';
import type { RowEffects } from '../../shared/contract/previews.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';
import { openDropped } from '../host.ts';
import { go } from '../navigation.ts';
import { usePreview, type PreviewRun } from '../previews/store.ts';
import { freshTarget, type TargetForm } from './request.ts';

export type Chosen =
  | { status: 'none' }
  /** A file on its way to the engine; `fraction` 0 to 1. */
  | { status: 'receiving'; name: string; fraction: number }
  | { status: 'inspecting'; name: string; source: DumpSource }
  | { status: 'failed'; name: string; source: DumpSource | null; error: ErrorReport }
  | Inspected
  | { status: 'started'; name: string; restoreId: string; jobId: string; after: Previewed | null };

export type Inspected = { status: 'inspected'; name: string; source: DumpSource; dump: Dump; form: TargetForm };

/** The preview that a restore was started from: what it promised, and how to ask for it again. */
export type Previewed = { run: PreviewRun; predicted: RowEffects; inspected: Inspected };

type RestoreState = {
  chosen: Chosen;
  /** Looks at a dump. Restores nothing. */
  choose: (source: DumpSource, name: string) => void;
  /** Takes a file that was dropped or picked in the page, then looks at it. */
  receive: (file: File) => void;
  /** Changes the target of what was looked at. */
  aim: (change: Partial<TargetForm>) => void;
  started: (ids: { restoreId: string; jobId: string }, preview?: { run: PreviewRun; predicted: RowEffects }) => void;
  /** Back from a restore that found another database than its preview did: the same preview once more. */
  previewAgain: (before: Previewed) => void;
  reset: () => void;
};

export const useRestore = create<RestoreState>((set, get) => {
  // Answers for something that is no longer chosen are dropped.
  let round = 0;

  const inspect = async (source: DumpSource, name: string, mine: number) => {
    set({ chosen: { status: 'inspecting', name, source } });
    try {
      const dump = await api.dumps.inspect({ source });
      if (mine === round) set({ chosen: { status: 'inspected', name, source, dump, form: freshTarget(dump) } });
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
      usePreview.getState().close();
      void inspect(source, name, round);
    },
    receive: (file) => {
      round += 1;
      usePreview.getState().close();
      go('restore');
      void take(file, round);
    },
    aim: (change) => {
      const { chosen } = get();
      if (chosen.status === 'inspected') set({ chosen: { ...chosen, form: { ...chosen.form, ...change } } });
    },
    started: (ids, preview) => {
      round += 1;
      const { chosen } = get();
      const after = preview === undefined || chosen.status !== 'inspected' ? null : { ...preview, inspected: chosen };
      set({ chosen: { status: 'started', name: chosen.status === 'none' ? '' : chosen.name, ...ids, after } });
    },
    previewAgain: ({ run, inspected }) => {
      round += 1;
      set({ chosen: inspected });
      usePreview.getState().start(run);
    },
    reset: () => {
      round += 1;
      usePreview.getState().close();
      set({ chosen: { status: 'none' } });
    },
  };
});
