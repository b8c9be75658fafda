import { powerSaveBlocker } from 'electron';
import type { HostPort } from '../engine/ports.ts';

/** The computer stays awake from the first that asks until the last lets go; the screen may turn dark. */
export function createKeepAwake(): HostPort['keepAwake'] {
  let wanted = 0;
  let blocker = 0;
  return () => {
    wanted += 1;
    if (wanted === 1) blocker = powerSaveBlocker.start('prevent-app-suspension');
    let released = false;
    return () => {
      if (released) return;
      released = true;
      wanted -= 1;
      if (wanted === 0) powerSaveBlocker.stop(blocker);
    };
  };
}
