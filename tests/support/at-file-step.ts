// Moments of a job by name instead of by the clock: a file or folder that is about to be renamed or removed, or has been.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export type FileMoment = {
  when: 'before' | 'after';
  step: 'rename' | 'renameSync' | 'rm';
  /** Pattern of the path that it is done to. */ path: string;
};

type Step = (path: string, ...rest: unknown[]) => unknown;

/** Runs `act` once, at that moment of this process. */
export function atFileStep({ when, step, path }: FileMoment, act: () => void): void {
  const place = (step === 'renameSync' ? fs : fs.promises) as unknown as Record<string, Step>;
  const real = place[step] as Step;
  const wanted = new RegExp(path);
  place[step] = (target, ...rest) => {
    if (!wanted.test(target)) return real(target, ...rest);
    if (when === 'before') {
      act();
      return real(target, ...rest);
    }
    const done = real(target, ...rest);
    if (!(done instanceof Promise)) {
      act();
      return done;
    }
    return done.then((answer: unknown) => {
      act();
      return answer;
    });
  };
  syncBuiltinESMExports();
}
