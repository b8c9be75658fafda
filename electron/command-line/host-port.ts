import type { HostPort, Log } from '../engine/ports.ts';
import { createKeepAwake } from '../engine/process/keep-awake.ts';

/** What the engine may ask of a host without a window. */
export function windowlessHost(kind: HostPort['kind'], version: string, log: Log): HostPort {
  return {
    kind,
    version,
    chooseDirectory: () => Promise.resolve(null),
    chooseDumpFile: () => Promise.resolve(null),
    showFolder: () => Promise.resolve(false),
    answerQuit: () => undefined,
    notify: null,
    keepAwake: createKeepAwake(log),
    startAtLogin: null,
  };
}
