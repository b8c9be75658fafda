// The tree of commands. Each file of this folder adds the commands of one noun.
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { addAgentCommand } from './agent.ts';
import { addBackupCommands } from './backups.ts';
import { addJobCommands } from './jobs.ts';
import { addNotifyCommands } from './notify.ts';
import { cancelledEarly, exitCodes, type Output } from './output.ts';
import { addPreviewCommand } from './previews.ts';
import { addProfileCommands } from './profiles.ts';
import { addRestoreCommands } from './restores.ts';
import { addRetentionCommands } from './retention.ts';
import { addRowsCommand } from './rows.ts';
import { addSampleCommands } from './sample.ts';
import { addScheduleCommands } from './schedules.ts';
import { addServeCommand } from './serve.ts';
import { openSession, programVersion, type Session } from './session.ts';
import type { Shell } from './shell.ts';
import type { CommandTools } from './tools.ts';

export function createProgram(shell: Shell, output: Output, onOpen: (session: Session) => void, ending: AbortSignal) {
  let code: number = exitCodes.done;
  const tools: CommandTools = {
    shell,
    output,
    ending,
    async open(host, options) {
      const session = await openSession(shell, output, ending, host, options);
      onOpen(session);
      if (ending.aborted && session.host === 'command-line') throw cancelledEarly();
      if (session.engine.secretsWarning !== null && !output.json) output.note(`note: ${session.engine.secretsWarning}`);
      return session;
    },
    exitWith(value) {
      code = value;
    },
  };
  // What is wrong, printFailure says: once and in one form.
  const written = { writeOut: (text: string) => void shell.stdout.write(text), writeErr: () => {} };
  const program = new Command('howdah')
    .description('Back up PostgreSQL databases, prove the backups, restore exactly what was promised.')
    .version(programVersion())
    .option('--json', 'print exactly one JSON document on standard output')
    .option('--verbose', 'show what pg_dump and pg_restore say, line by line')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput(written);
  addProfileCommands(program, tools);
  addBackupCommands(program, tools);
  addPreviewCommand(program, tools);
  addRestoreCommands(program, tools);
  addRowsCommand(program, tools);
  addRetentionCommands(program, tools);
  addJobCommands(program, tools);
  addSampleCommands(program, tools);
  addNotifyCommands(program, tools);
  addServeCommand(program, tools);
  addScheduleCommands(program, tools);
  addAgentCommand(program, tools);
  for (const command of everyCommand(program)) command.exitOverride().configureOutput(written).helpOption('-h, --help', 'show help');

  return {
    async run(args: string[]): Promise<number> {
      if (args.length === 0) {
        shell.stderr.write(program.helpInformation());
        return exitCodes.badUsage;
      }
      await program.parseAsync(namesDumpFile(program, args) ? ['serve', ...args] : args, { from: 'user' });
      return code;
    },
  };
}

/** `howdah file.dump` opens it, as the desktop program does. */
const namesDumpFile = (program: Command, [first = '']: string[]): boolean =>
  !first.startsWith('-') && !program.commands.some((command) => command.name() === first) && existsSync(first);

function everyCommand(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...everyCommand(child)]);
}
