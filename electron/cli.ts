// The command line: the same engine in one process. See command-line/program.ts for the commands.
// Loading it takes a moment in which a signal must already count as a cancel, answered like any other.
const lingerMs = 3000;
const early = (): void => {
  const error = { code: 'CANCELLED', message: 'Cancelled before anything was begun.', hint: 'Nothing was left behind.' };
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error })}\n`);
  process.exit(130);
};
process.once('SIGINT', early).once('SIGTERM', early);
const { runCommandLine } = await import('./command-line/run.ts');
let told = false;
const remember = (): void => void (told = true);
process.on('SIGINT', remember).on('SIGTERM', remember);
const ended = runCommandLine(process.argv.slice(2), process); // has its own handlers from here on
process.off('SIGINT', early).off('SIGTERM', early);
process.exitCode = await ended;
process.off('SIGINT', remember).off('SIGTERM', remember);
// What was let go of must not keep a program that was told to end.
if (told) setTimeout(() => process.exit(), lingerMs).unref();

export {};
