import { createOutput, exitCodes, printFailure } from './output.ts';
import { createProgram } from './program.ts';
import type { Session } from './session.ts';

const lingerMs = 3000;

/** Runs one command; resolves to the exit code. */
export async function runCommandLine(args: string[]): Promise<number> {
  const output = createOutput(args.includes('--json'), args.includes('--verbose'));
  const opened: Session[] = [];
  let stopped: NodeJS.Signals | null = null;
  const stop = (signal: NodeJS.Signals): void => {
    stopped = signal;
    output.note(`${signal}: cancelling`);
    for (const session of opened) {
      // A program that stays closes when it is told to: scheduled runs are interrupted then, not cancelled.
      if (session.host !== 'command-line') continue;
      session.engine.cancelAll().catch((thrown: unknown) => session.log.error('cancelling failed', thrown));
    }
    ending.abort();
  };
  const ending = new AbortController();
  const onInterrupt = (): void => stop('SIGINT');
  const onTerminate = (): void => stop('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  let code: number = exitCodes.done;
  try {
    code = await createProgram(output, (session) => opened.push(session), ending.signal).run(args);
  } catch (thrown) {
    code = printFailure(output, thrown);
  } finally {
    for (const session of opened) {
      try {
        await session.close();
      } catch (thrown) {
        output.note(`howdah: closing failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        code ||= exitCodes.failed;
      }
    }
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
    // What was let go of must not keep a program that was told to end.
    if (stopped !== null) setTimeout(() => process.exit(), lingerMs).unref();
  }
  return stopped !== null && code === exitCodes.failed ? exitCodes.cancelled : code;
}
