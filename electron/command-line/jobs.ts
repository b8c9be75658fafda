import { setTimeout as after } from 'node:timers/promises';
import type { Command } from 'commander';
import { table } from './output.ts';
import type { CommandTools } from './tools.ts';

const cancelWaitMs = 30_000;

export function addJobCommands(program: Command, tools: CommandTools): void {
  const { output } = tools;
  const jobs = program.command('jobs').description('what runs, waits and ran');

  jobs
    .command('list')
    .option('--active', 'only those that run or wait')
    .action(async (args: { active?: boolean }) => {
      const session = await tools.open();
      const found = await session.client.jobs.list({ active: args.active ?? false });
      const rows = found.map((job) => [job.id, job.queuedAt, job.kind, job.status, job.title]);
      output.result({ jobs: found }, rows.length === 0 ? 'No jobs.' : table(['ID', 'QUEUED', 'KIND', 'STATUS', 'TITLE'], rows));
    });

  jobs
    .command('cancel <id>')
    .description('ask a job of any process to end, and wait until it has')
    .action(async (id: string) => {
      const session = await tools.open();
      let job = await session.client.jobs.cancel({ id });
      const deadline = performance.now() + cancelWaitMs;
      while (!('finishedAt' in job) && performance.now() < deadline && !tools.ending.aborted) {
        await after(100);
        job = await session.client.jobs.get({ id });
      }
      output.result({ job }, 'finishedAt' in job ? `The job ended: ${job.status}.` : 'The job was asked to end, and has not yet.');
    });
}
