import { EventEmitter, on } from 'node:events';
import type { AppEvent } from '../../shared/contract/app.ts';
import type { AppEvents } from './ports.ts';

/** Fans events out to every page that listens. An event with no listener yet is kept for the first one:
 * a dump named on the command line arrives before the page does. */
export function createAppEvents(): AppEvents {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  const watchers = new EventEmitter();
  let unheard: AppEvent[] = [];
  return {
    emit(event) {
      watchers.emit('event', event);
      if (emitter.listenerCount('event') > 0) emitter.emit('event', event);
      else if (event.kind !== 'catalogChanged') unheard.push(event);
    },
    watch(watcher) {
      watchers.on('event', watcher);
      return () => void watchers.off('event', watcher);
    },
    async *listen(signal) {
      const incoming = on(emitter, 'event', signal === undefined ? {} : { signal });
      const waiting = unheard;
      unheard = [];
      yield* waiting;
      try {
        for await (const [event] of incoming) yield event as AppEvent;
      } catch (thrown) {
        if (!signal?.aborted) throw thrown;
      }
    },
  };
}
