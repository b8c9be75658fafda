// The part of a backup in which pg_dump (and pg_dumpall) run: output on disk, rows counted meanwhile, hashes taken.
import { join } from 'node:path';
import type { Artifact } from '../../../shared/contract/backups.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { programPath } from '../postgres/client-tools.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { databaseArgument, libpqEnvironment, type Target } from '../postgres/target.ts';
import { runToDisk, type ChildEnd } from './dump-child.ts';
import { listFiles, makePrivate, syncFolder } from './durable.ts';
import { explainFailure } from './failure.ts';
import type { ServerFacts } from './gather.ts';
import { hashFile } from './hashed-file.ts';
import type { DumpPlan } from './plan.ts';
import { followDump, type DumpProgress } from './progress.ts';
import { readBack, type ReadBack } from './read-back.ts';
import type { ReadVerdict } from './read-along.ts';
import { countInSnapshot, openSnapshot, type Counted, type Snapshot } from './snapshot.ts';

export type Written = {
  /** What a pg_restore that read along found; null where none did. */
  read: ReadVerdict | null;
  /** What reading it back found; null where it still has to be done. */
  readBefore: ReadBack | null;
  artifacts: Artifact[];
  counted: Counted;
  warnings: string[];
  command: string;
};

/** Runs pg_dump (and pg_dumpall) into the folder, counting rows meanwhile in the same snapshot. */
export async function writeDump(
  context: EngineContext,
  job: JobRun,
  target: Target,
  plan: DumpPlan,
  server: ServerFacts,
  folder: string,
): Promise<Written> {
  const stuckAfterSeconds = context.settings().stuckAfterSeconds;
  const snapshot = await openSnapshot(target, job.applicationName, server.standby, job.signal);
  const progress = followDump(job, target, plan.serverMajor, withData(plan));
  const stopCounting = new AbortController();
  const stop = AbortSignal.any([stopCounting.signal, job.signal]);
  const counting = countInSnapshot(target, job.applicationName, snapshot, plan.tables, stop);
  // Its failure matters only once the dump is there.
  counting.catch(() => {});
  job.progress({ phase: 'Reading tables' });
  const evidence = { folder, target, snapshot, plan, stuckAfterSeconds, signal: job.signal };
  const shared = {
    client: plan.client,
    env: libpqEnvironment(target, job.applicationName),
    progress,
    stuckAfterMs: stuckAfterSeconds * 1000,
    signal: job.signal,
  };
  try {
    const path = join(folder, plan.output.name);
    const snapshotArgs = snapshot.id === null ? [] : [`--snapshot=${snapshot.id}`];
    const inFolder = plan.output.kind === 'directory';
    const dump = await runToDisk(job, {
      ...shared,
      program: 'pg_dump',
      args: [...plan.args, ...snapshotArgs, ...(inFolder ? [`--file=${path}`] : [])],
      file: inFolder ? null : { folder, name: plan.output.name, compression: plan.compression },
      ...(plan.format === 'custom' && plan.compression.by !== 'outer' ? { readAlong: programPath(plan.client, 'pg_restore') } : {}),
    });
    const done = await orExplain(dump, evidence);
    const globals = plan.globals ? await writeGlobals(job, shared, folder, target, evidence) : null;
    job.progress({ phase: 'Counting rows', current: null });
    const counted = await whileAnswering(counting, progress, stuckAfterSeconds, target);
    if (counted.problem !== null) job.log('warning', `Row counts are incomplete: ${counted.problem}.`);
    await progress.stop();
    job.progress({ phase: 'Verifying', fraction: null, secondsLeft: null });
    // What pg_dump wrote itself is hashed by this process while pg_restore reads it.
    const [artifacts, readBefore] =
      done.artifact === null
        ? await Promise.all([
            hashFolder(folder, plan.output.name, job.signal),
            readBack(path, { signal: job.signal, stuckAfterMs: shared.stuckAfterMs, pgRestore: programPath(plan.client, 'pg_restore') }),
          ])
        : [[done.artifact], null];
    return {
      artifacts: [...artifacts, ...(globals === null || globals.artifact === null ? [] : [globals.artifact])],
      read: done.read,
      readBefore,
      counted,
      warnings: [
        ...plan.warnings.map((warning) => warning.message),
        ...done.warnings,
        ...(globals?.warnings ?? []),
        ...(counted.problem === null ? [] : [`Row counts are incomplete: ${counted.problem}.`]),
      ],
      command: done.command,
    };
  } finally {
    stopCounting.abort();
    await counting.catch(() => {});
    await progress.stop();
    await snapshot.end();
  }
}

type Evidence = { folder: string; target: Target; snapshot: Snapshot; plan: DumpPlan; stuckAfterSeconds: number; signal: AbortSignal };

async function orExplain(end: ChildEnd, evidence: Evidence): Promise<Extract<ChildEnd, { ok: true }>> {
  if (end.ok) return end;
  throw await explainFailure(end.failed, evidence);
}

const lookEveryMs = 1000;

/** A count may take hours, at a server that is there. Errors: CONNECTION_LOST (it has said nothing at all for so long). */
export async function whileAnswering<T>(
  counting: Promise<T>,
  progress: Pick<DumpProgress, 'answers'>,
  limitSeconds: number,
  { host, port }: Pick<Target, 'host' | 'port'>,
): Promise<T> {
  let last = progress.answers();
  let at = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (progress.answers() !== last) {
        last = progress.answers();
        at = performance.now();
      } else if (performance.now() - at >= limitSeconds * 1000) {
        const hint = 'See the state of the server, of its disks and of the network in between, then start over.';
        reject(new HowdahError('CONNECTION_LOST', `${host}:${port} gave no answer for ${limitSeconds} seconds.`, { hint }));
      }
    }, lookEveryMs);
  });
  try {
    return await Promise.race([counting, silent]);
  } finally {
    clearInterval(timer);
  }
}

/** Roles and tablespaces, without passwords. */
async function writeGlobals(
  job: JobRun,
  shared: {
    client: DumpPlan['client'];
    env: Record<string, string | undefined>;
    progress: DumpProgress;
    stuckAfterMs: number;
    signal: AbortSignal;
  },
  folder: string,
  target: Target,
  evidence: Evidence,
) {
  job.progress({ phase: 'Reading roles', current: null });
  const end = await runToDisk(job, {
    ...shared,
    program: 'pg_dumpall',
    // pg_dumpall ignores PGDATABASE; `-l` names the database that it connects to first.
    args: ['--globals-only', '--no-role-passwords', '--no-password', `--dbname=${databaseArgument(target.database)}`],
    file: { folder, name: 'globals.sql', compression: { method: 'none', level: null, by: 'nobody' } },
  });
  return await orExplain(end, evidence);
}

/** Hashes, syncs and closes to others what pg_dump wrote itself. */
async function hashFolder(folder: string, name: string, signal: AbortSignal): Promise<Artifact[]> {
  const { files, folders } = await listFiles(join(folder, name));
  const artifacts = new Map<string, Artifact>();
  const waiting = [...files];
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const path = join(folder, name, file);
      await makePrivate(path);
      artifacts.set(file, await hashFile(path, `${name}/${file}`, { signal, sync: true }));
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  for (const inner of [...folders, '']) await syncFolder(join(folder, name, inner));
  return files.map((file) => artifacts.get(file)).filter((artifact) => artifact !== undefined);
}

const withData = (plan: DumpPlan): DumpPlan['tables'] => {
  const excluded = new Set(plan.excluded.map(tableKey));
  return plan.tables.filter((table) => !excluded.has(tableKey(table)));
};
