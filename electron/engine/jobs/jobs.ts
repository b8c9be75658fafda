// The queue: one runner a process, limits over all processes of one catalog.
import { EventEmitter } from 'node:events';
import type { LogLine } from '../../../shared/contract/backups.ts';
import type { EndedJob, Job, JobProgress } from '../../../shared/contract/jobs.ts';
import { HowdahError, reportOf } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import { newId } from '../ids.ts';
import type { EnginePorts } from '../ports.ts';
import { runChild, type ChildSpec, type RunningChild } from '../process/run-child.ts';
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
  close(): Promise<void>;
};

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

  const ended = (id: string): void => {
    const job = store.get(id);
    if (job !== null && 'finishedAt' in job) {
      ends.get(id)?.resolve(job);
      ends.delete(id);
    }
    emitter.emit('changed', id);
  };

  /** A catalog that is busy or full for a moment must not leave a job open for ever: each round tries again. */
  const finish = (id: string, end: Parameters<JobStore['finish']>[1], before?: () => void): void => {
    try {
      catalog
        .transaction(() => {
          before?.();
          store.finish(id, end, now());
        })
        .immediate();
      unfinished.delete(id);
    } catch (thrown) {
      if (!unfinished.has(id)) ports.log.error(`the end of the job ${id} could not be recorded; it will be tried again`, thrown);
      unfinished.set(id, () => finish(id, end, before));
      tick();
      return;
    }
    ended(id);
  };
  const tick = (): void => void (timer ??= setInterval(pumpSafely, pollMs));

  const cancelledInQueue = (id: string): void => {
    const request = queued.get(id);
    queued.delete(id);
    const error = cancelledError();
    finish(id, { status: 'cancelled', error: error.report() }, () => request?.neverRan?.(error));
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
        ports.log.error(`the job ${id} could not be begun; it will be tried again`, thrown);
        continue;
      }
      if (claim === 'wait') waiting = true;
      else {
        queued.delete(id);
        if (claim === 'claimed') void execute(id, request);
      }
    }
    if (waiting) settleDead();
    if (queued.size + running.size + unfinished.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const pumpSafely = (): void => {
    try {
      pump();
    } catch (thrown) {
      // The catalog may be busy for a moment; the next round tries again.
      ports.log.error('the job queue could not be read', thrown);
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
      emitter.emit('log', id, jobLog.write(level, text));
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
          ports.log.error(`the progress of ${id} could not be written`, thrown);
        }
        emitter.emit('changed', id);
      },
      spawn(spec) {
        let gone: (() => void) | undefined;
        const child = runChild({
          ...spec,
          signal: spec.signal === undefined ? controller.signal : AbortSignal.any([spec.signal, controller.signal]),
          env: { ...spec.env, HOWDAH_JOB: id },
          onStart: (pid) => {
            gone = leftovers.note(id, { kind: 'process', pid });
            spec.onStart?.(pid);
          },
        });
        child.outcome.then(() => gone?.()).catch((thrown: unknown) => ports.log.error(`a leftover of ${id} stays on the list`, thrown));
        return child;
      },
      note: (body) => leftovers.note(id, body),
    };
    let maySleep: (() => void) | undefined;
    let end: Parameters<JobStore['finish']>[1];
    try {
      emitter.emit('changed', id);
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
    maySleep?.();
    pumpSafely();
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
      ends.set(id, { promise, resolve });
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
      queued.set(id, request);
      emitter.emit('changed', id);
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
      store.askCancel(id);
      if (queued.has(id)) cancelledInQueue(id);
      else running.get(id)?.abort(cancelledError());
      emitter.emit('changed', id);
      return present(store.get(id));
    },
    activeHere: () => queued.size + running.size,
    async cancelAll() {
      const open = [...queued.keys(), ...running.keys()];
      const waits = open.flatMap((id) => ends.get(id)?.promise ?? []);
      for (const id of open) {
        if (queued.has(id)) cancelledInQueue(id);
        else {
          store.askCancel(id);
          running.get(id)?.abort(cancelledError());
        }
      }
      await Promise.all(waits);
    },
    async close() {
      await this.cancelAll();
      clearInterval(timer);
      timer = undefined;
    },
  };
}

const cancelledError = (): HowdahError =>
  new HowdahError('CANCELLED', 'The job was cancelled.', { hint: 'Nothing was left behind. Start it again when you want to.' });

/** An error that the work itself named, after or beside the cancel; a broken child or line is what a cancel does. */
export const isOwnError = (thrown: unknown): thrown is HowdahError =>
  thrown instanceof HowdahError && thrown.code !== 'CLIENT_TOOL_FAILED' && thrown.code !== 'CONNECTION_LOST';

function present<T>(value: T | null): T {
  if (value === null) throw new Error('a row just written is not there');
  return value;
}
