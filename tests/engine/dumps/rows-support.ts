// Reads rows out of dumps in a real job, and out of the server, as COPY prints them.
import { inspectDump } from '../../../electron/engine/dumps/inspect.ts';
import { readTableRows, type RowsRequest, type TableRows } from '../../../electron/engine/dumps/table-rows.ts';
import type { EngineContext } from '../../../electron/engine/context.ts';
import type { JobRun } from '../../../electron/engine/jobs/jobs.ts';
import type { TableName } from '../../../shared/contract/common.ts';
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { EndedJob } from '../../../shared/contract/jobs.ts';
import type { TestEngine } from '../../support/engine.ts';

/** What reading needs of the engine's context. */
export const contextOf = (engine: TestEngine): EngineContext => ({ ports: engine.ports }) as EngineContext;

export async function inspected(path: string): Promise<Dump> {
  return { ...(await inspectDump(path)), backupId: null };
}

/** Runs work as a job; throws what it threw. */
export async function inJob<T>(engine: TestEngine, work: (job: JobRun) => Promise<T>): Promise<T> {
  const outcome: { value?: T; thrown?: unknown } = {};
  const started = startJob(engine, async (job) => {
    try {
      outcome.value = await work(job);
    } catch (thrown) {
      outcome.thrown = thrown;
      throw thrown;
    }
  });
  await started.ended;
  if ('thrown' in outcome) throw outcome.thrown;
  return outcome.value as T;
}

export function startJob(engine: TestEngine, run: (job: JobRun) => Promise<unknown>): { id: string; ended: Promise<EndedJob> } {
  const { id } = engine.engine.jobs.start({
    kind: 'rows',
    title: 'Reading rows',
    profile: '',
    profileId: null,
    database: '',
    subjectId: null,
    serverKey: `rows-${Math.random()}`,
    run,
  });
  return { id, ended: engine.ended(id) };
}

export type ReadRun = Omit<TableRows, 'chunks'> & { bytes: Buffer; lines: string[] };

/** Every run of rows, drained. */
export async function readAll(
  engine: TestEngine,
  path: string,
  tables: TableName[],
  change: Partial<RowsRequest> = {},
): Promise<ReadRun[]> {
  const dump = await inspected(path);
  return inJob(engine, async (job) => {
    const runs: ReadRun[] = [];
    for await (const run of readTableRows(job, contextOf(engine), { path, dump, clientDirectory: '', tables, ...change })) {
      const chunks: Buffer[] = [];
      for await (const chunk of run.chunks) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      runs.push({ table: run.table, columns: run.columns, encoding: run.encoding, bytes, lines: linesOf(bytes) });
    }
    return runs;
  });
}

export function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString('utf8').split('\n');
  if (lines.pop() !== '') throw new Error('the last row has no end');
  return lines;
}

/** The code of what it throws; `none` where it does not. */
export const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (thrown: Error & { code?: string }) => thrown.code ?? thrown.message,
  );
