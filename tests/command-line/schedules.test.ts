// Schedules from the command line, with a clock that starts where HOWDAH_NOW says.
import { expect, test } from 'vitest';
import type { ScheduledRun } from '../../shared/contract/schedules.ts';
import type { ErrorReport } from '../../shared/errors.ts';
import { makeHome } from '../support/home.ts';
import { runCli } from '../support/run-cli.ts';

const shell = () => {
  const home = makeHome();
  return async <T>(now: string, ...args: string[]): Promise<T> => {
    const run = await runCli([...args, '--json'], { home, env: { HOWDAH_NOW: now } });
    expect(run.json, run.stderr).toBeDefined();
    return run.json as T;
  };
};

test('what is planned, what was missed by each policy, and what is on record afterwards', async () => {
  const cli = shell();
  const before = '2026-03-27T12:00:00Z';
  for (const missed of ['run-once', 'grace:2h', 'skip'])
    await cli(before, 'schedule', 'add', missed, '--cleanup', '--every', 'daily 02:30', '--tz', 'Europe/Berlin', '--missed', missed);
  const { runs } = await cli<{ runs: { at: string }[] }>(before, 'schedule', 'next', 'skip', '--to', '2026-03-31T00:00:00Z');
  expect(runs.map((run) => run.at)).toEqual(['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']);

  const late = '2026-03-29T10:00:00Z';
  expect(await cli(late, 'agent', '--once')).toMatchObject({ leader: true });
  const history = await cli<{ runs: ScheduledRun[] }>(late, 'schedule', 'history');
  const of = (name: string) => history.runs.filter((run) => run.schedule === name).map((run) => [run.plannedAt, run.state, run.reason]);
  expect(of('run-once')).toEqual([
    ['2026-03-29T01:00:00.000Z', 'caught-up', 'not-running'],
    ['2026-03-28T01:30:00.000Z', 'missed', 'covered'],
  ]);
  expect(of('grace:2h').map((run) => run[2])).toEqual(['too-late', 'too-late']);
  expect(of('skip').map((run) => run[2])).toEqual(['policy-skip', 'policy-skip']);
  expect(await cli<{ runs: unknown[] }>(late, 'agent', '--once')).toEqual({ leader: true, runs: [] });
});

test.each([
  [['schedule', 'add', 'x', '--cleanup']],
  [['schedule', 'add', 'x', '--cleanup', '--every', 'daily 02:00', '--cron', '0 2 * * *']],
  [['schedule', 'add', 'x', '--cleanup', '--cron', '61 * * * *']],
  [['schedule', 'add', 'x', '--cleanup', '--every', 'daily 02:00', '--tz', 'Nowhere/Land']],
  [['schedule', 'add', 'x', '--cleanup', '--every', 'daily 02:00', '--missed', 'perhaps']],
  [['schedule', 'pause']],
])('%j is bad usage', async (args) => {
  const { error } = await shell()<{ error: ErrorReport }>('2026-03-27T12:00:00Z', ...args);
  expect(error.code).toBe('BAD_INPUT');
});

test('HOWDAH_NOW that is no time is refused', async () => {
  expect(await shell()<{ error: ErrorReport }>('soon', 'schedule', 'list')).toMatchObject({ error: { code: 'BAD_INPUT' } });
});
