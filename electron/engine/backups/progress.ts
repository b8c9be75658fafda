// How far a dump is, asked of the server: bytes that each COPY has sent, and locks that it waits for.
// https://www.postgresql.org/docs/current/progress-reporting.html#COPY-PROGRESS-REPORTING
import type { JobRun } from '../jobs/jobs.ts';
import { connect, type Session } from '../postgres/connection.ts';
import { serverError } from '../postgres/server-error.ts';
import type { Target } from '../postgres/target.ts';
import type { SourceTable } from './gather.ts';
import { readLockWaits } from './lock-waits.ts';

export type DumpProgress = {
  /** Changes with every sign of life, of the server's too: waiting for a lock is not being stuck. */
  pulse(): number;
  /** Changes with every answer of the server, whatever it says: as long as it does, it is there. */
  answers(): number;
  /** The client program sent or wrote so many bytes. */
  sent(bytes: number): void;
  /** pg_dump said something. */
  spoke(): void;
  stop(): Promise<void>;
};

type Sample = { pid: number; relation: number | null; bytes: number | null; state: string };

const everyMs = 500;
/** The end of the dump waits for the answer in hand, so it must come soon or not at all. */
const quietMs = 15_000;

/** Follows the job's sessions until stopped. Where the server cannot be asked, the job goes on without. */
export function followDump(job: JobRun, target: Target, serverMajor: number, tables: SourceTable[]): DumpProgress {
  const tally = createTally(tables);
  let pulse = 0;
  let answers = 0;
  let session: Session | null = null;
  let stopped = false;
  let lastStates = '';
  let asking: Promise<void> = Promise.resolve();

  const ask = async (): Promise<void> => {
    try {
      session ??= await connect(target, { applicationName: 'howdah watch', signal: job.signal, quietMs });
      const samples = await readSamples(session, job.applicationName, serverMajor);
      const waits = await readLockWaits(session, job.applicationName);
      answers += 1;
      const states = JSON.stringify(samples);
      if (states !== lastStates || waits.length > 0) pulse += 1;
      lastStates = states;
      tally.take(samples);
      if (!stopped) job.progress({ ...tally.progress(), waits });
    } catch (thrown) {
      await session?.end().catch(() => {});
      session = null;
      // It has no place for another session, say: that is an answer, too.
      if (serverError(thrown, target).detail?.startsWith('SQLSTATE') === true) answers += 1;
      if (!stopped)
        job.log('info', `The server could not be asked how far it is: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  };
  const timer = setInterval(() => {
    asking = asking.then(() => (stopped ? undefined : ask()));
  }, everyMs);

  return {
    pulse: () => pulse,
    answers: () => answers,
    sent(bytes) {
      pulse += 1;
      tally.sent(bytes);
    },
    spoke() {
      pulse += 1;
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await asking;
      await session?.end().catch(() => {});
      job.progress({ waits: [], current: null });
    },
  };
}

async function readSamples(session: Session, applicationName: string, serverMajor: number): Promise<Sample[]> {
  // The view is of version 14; before it, bytes out are all there is.
  const { rows } = await session.query<Sample>(
    serverMajor >= 14
      ? `select a.pid, p.relid as relation, p.bytes_processed::float8 as bytes, concat(a.state, a.query_start, a.wait_event) as state
           from pg_stat_activity a left join pg_stat_progress_copy p on p.pid = a.pid
          where a.application_name = $1 order by a.pid`
      : `select a.pid, null::oid as relation, null::float8 as bytes, concat(a.state, a.query_start, a.wait_event) as state
           from pg_stat_activity a where a.application_name = $1 order by a.pid`,
    [applicationName],
  );
  return rows;
}

/** Adds up what is known. Sizes on the server's disk stand for the bytes to come. */
function createTally(tables: SourceTable[]) {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const total = tables.reduce((sum, table) => sum + table.sizeBytes, 0);
  const begun = performance.now();
  const done = new Set<number>();
  const copied = new Map<number, number>();
  let underWay = new Set<number>();
  let sent = 0;
  let reached = 0;

  const fraction = (): number | null => {
    if (total === 0) return null;
    if (copied.size === 0 && sent === 0) return 0;
    let bytes = 0;
    for (const oid of done) bytes += byOid.get(oid)?.sizeBytes ?? 0;
    // A row as text is about as long as on the page; where it is longer, the table is held just below its end.
    for (const oid of underWay) bytes += Math.min(copied.get(oid) ?? 0, 0.98 * (byOid.get(oid)?.sizeBytes ?? 0));
    if (copied.size === 0) bytes = Math.min(sent, 0.98 * total);
    reached = Math.max(reached, Math.min(0.99, bytes / total));
    return reached;
  };

  return {
    sent(bytes: number): void {
      sent += bytes;
    },
    take(samples: Sample[]): void {
      const now = new Set<number>();
      for (const { relation, bytes } of samples) {
        if (relation === null || !byOid.has(relation)) continue;
        now.add(relation);
        copied.set(relation, Math.max(copied.get(relation) ?? 0, bytes ?? 0));
      }
      for (const oid of underWay) if (!now.has(oid)) done.add(oid);
      underWay = now;
    },
    progress() {
      const seconds = (performance.now() - begun) / 1000;
      const part = fraction();
      const copiedBytes = [...copied.values()].reduce((sum, bytes) => sum + bytes, 0);
      const bytesDone = Math.max(sent, copiedBytes);
      const current = [...underWay].map((oid) => byOid.get(oid)).filter((table) => table !== undefined);
      return {
        phase: 'Reading tables',
        fraction: part,
        secondsLeft: part === null || part < 0.02 || seconds < 2 ? null : Math.ceil((seconds * (1 - part)) / part),
        bytesDone,
        bytesTotal: total,
        bytesPerSecond: seconds < 1 ? null : Math.round(bytesDone / seconds),
        current: current.length === 0 ? null : current.map((table) => `${table.schema}.${table.table}`).join(', '),
      };
    },
  };
}
