// The queue: one runner a process, limits over all processes of one catalog.
import { EventEmitter } from 'node:events';
import type { LogLine } from '../../../shared/contract/backups.ts';
import type { EndedJob, Job, JobProgress } from '../../../shared/contract/jobs.ts';
import { HowdahError, reportOf } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import { newId } from '../ids.ts';
import type { EnginePorts } from '../ports.ts';
import { runChild, signalGroup, type ChildSpec, type RunningChild } from '../process/run-child.ts';
import type { Leftover, Leftovers } from './leftovers.ts';
import { openJobLog } from './log-file.ts';
import { jobStore, noProgress, type JobStore, type Limits, type NewJob } from './store.ts';

export type JobRequest = Omit<NewJob, 'id' | 'owner' | 'queued_at' | 'profile_id' | 'subject_id' | 'server_key' | 'priority'> & {
  id?: string;
  /** 1: scheduled, so that those that somebody waits for (0, the default) go first. */
  priority?: 0 | 1;
  profileId: string | null;
  subjectId: string | null;
  /** Jobs of one server share it (see `serverKey`). */
  serverKey: string;
  /** Writes what the job is about to the catalog, in one transaction with the job itself: no kill can part them. */
  record?(): void;
  /** The work. Throws HowdahError; resolves only when everything is on disk or at the server for good. */
  run(job: JobRun): Promise<unknown>;
  /** Told when the job ends without `run` having been called (cancelled in the queue). */
  neverRan?(error: HowdahError): void;
};

/** What the work is handed. */
export type JobRun = {
  id: string;
  /** The name its sessions carry at the server: `howdah job_…`. */
  applicationName: string;
  /** Aborted when the job is cancelled. Check it between steps: `job.signal.throwIfAborted()` is turned into CANCELLED. */
  signal: AbortSignal;
  log(level: LogLine['level'], text: string): void;
  progress(change: Partial<JobProgress>): void;
  /** Spawns a client program that ends with the job, also when this process dies. */
  spawn(spec: Omit<ChildSpec, 'signal'> & { signal?: AbortSignal }): RunningChild;
  /** See `Leftovers.note`. */
  note(body: Leftover): () => void;
};

export type Jobs = {
  store: JobStore;
  start(request: JobRequest): Job;
  /** Resolves when the job has ended. Only for jobs of this process. */
  finished(id: string): Promise<EndedJob>;
  cancel(id: string): Job;
  activeHere(): number;
  cancelAll(): Promise<void>;
  /** `changed` (jobId), `log` (jobId, LogLine). */
  emitter: EventEmitter<{ changed: [string]; log: [string, LogLine] }>;
  /** Cancels what is open and waits for its end; at most so long, then it is let go of as at this process's death. */
  close(limitMs?: number): Promise<void>;
};

/** How a job ends, as its row tells it. */
type JobEnd = Parameters<JobStore['finish']>[1];

const closeMs = 30_000;
const progressSaveMs = 500;
const pollMs = 300;

export function createJobs(
  catalog: Sqlite,
  ports: EnginePorts,
  hostId: string,
  leftovers: Leftovers,
  limits: () => Limits,
  settleDead: () => void,
): Jobs {
  const store = jobStore(catalog);
  const emitter: Jobs['emitter'] = new EventEmitter();
  emitter.setMaxListeners(0);
  const queued = new Map<string, JobRequest>();
  const running = new Map<string, AbortController>();
  const ends = new Map<string, { promise: Promise<EndedJob>; resolve: (job: EndedJob) => void }>();
  const now = (): string => new Date(ports.clock()).toISOString();
  const unfinished = new Map<string, () => void>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let complaint = '';
  let complained = false;

  /** Said once, not three times a second, for as long as it is the same. */
  const complain = (what: string, thrown: unknown): void => {
    const text = `${what} ${String(thrown)}`;
    if (text !== complaint) ports.log.error(what, thrown);
    complaint = text;
    complained = true;
  };

  /** A listener's fault is its own: no job fails by being watched. */
  const tell = (...event: ['changed', string] | ['log', string, LogLine]): void => {
    try {
      if (event[0] === 'changed') emitter.emit('changed', event[1]);
      else emitter.emit('log', event[1], event[2]);
    } catch (thrown) {
      complain('somebody who follows the jobs failed', thrown);
    }
  };

  const ended = (id: string): void => {
    const job = store.get(id);
    if (job !== null && 'finishedAt' in job) {
      ends.get(id)?.resolve(job);
      ends.delete(id);
    }
    tell('changed', id);
  };

  /** A catalog that is busy or full for a moment must not leave a job open for ever: each round tries again. */
  const finish = (id: string, end: JobEnd, before?: () => void): void => {
    if (closed) return; // the catalog may be closed, too; the next start finds the row as a dead process's
    try {
      catalog
        .transaction(() => {
          before?.();
          store.finish(id, end, now());
        })
        .immediate();
      unfinished.delete(id);
      ended(id);
    } catch (thrown) {
      if (!isCatalogFault(thrown) && (before !== undefined || end.status === 'succeeded')) {
        // No wait mends this: what is told at the end fails by itself, or the result cannot be written down.
        ports.log.error(`the end of the job ${id} could not be recorded as it was`, thrown);
        finish(id, end.status === 'succeeded' ? { status: 'failed', error: reportOf(thrown) } : end);
        return;
      }
      if (!unfinished.has(id)) ports.log.error(`the end of the job ${id} could not be recorded; it will be tried again`, thrown);
      unfinished.set(id, () => finish(id, end, before));
      tick();
    }
  };
  const askCancel = (id: string): void => {
    try {
      store.askCancel(id);
    } catch (thrown) {
      // It is cancelled all the same; only who looks on does not see that it was asked.
      complain(`that ${id} is being cancelled could not be written`, thrown);
    }
  };
  const tick = (): void => void (timer ??= setInterval(pumpSafely, pollMs));

  const cancelledInQueue = (id: string): void => {
    const request = queued.get(id);
    queued.delete(id);
    const error = cancelledError();
    finish(id, { status: 'cancelled', error: error.report() }, () => request?.neverRan?.(error));
  };

  const cancelHere = (id: string): void => {
    if (queued.has(id)) cancelledInQueue(id);
    else {
      running.get(id)?.abort(cancelledError());
      askCancel(id);
    }
  };

  const pump = (): void => {
    // Set first: whatever is thrown below, there is a next round.
    tick();
    for (const again of unfinished.values()) again();
    for (const id of store.cancelAsked(hostId)) {
      if (queued.has(id)) cancelledInQueue(id);
      else running.get(id)?.abort(cancelledError());
    }
    let waiting = false;
    for (const [id, request] of queued) {
      let claim: ReturnType<JobStore['claim']>;
      try {
        claim = store.claim(id, limits(), now());
      } catch (thrown) {
        complain(`the job ${id} could not be begun; it will be tried again`, thrown);
        // Busy for one is busy for all, and each would wait for it anew.
        if (isBusy(thrown)) return;
        continue;
      }
      if (claim === 'wait') waiting = true;
      else {
        queued.delete(id);
        if (claim === 'gone') ended(id);
        else execute(id, request).catch((thrown: unknown) => ports.log.error(`the end of ${request.title} failed`, thrown));
      }
    }
    if (waiting) settleDead();
    if (queued.size + running.size + unfinished.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const pumpSafely = (): void => {
    complained = false;
    try {
      pump();
      if (!complained) complaint = '';
    } catch (thrown) {
      // The catalog may be busy for a moment; the next round tries again.
      complain('the job queue could not be read', thrown);
    }
  };

  const execute = async (id: string, request: JobRequest): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    const jobLog = openJobLog(ports.homeDirectory, id, ports.clock, (thrown) =>
      ports.log.error(`the log of ${id} cannot be written`, thrown),
    );
    let progress = noProgress;
    let savedAt = 0;
    const log = (level: LogLine['level'], text: string): void => {
      tell('log', id, jobLog.write(level, text));
    };
    const job: JobRun = {
      id,
      applicationName: `howdah ${id}`,
      signal: controller.signal,
      log,
      progress(change) {
        const phaseChanged = change.phase !== undefined && change.phase !== progress.phase;
        progress = { ...progress, ...change };
        if (!phaseChanged && performance.now() - savedAt < progressSaveMs) return;
        savedAt = performance.now();
        try {
          store.saveProgress(id, progress);
        } catch (thrown) {
          // Progress is only shown; the next one is written when the catalog has time.
          complain(`the progress of ${id} could not be written`, thrown);
        }
        tell('changed', id);
      },
      spawn(spec) {
        let gone: (() => void) | undefined;
        const child = runChild({
          ...spec,
          signal: spec.signal === undefined ? controller.signal : AbortSignal.any([spec.signal, controller.signal]),
          env: { ...spec.env, HOWDAH_JOB: id },
          onStart: (pid) => {
            try {
              gone = leftovers.note(id, { kind: 'process', pid });
            } catch (thrown) {
              signalGroup(pid, 'SIGKILL'); // nobody would know of it
              throw thrown;
            }
            spec.onStart?.(pid);
          },
        });
        child.outcome.then(() => gone?.()).catch((thrown: unknown) => ports.log.error(`a leftover of ${id} stays on the list`, thrown));
        return child;
      },
      note: (body) => leftovers.note(id, body),
    };
    let maySleep: (() => void) | undefined;
    let end: JobEnd;
    try {
      tell('changed', id);
      maySleep = ports.host.keepAwake(request.title);
      log('info', `${request.title}: started`);
      const result = await request.run(job);
      log('info', 'Done');
      end = { status: 'succeeded', result };
    } catch (thrown) {
      // A late cancel must not rename another failure, nor a failure a cancel.
      const report = reportOf(controller.signal.aborted ? (isOwnError(thrown) ? thrown : cancelledError()) : thrown);
      if (report.code === 'INTERNAL') ports.log.error(`${request.title} failed`, thrown);
      const status = report.code === 'CANCELLED' ? 'cancelled' : 'failed';
      log(status === 'cancelled' ? 'warning' : 'error', `${report.message}${report.detail === undefined ? '' : `\n${report.detail}`}`);
      end = { status, error: report };
    }
    running.delete(id);
    finish(id, end);
    try {
      maySleep?.();
    } finally {
      if (!closed) pumpSafely();
    }
  };

  return {
    store,
    emitter,
    start(request) {
      const id = request.id ?? newId('job');
      let resolve: (job: EndedJob) => void = () => {};
      const promise = new Promise<EndedJob>((done) => {
        resolve = done;
      });
      catalog
        .transaction(() => {
          request.record?.();
          store.insert({
            id,
            kind: request.kind,
            title: request.title,
            profile: request.profile,
            profile_id: request.profileId,
            database: request.database,
            subject_id: request.subjectId,
            server_key: request.serverKey,
            owner: hostId,
            queued_at: now(),
            priority: request.priority ?? 0,
          });
        })
        .immediate();
      ends.set(id, { promise, resolve });
      queued.set(id, request);
      tell('changed', id);
      pumpSafely();
      return present(store.get(id));
    },
    finished(id) {
      const job = store.get(id);
      if (job !== null && 'finishedAt' in job) return Promise.resolve(job);
      const end = ends.get(id);
      if (end === undefined)
        throw new HowdahError('NOT_FOUND', `The job ${id} is not one of this process.`, { hint: 'Follow it with jobs.watch.' });
      return end.promise;
    },
    cancel(id) {
      const job = store.get(id);
      if (job === null) throw new HowdahError('NOT_FOUND', `There is no job ${id}.`, { hint: 'See the list of jobs.' });
      if ('finishedAt' in job)
        throw new HowdahError('BAD_INPUT', `The job ${id} has already ended (${job.status}).`, { hint: 'Nothing needs to be cancelled.' });
      if (!queued.has(id) && !running.has(id)) store.askCancel(id);
      else cancelHere(id);
      tell('changed', id);
      return present(store.get(id));
    },
    activeHere: () => queued.size + running.size,
    async cancelAll() {
      const open = [...queued.keys(), ...running.keys()];
      const waits = open.flatMap((id) => ends.get(id)?.promise ?? []);
      for (const id of open) cancelHere(id);
      await Promise.all(waits);
    },
    async close(limitMs = closeMs) {
      if (closed) return;
      let late: NodeJS.Timeout | undefined;
      const limit = new Promise<'late'>((resolve) => (late = setTimeout(resolve, limitMs, 'late')));
      // What ends may have queued another (the cleanup after a backup), and the last one's end may not be on record yet.
      while (queued.size + running.size + unfinished.size > 0) {
        const open = [...unfinished.keys()].flatMap((id) => ends.get(id)?.promise ?? []);
        const over = Promise.all([this.cancelAll(), ...open]).then(() => new Promise((resolve) => setImmediate(resolve)));
        if ((await Promise.race([over, limit])) !== 'late') continue;
        const left = [...running.keys(), ...queued.keys(), ...unfinished.keys()];
        ports.log.error(`these jobs did not end in time and are let go of: ${left.join(', ')}`);
        break;
      }
      clearTimeout(late);
      closed = true;
      clearInterval(timer);
      timer = undefined;
    },
  };
}

const codeOf = (thrown: unknown): string => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '');
const isBusy = (thrown: unknown): boolean => codeOf(thrown).startsWith('SQLITE_BUSY');
/** Of the catalog's file or disk: busy, full, not to be written. It may be over in a moment. */
const isCatalogFault = (thrown: unknown): boolean => codeOf(thrown).startsWith('SQLITE_');

const cancelledError = (): HowdahError =>
  new HowdahError('CANCELLED', 'The job was cancelled.', { hint: 'Nothing was left behind. Start it again when you want to.' });

/** An error that the work itself named, after or beside the cancel; a broken child or line is what a cancel does. */
export const isOwnError = (thrown: unknown): thrown is HowdahError =>
  thrown instanceof HowdahError && thrown.code !== 'CLIENT_TOOL_FAILED' && thrown.code !== 'CONNECTION_LOST';

function present<T>(value: T | null): T {
  if (value === null) throw new Error('a row just written is not there');
  return value;
}
