// Follows a server stream for as long as the page wants it: comes back, with growing pauses, when it breaks.
import { isDesktop } from './host.ts';

export type StreamState = 'connecting' | 'live' | 'waiting';

/** Opens the stream again until aborted or until `wanted` says no. Pauses grow from 0.3 s to 10 s.
 * In a browser the stream is let go while its tab is hidden: a browser allows six connections to one
 * address over all its tabs, and a few forgotten tabs would hold them all. */
export async function follow<T>(options: {
  signal: AbortSignal;
  open: (signal: AbortSignal) => Promise<AsyncIterable<T>>;
  onItem: (item: T) => void;
  onState?: (state: StreamState) => void;
  wanted?: () => boolean;
}): Promise<void> {
  const { signal, open, onItem, onState } = options;
  const wanted = () => !signal.aborted && (options.wanted?.() ?? true);
  let pause = 300;
  while (wanted()) {
    await visible(signal);
    if (!wanted()) return;
    onState?.('connecting');
    const hidden = whenHidden(signal);
    try {
      const stream = await open(hidden.signal);
      onState?.('live');
      for await (const item of stream) {
        if (signal.aborted) return;
        pause = 300;
        onItem(item);
      }
    } catch {
      // A broken stream is not an error of its own: the pause below and `onState` tell the user.
    }
    const letGo = hidden.signal.aborted;
    hidden.stop();
    if (letGo) continue;
    if (!wanted()) return;
    onState?.('waiting');
    await rest(pause, signal);
    pause = Math.min(pause * 2, 10_000);
  }
}

const mayHide = () => !isDesktop();

/** Resolves at once where the page can be seen, or when it next can be. */
function visible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (!mayHide() || document.visibilityState === 'visible' || signal.aborted) {
      resolve();
      return;
    }
    const look = () => {
      if (document.visibilityState !== 'visible' && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
  });
}

/** A signal that also aborts when the tab is hidden. */
function whenHidden(outer: AbortSignal): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const look = () => {
    if (outer.aborted || (mayHide() && document.visibilityState === 'hidden')) controller.abort();
  };
  document.addEventListener('visibilitychange', look);
  outer.addEventListener('abort', look);
  return {
    signal: controller.signal,
    stop: () => {
      document.removeEventListener('visibilitychange', look);
      outer.removeEventListener('abort', look);
    },
  };
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
