// The command line: the same engine in one process. See command-line/program.ts for the commands.
import { runCommandLine } from './command-line/run.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
