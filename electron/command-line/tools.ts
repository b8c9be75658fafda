import type { Output } from './output.ts';
import type { EngineOptions } from '../engine/engine.ts';
import type { Session, SessionHost } from './session.ts';
import type { Shell } from './shell.ts';

/** What a command is handed: it opens a session when it needs one, and may set another exit code than 0. */
export type CommandTools = {
  shell: Shell;
  output: Output;
  open(host?: SessionHost, options?: EngineOptions): Promise<Session>;
  exitWith(code: number): void;
  /** Aborted by Ctrl-C and SIGTERM. */
  ending: AbortSignal;
};

/** For options that may be given several times. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];
