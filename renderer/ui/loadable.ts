import { useCallback, useEffect, useRef, useState } from 'react';
import type { ErrorReport } from '../../shared/errors.ts';
import { errorReport } from '../errors.ts';

/** Something that comes from the engine. */
export type Loadable<T> = { status: 'loading' } | { status: 'failed'; error: ErrorReport } | { status: 'ready'; value: T };

export const loading = { status: 'loading' } as const;

/** Loads when `key` changes (null: nothing to load yet), when `version` changes and on `reload`. While the same key loads again, the old value stays. */
export function useLoad<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>, version = 0): [Loadable<T>, () => void] {
  const [state, setState] = useState<{ key: string | null; value: Loadable<T> }>({ key: null, value: loading });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    if (key === null) return;
    const controller = new AbortController();
    const settle = (value: Loadable<T>) => {
      if (!controller.signal.aborted) setState({ key, value });
    };
    latest.current(controller.signal).then(
      (value) => settle({ status: 'ready', value }),
      (thrown: unknown) => settle({ status: 'failed', error: errorReport(thrown) }),
    );
    return () => controller.abort();
  }, [key, round, version]);
  const reload = useCallback(() => setRound((now) => now + 1), []);
  return [state.key === key ? state.value : loading, reload];
}

/** A thing the user started and waits for. */
export type Doing = { status: 'idle' } | { status: 'busy' } | { status: 'failed'; error: ErrorReport };

/** Runs one action at a time and keeps its error for showing. */
export function useAction(): { doing: Doing; run: (action: () => Promise<void>) => void; clear: () => void } {
  const [doing, setDoing] = useState<Doing>({ status: 'idle' });
  const run = useCallback((action: () => Promise<void>) => {
    setDoing({ status: 'busy' });
    action().then(
      () => setDoing({ status: 'idle' }),
      (thrown: unknown) => setDoing({ status: 'failed', error: errorReport(thrown) }),
    );
  }, []);
  const clear = useCallback(() => setDoing({ status: 'idle' }), []);
  return { doing, run, clear };
}
