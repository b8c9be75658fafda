// Tries, pauses between them, the window's end, and what people do meanwhile. In all of these the backup itself is a stand-in.
import { expect, test } from 'vitest';
import { instant, makeWorld, type Fault, type World } from './world.ts';

const minutes = (row: { next_try_at: string | null }, now: number): number => (Date.parse(row.next_try_at ?? '') - now) / 60_000;

test('the pauses: 1, 2, 4, 8 … minutes, at most 30, each from the end of a try (stand-in for the backup)', async () => {
  const { w, id } = await atWork({ retries: 8 });
  const pauses: number[] = [];
  for (;;) {
    await w.at(new Date(w.now() + 7000).toISOString()); // each try takes seven seconds
    await w.work().end({ shop: 'CONNECTION_FAILED' });
    const row = w.row(id, '03-10 02:00');
    if (row.state !== 'running') break;
    expect(row).toMatchObject({ state: 'running', phase: 'pausing' });
    pauses.push(minutes(row, w.now()));
    const next = Date.parse(row.next_try_at ?? '');
    await w.at(new Date(next - 1).toISOString());
    expect(w.working()).toBe(0);
    await w.at(new Date(next).toISOString());
    expect(w.working()).toBe(1);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  expect(w.row(id, '03-10 02:00')).toMatchObject({ state: 'failed', attempts: 9, phase: null, next_try_at: null });
  expect(w.tries.map(({ order }) => order.attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

const passing: Fault[] = [
  'CONNECTION_FAILED',
  'CONNECTION_LOST',
  'CLIENT_TOOL_STUCK',
  { code: 'SERVER_ERROR', detail: 'SQLSTATE 55P03' },
  { code: 'SERVER_ERROR', detail: 'SQLSTATE 53300' },
];
const lasting: Fault[] = [
  'AUTHENTICATION_FAILED',
  'PERMISSION_DENIED',
  'DATABASE_NOT_FOUND',
  'DISK_FULL',
  'FOLDER_NOT_WRITABLE',
  'VERIFICATION_FAILED',
  'HASH_MISMATCH',
  'TLS_FAILED',
  'CLIENT_TOOL_MISSING',
  'INTERNAL',
  { code: 'SERVER_ERROR', detail: 'SQLSTATE 53100' },
  { code: 'SERVER_ERROR', detail: 'SQLSTATE 42601' },
];
test.each([...passing.map((fault) => ({ fault, phase: 'pausing' })), ...lasting.map((fault) => ({ fault, phase: null }))])(
  'a fault that may pass is tried again, no other: $fault -> $phase (stand-in for the backup)',
  async ({ fault, phase }) => {
    const { w, id } = await atWork({ retries: 2 });
    await w.work().end({ shop: fault });
    const row = w.row(id, '03-10 02:00');
    expect([row.phase, row.state]).toEqual([phase, phase === null ? 'failed' : 'running']);
    expect(JSON.parse(row.error ?? '{}')).toMatchObject({ code: typeof fault === 'string' ? fault : fault.code });
  },
);

test('without retries it fails at once (stand-in for the backup)', async () => {
  const { w, id } = await atWork({ retries: 0 });
  await w.work().end({ shop: 'CONNECTION_FAILED' });
  expect(w.history(id)).toEqual(['03-10 02:00 failed']);
});

test('only the databases that failed are tried again; the run succeeds, sizes are added (stand-in for the backup)', async () => {
  const { w, id } = await severalAtWork();
  await w.work().end({ b: 'CONNECTION_LOST', c: 'CONNECTION_LOST' });
  await w.at('03-10 02:01');
  expect(w.work().databases).toEqual(['b', 'c']);
  await w.work().end({ c: 'CONNECTION_LOST' });
  await w.at('03-10 02:03');
  expect(w.work().databases).toEqual(['c']);
  await w.work().end();
  const row = w.row(id, '03-10 02:00');
  expect(row).toMatchObject({ state: 'succeeded', reason: null, error: null, attempts: 3, size_bytes: 300, detail: '' });
  const backups = JSON.parse(row.backups) as { database: string; status: string; backupId: string }[];
  expect(backups.map(({ database, status }) => `${database} ${status}`)).toEqual(['a succeeded', 'b succeeded', 'c succeeded']);
  expect(backups.map(({ backupId }) => backupId.split('_').at(-2))).toEqual(['1', '2', '3']);
});

test('a catch-up that succeeds at a later try is caught up (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('daily 02:00');
  w.hold();
  await w.at('03-10 05:00');
  await w.work().end({ shop: 'CONNECTION_FAILED' });
  await w.at('03-10 05:01');
  await w.work().end();
  expect(w.history(id)).toEqual(['03-10 02:00 caught-up not-running (catch-up)']);
});

test('one database with a wrong password beside one that may pass: the wrong password is not tried again, and the run fails in the end (stand-in for the backup)', async () => {
  const { w, id } = await severalAtWork();
  await w.work().end({ a: 'AUTHENTICATION_FAILED', b: 'CONNECTION_LOST' });
  if (w.row(id, '03-10 02:00').state === 'running') {
    await w.at('03-10 02:01');
    expect(w.work().databases).toEqual(['b']);
    await w.work().end();
  }
  const row = w.row(id, '03-10 02:00');
  expect(row.state).toBe('failed');
  expect(JSON.parse(row.error ?? '{}')).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
  expect(row.detail).toMatch(/\b[12] of 3 databases failed: a/);
});

test('one of three fails for good: failed, the detail names it, the others are made (stand-in for the backup)', async () => {
  const { w, id } = await severalAtWork();
  await w.work().end({ b: 'PERMISSION_DENIED' });
  expect(w.row(id, '03-10 02:00')).toMatchObject({ state: 'failed', detail: '1 of 3 databases failed: b.', size_bytes: 200 });
});

test('the window ends while it works: cancelled, and so on record (stand-in for the backup)', async () => {
  const { w, id } = await atWork({ windowEnd: '03:00' });
  await w.at('03-10 02:59:59');
  expect(w.working()).toBe(1);
  await w.at('03-10 03:00');
  expect(w.history(id)).toEqual(['03-10 02:00 cancelled window-end']);
  expect(JSON.parse(w.row(id, '03-10 02:00').error ?? '{}')).toMatchObject({ code: 'OVERSTAYED' });
  expect(w.working()).toBe(0);
});

test('the window ends while it pauses: cancelled, not tried again (stand-in for the backup)', async () => {
  const { w, id } = await atWork({ windowEnd: '02:01', retries: 5 });
  w.set('03-10 02:00:30');
  await w.work().end({ shop: 'CONNECTION_FAILED' });
  await w.at('03-10 02:01');
  expect(w.history(id)).toEqual(['03-10 02:00 cancelled window-end']);
  await w.at('03-10 02:40');
  expect(w.tries.length).toBe(1);
});

test('the window counts from the start of the work: one that waits over it still runs, up to the next (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('daily 02:00', { windowEnd: '03:00' });
  w.hold();
  w.set('03-10 01:59:30');
  const byHand = await w.byHand(id);
  await w.at('03-10 02:00');
  expect(w.history(id).at(-1)).toBe('03-10 02:00 running waiting');
  // The one by hand began at 01:59: its window ends as well.
  await w.at('03-10 03:00:10');
  expect(w.runs.row(byHand)).toMatchObject({ state: 'cancelled', reason: 'window-end' });
  expect(w.history(id).at(-1)).toBe('03-10 02:00 running working');
  await w.at('03-10 12:00');
  expect(w.working()).toBe(1);
});

test('the window’s end is on the wall clock of the schedule’s zone (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('daily 22:00', { windowEnd: '00:30', timeZone: 'America/New_York' });
  w.hold();
  await w.at('03-10 02:00'); // 22:00 of the day before, at -4
  await w.at('03-10 04:29:59');
  expect(w.history(id)).toEqual(['03-10 02:00 running working']);
  await w.at('03-10 04:30');
  expect(w.history(id)).toEqual(['03-10 02:00 cancelled window-end']);
});

test.each(['here', 'in another process'])('cancelled by hand %s, in each phase (stand-in for the backup)', async (where) => {
  for (const phase of ['working', 'pausing', 'waiting'] as const) {
    const { w, id, slot } = await inPhase(phase);
    const { id: run } = w.row(id, slot);
    const before = w.tries.length;
    (where === 'here' ? w.host() : w.command).scheduler.cancelRun(run);
    await w.at(new Date(w.now() + 1000).toISOString());
    expect(w.runs.row(run), phase).toMatchObject({ state: 'cancelled', reason: 'by-user', phase: null });
    await w.at(new Date(w.now() + 3_000_000).toISOString());
    expect(w.tries.length, phase).toBe(before);
    expect(() => w.command.scheduler.cancelRun(run)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  }
});

test.each(['removed', 'switched off'])(
  '%s in each phase: what waits is skipped, what has begun goes on (stand-in for the backup)',
  async (how) => {
    for (const phase of ['working', 'pausing', 'waiting'] as const) {
      const { w, id, slot } = await inPhase(phase);
      const { id: run } = w.row(id, slot);
      if (how === 'removed') w.command.editor.remove(id);
      else w.command.editor.setEnabled(id, false);
      await w.at(new Date(w.now() + 1000).toISOString());
      if (phase === 'waiting') {
        expect(w.runs.row(run)).toMatchObject({ state: 'skipped', reason: 'removed' });
        await w.work().end();
        continue;
      }
      if (phase === 'pausing') await w.at(new Date(w.now() + 61_000).toISOString());
      await w.work().end();
      expect(w.runs.row(run), phase).toMatchObject({ state: 'succeeded' });
      await w.at('03-11 09:00');
      expect(w.working()).toBe(0);
    }
  },
);

test('removed while it works, and the try fails: it is still tried again, and ends (stand-in for the backup)', async () => {
  const { w, id } = await atWork({ retries: 1 });
  w.command.editor.remove(id);
  await w.work().end({ shop: 'CONNECTION_FAILED' });
  await w.at('03-10 02:01');
  await w.work().end({ shop: 'CONNECTION_FAILED' });
  expect(w.history(id)).toEqual(['03-10 02:00 failed']);
});

test('everything is paused while a run works, or pauses before a try: it goes on (stand-in for the backup)', async () => {
  for (const phase of ['working', 'pausing'] as const) {
    const { w, id, slot } = await inPhase(phase);
    w.command.editor.pause('2026-03-10T23:00:00.000Z');
    if (phase === 'pausing') await w.at(new Date(w.now() + 61_000).toISOString());
    await w.work().end();
    expect(w.row(id, slot).state).toBe('succeeded');
  }
});

test('the clock goes back while it pauses: the pause is no longer for that (stand-in for the backup)', async () => {
  const { w, id } = await atWork({ retries: 3 });
  await w.work().end({ shop: 'CONNECTION_FAILED' });
  await w.at('03-09 02:00');
  await w.at('03-09 02:30:01');
  expect(w.tries.length).toBe(2);
  await w.work().end();
  expect(w.row(id, '03-10 02:00').state).toBe('succeeded');
});

async function atWork(change: Record<string, unknown>): Promise<{ w: World; id: string }> {
  const w = await makeWorld();
  const id = w.add('daily 02:00', change);
  w.hold();
  await w.at('03-10 02:00');
  return { w, id };
}
async function severalAtWork(): Promise<{ w: World; id: string }> {
  const w = await makeWorld();
  const id = w.add('daily 02:00', { ...w.several('a', 'b', 'c'), retries: 3 });
  w.hold();
  await w.at('03-10 02:00');
  return { w, id };
}
async function inPhase(phase: 'working' | 'pausing' | 'waiting'): Promise<{ w: World; id: string; slot: string }> {
  const w = await makeWorld();
  const slot = '03-10 02:00';
  const id = w.add('daily 02:00', { retries: 3 });
  w.hold();
  if (phase === 'waiting') {
    w.set('03-10 01:59:30');
    await w.byHand(id);
  }
  await w.at(slot);
  if (phase === 'pausing') await w.work().end({ shop: 'CONNECTION_FAILED' });
  expect(w.row(id, slot).phase).toBe(phase);
  expect(Date.parse(w.row(id, slot).planned_at)).toBe(instant(slot));
  return { w, id, slot };
}
