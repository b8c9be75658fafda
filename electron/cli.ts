// The command line: the same engine in one process. See command-line/program.ts for the commands.
// Loading it takes a moment in which a signal must already count as a cancel, answered like any other.
const early = (): void => {
  const error = { code: 'CANCELLED', message: 'Cancelled before anything was begun.', hint: 'Nothing was left behind.' };
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error })}\n`);
  process.exit(130);
};
process.once('SIGINT', early).once('SIGTERM', early);
const { runCommandLine } = await import('./command-line/run.ts');
const ended = runCommandLine(process.argv.slice(2)); // has its own handlers from here on
process.off('SIGINT', early).off('SIGTERM', early);
process.exitCode = await ended;

export {};
