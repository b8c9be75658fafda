import type { Command } from 'commander';
import type { CommandTools } from './tools.ts';

export function addSampleCommands(program: Command, tools: CommandTools): void {
  const { output } = tools;
  const sample = program.command('sample').description('a throw-away PostgreSQL with a small shop in it, for trying things out');

  sample.command('start').action(async () => {
    const session = await tools.open();
    const { jobId } = await session.client.sample.start();
    await session.follow(jobId);
    const state = await session.client.sample.state();
    const name = 'profileId' in state ? (await session.client.profiles.get({ id: state.profileId })).name : '';
    output.result({ sample: state, profile: name }, `The sample runs. Try: howdah backup "${name}"`);
  });

  sample.command('remove').action(async () => {
    const session = await tools.open();
    output.result({ sample: await session.client.sample.remove() }, 'The sample is gone. Its backups stay.');
  });
}
