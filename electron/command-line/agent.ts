// `howdah agent`: looks after the schedules without a window, for servers and services.
import { once } from 'node:events';
import type { Command } from 'commander';
import type { ScheduledRun } from '../../shared/contract/schedules.ts';
import { formatBytes, formatDuration } from '../../shared/format.ts';
import { exitCodes } from './output.ts';
import { stayAlive } from './stay-alive.ts';
import type { CommandTools } from './tools.ts';

/** Work that does not end by then is let go of. */
const endMs = 30_000;

export function addAgentCommand(program: Command, tools: CommandTools): void {
  const { output } = tools;
  program
    .command('agent')
    .description('runs what the schedules say, until it is stopped')
    .option('--once', 'settles what was missed, runs what is due now, waits for it and ends')
    .action(async (args: { once?: boolean }) => {
      const session = await tools.open('agent', { schedule: false });
      stayAlive(tools.shell, session.log);
      const { scheduler } = session.engine;
      const runs = new Map<string, ScheduledRun>();
      scheduler.onRun((run) => {
        const before = runs.get(run.id);
        if (args.once) runs.set(run.id, run);
        if (before?.state !== run.state || run.state === 'running') output.note(runLine(run));
      });
      scheduler.onAlarm((text) => output.note(`alarm: ${text}`));
      if (args.once) {
        // What runs then is left to whoever leads next.
        let late: NodeJS.Timeout | undefined;
        let giveUp = (_leader: boolean): void => {};
        const given = new Promise<boolean>((resolve) => (giveUp = resolve));
        const stop = (): void => {
          scheduler.close().catch((thrown: unknown) => session.log.error('closing failed', thrown));
          late = setTimeout(giveUp, endMs, true);
        };
        tools.ending.addEventListener('abort', stop, { once: true });
        if (tools.ending.aborted) stop();
        const leader = await Promise.race([scheduler.once(), given]);
        clearTimeout(late);
        tools.ending.removeEventListener('abort', stop);
        if (tools.ending.aborted) tools.exitWith(exitCodes.cancelled);
        else await session.cleanups();
        const all = [...runs.values()].toSorted((one, other) => (one.plannedAt < other.plannedAt ? -1 : 1));
        const text = all.length === 0 ? 'Nothing was due.' : `${all.length} slots settled.`;
        output.result({ leader, runs: all }, leader ? text : 'Another Howdah looks after the schedules; nothing was done here.');
        return;
      }
      scheduler.onLeading((leading) =>
        output.note(leading ? 'This agent looks after the schedules.' : 'Another Howdah looks after the schedules.'),
      );
      scheduler.start();
      const leader = scheduler.leader();
      if (leader !== null && !leader.here)
        output.note(`Another Howdah (${leader.host}, process ${leader.pid}) looks after the schedules; this one waits.`);
      if (!tools.ending.aborted) await once(tools.ending, 'abort');
      output.result({ agent: { ended: true } }, '');
    });
}

function runLine(run: ScheduledRun): string {
  const parts = [run.plannedAt, run.schedule, run.state === 'running' ? (run.phase ?? 'running') : run.state];
  if (run.reason !== null) parts.push(`(${run.reason})`);
  if (run.durationMs !== null && run.sizeBytes !== null) parts.push(`${formatBytes(run.sizeBytes)} in ${formatDuration(run.durationMs)}`);
  if (run.error !== null && run.state !== 'running') parts.push(`${run.error.message} [${run.error.code}] ${run.error.hint}`);
  return parts.join(' ');
}
