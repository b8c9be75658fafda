// Nothing leaves a job open for ever: no log that cannot be written, no catalog that is busy or full at the wrong moment.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { reportOf } from '../../../shared/errors.ts';
import { openCatalog } from '../../../electron/engine/catalog/open.ts';
import { createJobs, type JobRequest, type JobRun } from '../../../electron/engine/jobs/jobs.ts';
import { createLeftovers } from '../../../electron/engine/jobs/leftovers.ts';
import type { EnginePorts } from '../../../electron/engine/ports.ts';
import { openEncryptedFile } from '../../../electron/engine/secrets/encrypted-file.ts';
import { makeHome } from '../../support/home.ts';
import { until } from '../../support/wait.ts';

const open: { close(): Promise<void> }[] = [];
const unhandled: unknown[] = [];
const note = (thrown: unknown): void => void unhandled.push(thrown);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  expect(unhandled.splice(0)).toEqual([]);
});

/** A queue whose catalog gives up on a held lock at once. */
function queue() {
  const home = makeHome();
  const catalog = openCatalog(home);
  catalog.pragma('busy_timeout = 0');
  const faults: string[] = [];
  const awake = { held: 0 };
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
      keepAwake() {
        awake.held += 1;
        return () => void (awake.held -= 1);
      },
      startAtLogin: null,
    },
    log: { info: () => {}, warn: () => {}, error: (message) => void faults.push(message) },
    clock: Date.now,
  };
  const leftovers = createLeftovers(catalog, 'hos_a');
  const limits = { perServer: 1, inAll: 3 };
  const jobs = createJobs(
    catalog,
    ports,
    'hos_a',
    leftovers,
    () => limits,
    () => {},
  );
  const other = new Database(join(home, 'catalog.sqlite'));
  open.push({
    async close() {
      if (other.inTransaction) other.exec('rollback');
      other.close();
      await jobs.close();
      catalog.close();
    },
  });
  return {
    jobs,
    home,
    catalog,
    faults,
    awake,
    /** Another process writes, until the returned function is called. */
    keepBusy(): () => void {
      other.exec('begin immediate');
      return () => void other.exec('rollback');
    },
  };
}

const request = (run: JobRequest['run'], change: Partial<JobRequest> = {}): JobRequest => ({
  kind: 'backup',
  title: 'Work',
  profile: 'p',
  profileId: null,
  database: 'd',
  subjectId: null,
  serverKey: 'server',
  run,
  ...change,
});
const untilAborted = (job: JobRun): Promise<never> =>
  new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(job.signal.reason as Error), { once: true }));

/** Nothing can be written below it any more, also not by root. */
function spoil(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  writeFileSync(folder, '');
}

test('a job whose log cannot be begun does its work and ends', async () => {
  const { jobs, home, faults, awake } = queue();
  spoil(join(home, 'jobs'));
  const job = jobs.start(request(() => Promise.resolve({ done: true })));
  expect(await jobs.finished(job.id)).toMatchObject({ status: 'succeeded', result: { done: true } });
  await until('it lets the computer sleep', () => awake.held === 0 || null);
  expect(jobs.activeHere()).toBe(0);
  expect(faults).toEqual([expect.stringContaining('log')]);
});

test('a failure that cannot be logged is a failure on record', async () => {
  const { jobs, home } = queue();
  mkdirSync(join(home, 'jobs'), { recursive: true });
  const job = jobs.start(
    request(() => {
      spoil(join(home, 'jobs'));
      return Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
    }),
  );
  expect(await jobs.finished(job.id)).toMatchObject({ status: 'failed' });
});

test('an end that the busy catalog cannot take is recorded as soon as it can, as what it was', async () => {
  const { jobs, keepBusy, faults } = queue();
  let letGo = (): void => {};
  const job = jobs.start(
    request(() => {
      letGo = keepBusy();
      return Promise.resolve({ rows: 5 });
    }),
  );
  await until('the record was tried', () => faults.find((fault) => fault.includes('could not be recorded')));
  expect(jobs.store.get(job.id)?.status).toBe('running');
  letGo();
  expect(await jobs.finished(job.id)).toMatchObject({ status: 'succeeded', result: { rows: 5 } });
});

test('a result that cannot be written down is a failure, not a job without an end', async () => {
  const { jobs } = queue();
  const job = jobs.start(request(() => Promise.resolve({ size: 1n })));
  expect(await jobs.finished(job.id)).toMatchObject({ status: 'failed', error: { code: 'INTERNAL' } });
});

test('a job whose claim met a busy catalog is looked at again', async () => {
  const { jobs, keepBusy, faults, catalog } = queue();
  // The row is there, and just before the queue takes it somebody else begins to write.
  let letGo: (() => void) | null = null;
  const claim = jobs.store.claim;
  jobs.store.claim = (...given) => {
    letGo ??= keepBusy();
    return claim(...given);
  };
  const job = jobs.start(request(() => Promise.resolve(1)));
  expect([jobs.store.get(job.id)?.status, faults.length]).toEqual(['queued', 1]);
  const free = letGo as (() => void) | null;
  free?.();
  expect(await jobs.finished(job.id)).toMatchObject({ status: 'succeeded' });
  expect(catalog.inTransaction).toBe(false);
});

test('one job that cannot be claimed keeps no other from it', async () => {
  const { jobs } = queue();
  const claim = jobs.store.claim;
  let bad = '';
  jobs.store.claim = (id, limits, now) => {
    if (id === bad) throw new Error('a damaged row');
    return claim(id, limits, now);
  };
  const first = jobs.start(request(untilAborted));
  const second = jobs.start(request(() => Promise.resolve(2)));
  bad = second.id;
  const third = jobs.start(request(() => Promise.resolve(3)));
  jobs.cancel(first.id);
  expect(await jobs.finished(third.id)).toMatchObject({ status: 'succeeded' });
  bad = '';
  expect(await jobs.finished(second.id)).toMatchObject({ status: 'succeeded' });
});

test('a cancel in the queue ends the job also where the catalog is busy, and where its telling fails', async () => {
  const { jobs, keepBusy } = queue();
  let told = 0;
  const running = jobs.start(request(untilAborted));
  const waiting = jobs.start(request(() => Promise.resolve(1), { neverRan: () => void (told += 1) }));
  const broken = jobs.start(
    request(() => Promise.resolve(1), {
      neverRan: () => {
        throw new Error('a fault of ours');
      },
    }),
  );
  const letGo = keepBusy();
  jobs.cancel(waiting.id);
  jobs.cancel(running.id); // its work is told at once, whatever the catalog says
  letGo();
  jobs.cancel(broken.id);
  for (const { id } of [waiting, broken, running]) expect(await jobs.finished(id)).toMatchObject({ status: 'cancelled' });
  expect(told).toBe(1);
});

test('who follows the jobs cannot make one fail', async () => {
  const { jobs } = queue();
  jobs.emitter.on('changed', () => {
    throw new Error('a fault of the page');
  });
  const job = jobs.start(request(() => Promise.resolve(1)));
  expect(await jobs.finished(job.id)).toMatchObject({ status: 'succeeded' });
});

test('closing ends within its limit also where work never ends', async () => {
  const { jobs, faults } = queue();
  const job = jobs.start(request(() => new Promise(() => {})));
  await jobs.close(50);
  expect(jobs.store.get(job.id)?.status).toBe('running'); // a dead process's, for the next start to settle
  expect(faults.at(-1)).toContain(job.id);
});

test('closing also ends what the last job queued', async () => {
  const { jobs } = queue();
  let second = '';
  jobs.start(
    request(async (job) => {
      await untilAborted(job).catch(() => {});
      second = jobs.start(request(untilAborted)).id;
    }),
  );
  await jobs.close();
  expect(jobs.store.get(second)?.status).toBe('cancelled');
});

test('a busy catalog is BUSY, which may pass; a full disk is DISK_FULL', () => {
  const { jobs, keepBusy } = queue();
  const letGo = keepBusy();
  let thrown: unknown;
  try {
    jobs.start(request(() => Promise.resolve(1)));
  } catch (caught) {
    thrown = caught;
  }
  letGo();
  expect(reportOf(thrown)).toMatchObject({ code: 'BUSY' });
  expect(reportOf(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }))).toMatchObject({ code: 'DISK_FULL' });
});
