import { createOutput, exitCodes, printFailure } from './output.ts';
import { createProgram } from './program.ts';
import type { Session } from './session.ts';
import type { Shell } from './shell.ts';

/** Runs one command; resolves to the exit code. */
export async function runCommandLine(args: string[], shell: Shell): Promise<number> {
  const output = createOutput(shell, args.includes('--json'), args.includes('--verbose'));
  const opened: Session[] = [];
  const ending = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    output.note(`${signal}: cancelling`);
    for (const session of opened) {
      // A program that stays closes when it is told to: scheduled runs are interrupted then, not cancelled.
      if (session.host !== 'command-line') continue;
      session.engine.cancelAll().catch((thrown: unknown) => session.log.error('cancelling failed', thrown));
    }
    ending.abort();
  };
  const onInterrupt = (): void => stop('SIGINT');
  const onTerminate = (): void => stop('SIGTERM');
  shell.on('SIGINT', onInterrupt);
  shell.on('SIGTERM', onTerminate);
  let code: number = exitCodes.done;
  try {
    code = await createProgram(shell, output, (session) => opened.push(session), ending.signal).run(args);
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
    shell.off('SIGINT', onInterrupt);
    shell.off('SIGTERM', onTerminate);
  }
  return ending.signal.aborted && code === exitCodes.failed ? exitCodes.cancelled : code;
}
