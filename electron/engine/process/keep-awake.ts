// Keeps the computer from sleeping where no window system does it for us: a child that holds the system's own inhibitor.
import type { HostPort, Log } from '../ports.ts';
import { runChild } from './run-child.ts';

type Holder = { program: string; args: string[]; stdin: 'pipe' | 'ignore' };

/** One child for all that ask, from the first to the last; it ends with this process whatever becomes of it.
 * A system that refuses, or has no such program, is said once in the log and not asked again. */
export function createKeepAwake(log: Log, platform: NodeJS.Platform = process.platform): HostPort['keepAwake'] {
  let wanted = 0;
  let unable = false;
  let letGo: AbortController | null = null;

  const hold = (why: string): void => {
    const holder = holderOf(platform, why);
    if (holder === null) return giveUp(`this program cannot do so on ${platform}`);
    const controller = new AbortController();
    letGo = controller;
    const child = runChild({ ...holder, signal: controller.signal });
    void child.outcome.then((outcome) => {
      if (letGo === controller) letGo = null;
      if (controller.signal.aborted) return;
      giveUp(outcome.kind === 'failedToStart' ? `${holder.program} is missing` : child.stderrTail().trim() || `${holder.program} ended`);
    });
  };
  const giveUp = (why: string): void => {
    if (!unable) log.warn(`the computer may go to sleep during a backup: ${why}`);
    unable = true;
  };

  return (why) => {
    wanted += 1;
    if (wanted === 1 && !unable) hold(why);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      wanted -= 1;
      if (wanted === 0) letGo?.abort();
    };
  };
}

/** systemd-inhibit(1), caffeinate(8). Null: there is none. */
function holderOf(platform: NodeJS.Platform, why: string): Holder | null {
  // cat ends when its input does, and so at our death too, however sudden.
  if (platform === 'linux')
    return {
      program: 'systemd-inhibit',
      args: ['--what=idle:sleep', '--who=Howdah', `--why=${why}`, '--mode=block', 'cat'],
      stdin: 'pipe',
    };
  if (platform === 'darwin') return { program: 'caffeinate', args: ['-i', '-s', '-w', String(process.pid)], stdin: 'ignore' };
  return null;
}
