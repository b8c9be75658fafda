// Follows a server stream for as long as the page wants it: comes back, with growing pauses, when it breaks.

export type StreamState = 'connecting' | 'live' | 'waiting';

/** Opens the stream again until aborted or until `wanted` says no. Pauses grow from 0.3 s to 10 s. */
export async function follow<T>(options: {
  signal: AbortSignal;
  open: (signal: AbortSignal) => Promise<AsyncIterable<T>>;
  onItem: (item: T) => void;
  onState?: (state: StreamState) => void;
  wanted?: () => boolean;
}): Promise<void> {
  const { signal, open, onItem, onState, wanted } = options;
  let pause = 300;
  while (!signal.aborted && (wanted?.() ?? true)) {
    onState?.('connecting');
    try {
      const stream = await open(signal);
      onState?.('live');
      for await (const item of stream) {
        if (signal.aborted) return;
        pause = 300;
        onItem(item);
      }
    } catch {
      // A broken stream is not an error of its own: the pause below and `onState` tell the user.
    }
    if (signal.aborted || !(wanted?.() ?? true)) return;
    onState?.('waiting');
    await rest(pause, signal);
    pause = Math.min(pause * 2, 10_000);
  }
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
