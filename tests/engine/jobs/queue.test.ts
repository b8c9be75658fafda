import { afterEach, expect, test } from 'vitest';
import { HowdahError } from '../../../shared/errors.ts';
import { openCatalog } from '../../../electron/engine/catalog/open.ts';
import { createJobs, type JobRequest, type JobRun } from '../../../electron/engine/jobs/jobs.ts';
import { createLeftovers } from '../../../electron/engine/jobs/leftovers.ts';
import type { EnginePorts } from '../../../electron/engine/ports.ts';
import { openEncryptedFile } from '../../../electron/engine/secrets/encrypted-file.ts';
import { makeHome } from '../../support/home.ts';
import { until } from '../../support/wait.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A queue as one process has it; several on one home stand for several processes. */
function queue(home: string, hostId: string, limits = { perServer: 2, inAll: 3 }) {
  const catalog = openCatalog(home);
  const ports: EnginePorts = {
    homeDirectory: home,
    secrets: openEncryptedFile(home),
    host: {
      kind: 'command-line',
      version: '0',
      chooseDirectory: () => Promise.resolve(null),
      chooseDumpFile: () => Promise.resolve(null),
      showFolder: () => Promise.resolve(false),
      answerQuit: () => {},
      notify: null,
      keepAwake: () => () => undefined,
      startAtLogin: null,
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    clock: Date.now,
  };
  const jobs = createJobs(
    catalog,
    ports,
    hostId,
    createLeftovers(catalog, hostId),
    () => limits,
    () => {},
  );
  open.push({
    async close() {
      await jobs.close();
      catalog.close();
    },
  });
  return jobs;
}

/** Work that goes on until it is told to end. */
function held(change: Partial<JobRequest> = {}) {
  let finish: (result: unknown) => void = () => {};
  const state = { started: false };
  const request: JobRequest = {
    kind: 'backup',
    title: 'Held',
    profile: 'p',
    profileId: null,
    database: 'd',
    subjectId: null,
    serverKey: 'server',
    run: (job: JobRun) => {
      state.started = true;
      return new Promise((resolve, reject) => {
        finish = resolve;
        job.signal.addEventListener('abort', () => reject(job.signal.reason as Error), { once: true });
      });
    },
    ...change,
  };
  return { request, state, finish: (result: unknown = null) => finish(result) };
}

test('no more run than the limit of a server and the limit over all allow', async () => {
  const jobs = queue(makeHome(), 'hos_a');
  const work = [held(), held(), held(), held({ serverKey: 'other' }), held({ serverKey: 'third' })];
  const started = work.map((one) => jobs.start(one.request));
  expect(work.map((one) => one.state.started)).toEqual([true, true, false, true, false]);
  expect(jobs.store.get(started[2]?.id ?? '')).toMatchObject({ status: 'queued', waitsBehind: 2 });
  work[0]?.finish();
  await until('the third to start', () => work[2]?.state.started);
  expect(work[4]?.state.started).toBe(false);
  work[3]?.finish();
  await until('the fifth to start', () => work[4]?.state.started);
});

test('the limits hold over several processes of one catalog', async () => {
  const home = makeHome();
  const [first, second] = [queue(home, 'hos_a', { perServer: 1, inAll: 9 }), queue(home, 'hos_b', { perServer: 1, inAll: 9 })];
  const [one, two] = [held(), held()];
  first.start(one.request);
  second.start(two.request);
  expect([one.state.started, two.state.started]).toEqual([true, false]);
  one.finish();
  await until('the other process to start its job', () => two.state.started);
});

test('what somebody waits for goes before what was scheduled, also when another process asks', async () => {
  const home = makeHome();
  const [first, second] = [queue(home, 'hos_a', { perServer: 1, inAll: 2 }), queue(home, 'hos_b', { perServer: 1, inAll: 2 })];
  const [running, scheduled, byHand, elsewhere] = [held(), held({ priority: 1 }), held(), held({ priority: 1, serverKey: 'other' })];
  first.start(running.request);
  first.start(scheduled.request);
  second.start(byHand.request);
  // A place at another server is no use to it: nobody is kept waiting there.
  first.start(elsewhere.request);
  expect([scheduled.state.started, byHand.state.started, elsewhere.state.started]).toEqual([false, false, true]);
  running.finish();
  await until('the one by hand to start', () => byHand.state.started);
  expect(scheduled.state.started).toBe(false);
  byHand.finish();
  await until('the scheduled one to start', () => scheduled.state.started);
});

test('many scheduled ones in two processes: one by hand waits only for what runs, and they all come in the end', async () => {
  const home = makeHome();
  const limits = { perServer: 1, inAll: 1 };
  const queues = [queue(home, 'hos_a', limits), queue(home, 'hos_b', limits), queue(home, 'hos_c', limits)] as const;
  const scheduled = Array.from({ length: 6 }, () => held({ priority: 1 }));
  for (const [index, one] of scheduled.entries()) queues[index % 2 === 0 ? 0 : 1].start(one.request);
  const byHand = held();
  queues[2].start(byHand.request);
  const atWork = () => [...scheduled, byHand].filter((one) => one.state.started);
  const ended = new Set<ReturnType<typeof held>>();
  const order: ReturnType<typeof held>[] = [];
  while (ended.size < 7) {
    const next = await until('one to run', () => atWork().find((one) => !ended.has(one)));
    expect(atWork().length).toBe(ended.size + 1);
    order.push(next);
    ended.add(next);
    next.finish();
  }
  expect([order[0], order[1]]).toEqual([scheduled[0], byHand]);
});

test('a cleanup by hand that waits for another cleanup keeps no scheduled backup waiting', () => {
  const jobs = queue(makeHome(), 'hos_a', { perServer: 2, inAll: 2 });
  const cleanup = { kind: 'cleanup', serverKey: 'cleanup' } as const;
  const [running, waiting, backup] = [held({ ...cleanup, priority: 1 }), held(cleanup), held({ priority: 1 })];
  for (const one of [running, waiting, backup]) jobs.start(one.request);
  expect([running, waiting, backup].map((one) => one.state.started)).toEqual([true, false, true]);
});

test('two restores never work on one database at once; one on another may', async () => {
  const jobs = queue(makeHome(), 'hos_a', { perServer: 9, inAll: 9 });
  const work = [held({ kind: 'restore' }), held({ kind: 'undo' }), held({ kind: 'restore', database: 'e' }), held()];
  for (const one of work) jobs.start(one.request);
  expect(work.map((one) => one.state.started)).toEqual([true, false, true, true]);
  work[0]?.finish();
  await until('the undo to start', () => work[1]?.state.started);
});

test('cancel ends a waiting job at once, a running one through its signal, and another process’s too', async () => {
  const home = makeHome();
  const jobs = queue(home, 'hos_a', { perServer: 1, inAll: 9 });
  const other = queue(home, 'hos_b');
  const [running, waiting] = [held(), held()];
  let told: string | undefined;
  const first = jobs.start(running.request);
  const second = jobs.start({ ...waiting.request, neverRan: (error) => (told = error.code) });
  jobs.cancel(second.id);
  expect(await jobs.finished(second.id)).toMatchObject({ status: 'cancelled', error: { code: 'CANCELLED' } });
  expect([waiting.state.started, told]).toEqual([false, 'CANCELLED']);
  other.cancel(first.id);
  expect(await jobs.finished(first.id)).toMatchObject({ status: 'cancelled' });
  expect(() => jobs.cancel(first.id)).toThrowError(expect.objectContaining({ code: 'BAD_INPUT' }));
});

test('a failure keeps its code, a fault is INTERNAL, and neither is ever a success', async () => {
  const jobs = queue(makeHome(), 'hos_a');
  const fail = (thrown: unknown) => jobs.start({ ...held().request, run: () => Promise.reject(thrown as Error) });
  const known = fail(new HowdahError('DISK_FULL', 'full', { hint: 'make room' }));
  expect(await jobs.finished(known.id)).toMatchObject({ status: 'failed', error: { code: 'DISK_FULL', hint: 'make room' } });
  const fault = fail(new TypeError('x is not a function'));
  expect(await jobs.finished(fault.id)).toMatchObject({ status: 'failed', error: { code: 'INTERNAL' } });
});

test('a failure that was there before the cancel is not renamed', async () => {
  const jobs = queue(makeHome(), 'hos_a');
  const job = jobs.start({
    ...held().request,
    run: (run) =>
      new Promise((_, reject) => {
        run.signal.addEventListener('abort', () => reject(new HowdahError('HASH_MISMATCH', 'differs', { hint: 'look' })), { once: true });
      }),
  });
  jobs.cancel(job.id);
  expect(await jobs.finished(job.id)).toMatchObject({ status: 'failed', error: { code: 'HASH_MISMATCH' } });
});

test('a result that is late for a cancel is still told as what it is: done', async () => {
  const jobs = queue(makeHome(), 'hos_a');
  const job = jobs.start({
    ...held().request,
    run: (run) => new Promise((resolve) => run.signal.addEventListener('abort', () => resolve({ kept: true }), { once: true })),
  });
  jobs.cancel(job.id);
  expect(await jobs.finished(job.id)).toMatchObject({ status: 'succeeded', result: { kept: true } });
});
