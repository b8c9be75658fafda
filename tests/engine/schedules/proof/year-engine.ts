// The real engine over a real catalog file, with three things of the world around it in the test's hand: the clock, the
// making of one backup (pg_dump), and the moment at which the program dies.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import Database from 'better-sqlite3';
import { vi } from 'vitest';
import { profileFields } from '../../../../shared/contract/profiles.ts';
import type { ScheduledRun } from '../../../../shared/contract/schedules.ts';
import { HowdahError } from '../../../../shared/errors.ts';
import type { EnginePorts } from '../../../../electron/engine/ports.ts';
import type { Client } from '../../../../electron/transport/client.ts';
import { makeHome } from '../../../support/home.ts';
import { iso } from './wall.ts';

export type Outcome = 'good' | 'refused' | 'down' | 'cancelled';
type Call = { backupId: string; signal: AbortSignal; end: (how: Outcome) => void };
type Sqlite = Database.Database;

/** Filled by the mocks of year.test.ts. */
export const hands = {
  catalogs: [] as Sqlite[],
  calls: new Map<string, Call>(),
  /** Calls of engines that are gone never end. */
  makeBackup(
    context: { catalog: Sqlite },
    job: { signal: AbortSignal },
    work: { backupId: string; scheduleId?: string },
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = work.scheduleId ?? '';
      if (hands.calls.has(id)) throw new Error(`two backups of schedule ${id} at once`);
      hands.calls.set(id, {
        backupId: work.backupId,
        signal: job.signal,
        end(how) {
          hands.calls.delete(id);
          if (how === 'good') {
            context.catalog
              .prepare(
                `update backups set status = 'succeeded', finished_at = started_at, duration_ms = 1000, size_bytes = 10, directory = ?,
                   facts = ?, verification = ? where id = ?`,
              )
              .run(`/nowhere/${work.backupId}`, facts, verification, work.backupId);
            resolve({ id: work.backupId, status: 'succeeded', sizeBytes: 10, directory: `/nowhere/${work.backupId}`, present: true });
          } else reject(faults[how]());
        },
      });
    });
  },
};

const facts = JSON.stringify({
  artifacts: [],
  format: 'custom',
  compression: 'none',
  quick: false,
  serverVersion: '15',
  clientVersion: '15',
  tables: 1,
  rows: 1,
});
const verification = JSON.stringify({ ok: true, deep: false, at: '2026-01-01T00:00:00.000Z', checks: [] });
const faults: Record<Exclude<Outcome, 'good'>, () => HowdahError> = {
  refused: () => new HowdahError('AUTHENTICATION_FAILED', 'The server refused the password.', { hint: 'Set it again.' }),
  down: () => new HowdahError('CONNECTION_FAILED', 'The server could not be reached.', { hint: 'Start it.' }),
  cancelled: () => new HowdahError('CANCELLED', 'Cancelled.', { hint: 'Start it again.' }),
};

/** How long the program may take to come to what the model says; it takes milliseconds, on any machine that is not ill. */
export const patienceMs = 120_000;

export type Year = Awaited<ReturnType<typeof openYear>>;

/** Opens the engine that the year is played with. */
export async function openYear(clock: () => number) {
  vi.useRealTimers();
  const { createEngine } = await import('../../../../electron/engine/engine.ts');
  const { openEncryptedFile } = await import('../../../../electron/engine/secrets/encrypted-file.ts');
  const home = makeHome();
  const logged: string[] = [];
  let engine: Awaited<ReturnType<typeof createEngine>> | null = null;
  let client: Client | null = null;
  let read: Sqlite | null = null;

  const start = async (): Promise<void> => {
    let alive = true;
    const ports: EnginePorts = {
      homeDirectory: home,
      secrets: openEncryptedFile(home),
      host: {
        kind: 'agent',
        version: '0.0.0-test',
        chooseDirectory: () => Promise.resolve(null),
        chooseDumpFile: () => Promise.resolve(null),
        showFolder: () => Promise.resolve(false),
        answerQuit: () => undefined,
        notify: null,
        keepAwake: () => () => undefined,
        startAtLogin: null,
      },
      log: {
        info: () => undefined,
        warn: () => undefined,
        error: (message, thrown) =>
          void (alive && logged.push(`${message}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : ''}`)),
      },
      clock,
    };
    die = () => void (alive = false);
    engine = await createEngine(ports);
    client = createRouterClient(engine.router, { context: { caller: 'command-line' } });
    engine.scheduler.start();
    read ??= new Database(join(home, 'catalog.sqlite'), { readonly: true });
  };
  let die = (): void => undefined;
  await start();
  const now = <T>(value: T | null): T => {
    if (value === null) throw new Error('the engine is not open');
    return value;
  };
  const profile = await now<Client>(client).profiles.create({
    profile: profileFields.parse({ name: 'shop', host: '127.0.0.1', port: 1, user: 'nobody', database: 'shop' }),
  });
  await now<Client>(client).settings.set({ jobsPerServer: 16, jobsInAll: 32 });

  return {
    profileId: profile.id,
    faults: logged,
    calls: hands.calls,
    client: (): Client => now(client),
    wake: (): void => now(engine).scheduler.wake(),
    /** Waits until every schedule that had something to decide is settled up to now. */
    async looked(instant: number): Promise<void> {
      const limit = performance.now() + patienceMs;
      const db = now<Sqlite>(read);
      const due = db.prepare('select 1 from schedules where next_at <= ? or settled_at > ?');
      while (due.get(iso(instant), iso(instant + 60_000)) !== undefined) {
        if (performance.now() > limit) throw new Error(`nobody settled what was due at ${iso(instant)}\n${logged.slice(-3).join('\n')}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    answer: (scheduleId: string, how: Outcome): void => hands.calls.get(scheduleId)?.end(how),
    stopped: (scheduleId: string): boolean => hands.calls.get(scheduleId)?.signal.aborted ?? true,
    /** As if by SIGKILL: nothing is written any more, the system lets go of the locks, backups in hand never end. */
    async crash(): Promise<void> {
      die();
      now(engine).scheduler.abandon();
      hands.calls.clear();
      for (const catalog of hands.catalogs.splice(0)) catalog.close();
      for (const name of readdirSync(join(home, 'hosts'))) rmSync(join(home, 'hosts', name), { force: true });
      for (const name of ['leader.lock', 'leader.lock-journal']) rmSync(join(home, name), { force: true });
      engine = null;
      await Promise.resolve();
    },
    async close(): Promise<void> {
      await now(engine).close();
      engine = null;
    },
    reopen: start,
    records: (scheduleId: string, since: number): Row[] =>
      now<Sqlite>(read).prepare<[string, string], Row>(`${columns} where schedule_id = ? and planned_at >= ?`).all(scheduleId, iso(since)),
    recordAt: (scheduleId: string, at: number): Row | null =>
      now<Sqlite>(read).prepare<[string, string], Row>(`${columns} where schedule_id = ? and planned_at = ?`).get(scheduleId, iso(at)) ??
      null,
    record: (id: string): Row | null => now<Sqlite>(read).prepare<[string], Row>(`${columns} where id = ?`).get(id) ?? null,
  };
}

export type Row = Pick<ScheduledRun, 'id' | 'plannedAt' | 'state' | 'reason' | 'phase' | 'trigger' | 'coveredBy' | 'detail'>;
const columns = 'select id, planned_at as plannedAt, state, reason, phase, trigger, covered_by as coveredBy, detail from runs';
