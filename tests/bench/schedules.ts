// A thousand schedules and a hundred thousand runs on record: what the calendar and the next runs cost, and an agent with nothing to do.
import { readFileSync } from 'node:fs';
import { profileFields } from '../../shared/contract/profiles.ts';
import { scheduleFields, type RunState } from '../../shared/contract/schedules.ts';
import { parseWhen } from '../../shared/schedules/text.ts';
import { openCatalog } from '../../electron/engine/catalog/open.ts';
import { nextPlanned } from '../../electron/engine/schedules/planned.ts';
import { runsStore } from '../../electron/engine/schedules/runs-store.ts';
import { iso, scheduleStore } from '../../electron/engine/schedules/store.ts';
import { makeEngine } from '../support/engine.ts';
import { startCli } from '../support/run-cli.ts';
import { until } from '../support/wait.ts';
import { median } from './measure.ts';
import { table } from './report.ts';

const schedules = 1000;
const runsOfEach = 100;
/** Two minutes past, so that nothing is due for thirteen. */
const start = Date.UTC(2026, 10, 20, 12, 2);
const dayMs = 86_400_000;
const idleSeconds = Number(process.env['HOWDAH_BENCH_IDLE_SECONDS'] ?? 60);
/** Of one clock tick in /proc/<pid>/stat; Linux has had it so on every platform that this runs on. */
const tickMs = 10;

const rules = [
  'daily 02:00',
  'hourly 9-17 mon-fri',
  'weekly mon,thu 02:30',
  'monthly last 03:00',
  'hourly',
  'cron */15 8-18 * * mon-fri',
  'cron 30 1 * * sun#1',
  'daily 02:30',
  'weekly sat,sun 23:45',
  'monthly 31 04:00',
];
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'UTC',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Asia/Tokyo',
];

export async function benchSchedules(say: (text: string) => void): Promise<void> {
  const begun = Date.now();
  const engine = await makeEngine({ clock: () => start + (Date.now() - begun) });
  say('Making 1,000 schedules and 100,000 runs …');
  const profiles: string[] = [];
  for (let index = 0; index < 20; index++) {
    const profile = profileFields.parse({ name: `server ${index}`, host: `db${index}.test`, port: 5432, database: 'shop' });
    profiles.push((await engine.client.profiles.create({ profile })).id);
  }
  fill(engine.home, profiles);
  const { client } = engine;
  const month = (from: string, to: string) => client.schedules.calendar({ from, to, timeZone: 'Europe/Berlin' });
  // The grid of a month begins and ends with days of its neighbours.
  await time(
    'month view, 1,000 schedules and 100,000 runs, this month',
    () => month('2026-10-25T23:00:00Z', '2026-12-06T23:00:00Z'),
    '≤ 200 ms',
  );
  await time('month view, a month that is past', () => month('2026-09-27T22:00:00Z', '2026-11-01T23:00:00Z'), '≤ 200 ms');
  await time('next runs of 1,000 schedules, a day', () => client.schedules.next({ to: iso(start + dayMs) }), '≤ 200 ms');
  await time('next runs of 1,000 schedules, the first 1,000', () => client.schedules.next({}), '≤ 200 ms');
  await time('year view', () => client.schedules.year({ year: 2026, timeZone: 'Europe/Berlin' }), '');
  await time('load of 30 days', () => client.schedules.load({ timeZone: 'Europe/Berlin' }), '');
  await time('history, newest 1,000 of 100,000', () => client.schedules.history({}), '');
  await time('list of 1,000 schedules', () => client.schedules.list(), '');
  await time('status, with alarms', () => client.schedules.status(), '');
  await idleAgent(engine.home, async () => (await client.schedules.status()).leader !== null, say);
  await engine.close();
}

async function time(what: string, call: () => Promise<unknown>, reach: string): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 6; round++) {
    const begun = performance.now();
    await call();
    times.push(performance.now() - begun);
  }
  const [first = Number.NaN, ...others] = times;
  table.push({ what, stock: '', howdah: `${median(others).toFixed(0)} ms (first ${first.toFixed(0)} ms)`, ratio: '', reach });
}

/** Nothing is due meanwhile: what is left is waiting. */
async function idleAgent(home: string, leads: () => Promise<boolean>, say: (text: string) => void): Promise<void> {
  const { child, ended } = startCli(['agent'], { home, env: { HOWDAH_NOW: iso(start) } });
  try {
    await Promise.race([
      until('the agent to lead', leads, 60_000),
      ended.then((run) => Promise.reject(new Error(`the agent ended: ${run.stderr}`))),
    ]);
    await passed(5000);
    say(`Watching the idle agent for ${idleSeconds} s …`);
    const before = { cpu: cpuMs(child.pid ?? 0), at: performance.now() };
    await passed(idleSeconds * 1000);
    const percent = ((cpuMs(child.pid ?? 0) - before.cpu) / (performance.now() - before.at)) * 100;
    table.push({ what: 'idle agent, of one core', stock: '', howdah: `${percent.toFixed(2)} %`, ratio: '', reach: '≤ 0.5 %' });
  } finally {
    child.kill('SIGTERM');
    await ended.catch(() => undefined);
  }
}

const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** User and system time of a process and all its threads. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function fill(home: string, profiles: string[]): void {
  const catalog = openCatalog(home);
  const store = scheduleStore(catalog);
  const runs = runsStore(catalog);
  const states: RunState[] = [
    'succeeded',
    'succeeded',
    'succeeded',
    'succeeded',
    'failed',
    'succeeded',
    'missed',
    'caught-up',
    'succeeded',
    'skipped',
  ];
  catalog.transaction(() => {
    for (let index = 0; index < schedules; index++) {
      const id = `sch_${index}`;
      const profileId = profiles[index % profiles.length] ?? '';
      const fields = scheduleFields.parse({
        name: `schedule ${index}`,
        task: { kind: 'backup', profileId },
        when: parseWhen(rules[index % rules.length] ?? ''),
        timeZone: zones[index % zones.length] ?? '',
      });
      store.insert(id, fields, { settledAt: start, nextAt: nextPlanned({ fields, changes: [] }, start), now: start - 120 * dayMs });
      for (let run = 0; run < runsOfEach; run++) {
        const plannedAt = start - (run + 1) * dayMs + index * 60_000;
        const state = states[(run * 7 + index) % states.length] ?? 'succeeded';
        const ran = state !== 'missed' && state !== 'skipped';
        const runId = `run_${index}_${run}`;
        runs.insert({
          id: runId,
          scheduleId: id,
          schedule: fields.name,
          kind: 'backup',
          profile: `server ${index % profiles.length}`,
          profileId,
          colour: fields.colour,
          plannedAt: iso(plannedAt),
          state,
          trigger: 'slot',
          reason: null,
          detail: '',
          phase: null,
          owner: null,
          coveredBy: null,
          finishedAt: iso(plannedAt + 600_000),
        });
        if (!ran) continue;
        runs.change(runId, {
          startedAt: iso(plannedAt),
          durationMs: 300_000 + (index % 60) * 10_000,
          sizeBytes: 1_000_000_000,
          attempts: 1,
          backups: [
            { backupId: `bak_${index}_${run}`, database: 'shop', status: state === 'failed' ? 'failed' : 'succeeded', jobId: null },
          ],
          ...(state === 'failed'
            ? { error: { code: 'CONNECTION_FAILED', message: 'The server could not be reached.', hint: 'Is it running?' } }
            : {}),
        });
      }
    }
  })();
  catalog.close();
}
