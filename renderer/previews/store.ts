// The one preview at hand. It lives here and in the engine, so that leaving the page and coming back loses nothing.
import { create } from 'zustand';
import type { Preview, PreviewState, StrategyChoice } from '../../shared/contract/previews.ts';
import { assertNever, type ErrorReport } from '../../shared/errors.ts';
import { api } from '../api.ts';
import { errorReport } from '../errors.ts';
import type { TargetForm } from '../restores/request.ts';
import type { Wanted } from './request.ts';

/** What it was asked with, and how the restore after it goes. */
export type PreviewRun = {
  wanted: Wanted;
  /** The dump's name, for people. */
  name: string;
  choice: StrategyChoice;
  care: Pick<TargetForm, 'safetyBackup'>;
};

export type PreviewStage =
  | { status: 'none' }
  | ({ status: 'starting' } & PreviewRun)
  | ({ status: 'running'; id: string; jobId: string } & PreviewRun)
  | ({ status: 'ready'; id: string; preview: Preview } & PreviewRun)
  /** `id` null: it never began. */
  | ({ status: 'failed'; id: string | null; error: ErrorReport } & PreviewRun);

type PreviewStore = {
  stage: PreviewStage;
  start: (run: PreviewRun) => void;
  /** Asks the engine how the preview stands: its job has ended, or the page has come back. */
  look: () => void;
  choose: (choice: StrategyChoice) => void;
  /** Drops it here and at the server. */
  close: () => void;
};

export const usePreview = create<PreviewStore>((set, get) => {
  // Answers for a preview that is no longer wanted are dropped.
  let round = 0;

  const begin = async (run: PreviewRun, mine: number) => {
    try {
      const { jobId, previewId } = await api.previews.start(run.wanted);
      if (mine === round) set({ stage: { status: 'running', id: previewId, jobId, ...run } });
      else drop(previewId);
    } catch (thrown) {
      if (mine === round) set({ stage: { status: 'failed', id: null, error: errorReport(thrown), ...run } });
    }
  };

  const settle = (found: PreviewState) => {
    const { stage } = get();
    if (stage.status !== 'running' && stage.status !== 'ready') return;
    const run = runOf(stage);
    switch (found.status) {
      case 'running':
        return;
      case 'ready':
        if (stage.status === 'running') set({ stage: { status: 'ready', id: found.id, preview: found.preview, ...run } });
        return;
      case 'failed':
        set({ stage: { status: 'failed', id: found.id, error: found.error, ...run } });
        return;
      default:
        assertNever(found);
    }
  };

  const ask = async (id: string, mine: number) => {
    try {
      const found = await api.previews.get({ id });
      if (mine === round) settle(found);
    } catch (thrown) {
      const { stage } = get();
      if (mine !== round || stage.status === 'none') return;
      set({ stage: { status: 'failed', id: null, error: errorReport(thrown), ...runOf(stage) } });
    }
  };

  return {
    stage: { status: 'none' },
    start: (run) => {
      get().close();
      set({ stage: { status: 'starting', ...run } });
      void begin(run, round);
    },
    look: () => {
      const { stage } = get();
      if (stage.status === 'running' || stage.status === 'ready') void ask(stage.id, round);
    },
    choose: (choice) => {
      const { stage } = get();
      if (stage.status !== 'none') set({ stage: { ...stage, choice } });
    },
    close: () => {
      round += 1;
      const { stage } = get();
      if ('id' in stage && stage.id !== null) drop(stage.id);
      set({ stage: { status: 'none' } });
    },
  };
});

/** The engine drops what nobody asks for by itself, too: a failure here leaves nothing to do for the user. */
function drop(id: string): void {
  api.previews.close({ id }).catch(() => undefined);
}

/** Whether the database is restored beside and swapped: replace, of everything, without exceptions. */
export function isSwap({ choice, wanted }: PreviewRun): boolean {
  return choice.strategy === 'replace' && choice.tableStrategies.length === 0 && wanted.tables.length + wanted.rows.length === 0;
}

export function runOf({ wanted, name, choice, care }: PreviewRun): PreviewRun {
  return { wanted, name, choice, care };
}
