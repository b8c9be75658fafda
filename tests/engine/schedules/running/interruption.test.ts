// The process dies, or is closed, in the middle; the next one decides. In all of these the backup itself is a stand-in.
import { expect, test } from 'vitest';
import { makeWorld, type World } from './world.ts';

const slot = '03-10 02:00';
const policies = {
  'run-once': { missed: { kind: 'runOnce' } },
  'grace, within': { missed: { kind: 'grace', seconds: 3600 } },
  'grace, over': { missed: { kind: 'grace', seconds: 900 } },
  skip: { missed: { kind: 'skip' } },
} as const;
type Policy = keyof typeof policies;
const names = Object.keys(policies) as Policy[];

const again = '03-10 02:00 running working interrupted (catch-up)';
const failed = '03-10 02:00 failed interrupted';
const afterWork: Record<Policy, string> = { 'run-once': again, 'grace, within': again, 'grace, over': failed, skip: failed };
const late = '03-10 02:00 running working not-running (catch-up)';
const afterWaiting: Record<Policy, string> = {
  'run-once': late,
  'grace, within': late,
  'grace, over': '03-10 02:00 missed too-late',
  skip: '03-10 02:00 missed policy-skip',
};

for (const how of ['died', 'was closed'] as const) {
  test.each(names)(`the process ${how} while the run worked: %s (stand-in for the backup)`, async (policy) => {
    const { w, id } = await inPhase('working', policies[policy]);
    await ends(w, how);
    await w.next('03-10 02:30');
    expect(w.history(id)).toEqual([afterWork[policy]]);
    if (afterWork[policy] === again) {
      expect(w.work().order).toMatchObject({ attempt: 1, only: null });
      await w.work().end();
      expect(w.history(id)).toEqual(['03-10 02:00 caught-up interrupted (catch-up)']);
      expect(w.row(id, slot)).toMatchObject({ error: null, size_bytes: 100 });
    } else expect(JSON.parse(w.row(id, slot).error ?? '{}')).toMatchObject({ code: 'INTERRUPTED' });
    await w.at('03-11 02:00');
    expect(w.history(id).at(-1)).toBe('03-11 02:00 running working');
  });

  test.each(names)(`the process ${how} while the run paused before a try: %s (stand-in for the backup)`, async (policy) => {
    const { w, id } = await inPhase('pausing', policies[policy]);
    await ends(w, how);
    await w.next('03-10 02:30');
    expect(w.history(id)).toEqual([afterWork[policy]]);
    expect(w.working()).toBe(afterWork[policy] === again ? 1 : 0);
  });

  test.each(names)(`the process ${how} while the run waited: %s (stand-in for the backup)`, async (policy) => {
    const { w, id } = await inPhase('waiting', policies[policy]);
    await ends(w, how);
    await w.next('03-10 02:30');
    expect(w.history(id).at(-1)).toBe(afterWaiting[policy]);
    expect(w.history(id)[0]).toBe('03-10 01:59 failed interrupted (hand)');
    expect(w.row(id, slot).interruptions).toBe(0);
  });

  test(`the process ${how} while the run waited, the next comes within the minute: it is on time (stand-in for the backup)`, async () => {
    const { w, id } = await inPhase('waiting', policies.skip);
    await ends(w, how);
    await w.next('03-10 02:00:50');
    expect(w.history(id).at(-1)).toBe('03-10 02:00 running working');
  });

  test(`the process ${how} while the run worked, the next comes within the minute: late all the same (stand-in for the backup)`, async () => {
    for (const policy of ['run-once', 'skip'] as const) {
      const { w, id } = await inPhase('working', policies[policy]);
      await ends(w, how);
      await w.next('03-10 02:00:50');
      expect(w.history(id), policy).toEqual([afterWork[policy]]);
    }
  });
}

test('the third interruption is the last: failed (stand-in for the backup)', async () => {
  const { w, id } = await inPhase('working', policies['run-once']);
  for (const time of ['02:30', '02:40']) {
    await ends(w, 'died');
    await w.next(`03-10 ${time}`);
    expect(w.history(id)).toEqual([again]);
  }
  await ends(w, 'died');
  await w.next('03-10 02:50');
  expect(w.history(id)).toEqual(['03-10 02:00 failed interrupted (catch-up)']);
  expect(w.working()).toBe(0);
});

test('one that only waits is not counted as interrupted, however often its process dies (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('daily 02:00');
  w.hold();
  w.set('03-10 01:59:30');
  w.command.scheduler.runNow(id); // in a process that lives on
  const before = w.work();
  await w.at(slot);
  for (const time of ['02:10', '02:20', '02:30', '02:40']) {
    await ends(w, 'died');
    await w.next(`03-10 ${time}`);
    expect(w.history(id).at(-1)).toBe('03-10 02:00 running waiting not-running (catch-up)');
  }
  await before.end();
  await w.at('03-10 02:41');
  expect(w.row(id, slot)).toMatchObject({ interruptions: 0, phase: 'working', reason: 'not-running' });
});

test('a newer late slot is caught up in its place: failed, and what it stood for goes on to the newer (stand-in for the backup)', async () => {
  const w = await makeWorld('03-08 00:00');
  const id = w.add('daily 02:00');
  w.hold();
  await w.at('03-10 02:30');
  await ends(w, 'died');
  await w.next('03-11 09:00');
  expect(w.history(id)).toEqual([
    '03-08 02:00 missed covered by 03-11 02:00',
    '03-09 02:00 missed covered by 03-11 02:00',
    '03-10 02:00 failed interrupted (catch-up) by 03-11 02:00',
    '03-11 02:00 running working not-running (catch-up)',
  ]);
});

test('one that worked and one that waited, both left behind: the newer runs, the older has failed (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8', { overlap: 'queue' });
  w.hold();
  await w.at('03-10 02:00');
  await w.at('03-10 03:00');
  await ends(w, 'died');
  await w.next('03-10 03:30');
  expect(w.history(id)).toEqual(['03-10 02:00 failed interrupted by 03-10 03:00', '03-10 03:00 running working not-running (catch-up)']);
});

test('interrupted, and a regular slot on time in the same settling: the catch-up first, the slot waits for it (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8');
  w.hold();
  await w.at('03-10 02:00');
  await ends(w, 'died');
  await w.next('03-10 03:00:20');
  expect(w.history(id)).toEqual([again, '03-10 03:00 running waiting']);
});

test('asked to cancel, and died before it could: cancelled, not run again (stand-in for the backup)', async () => {
  const { w, id } = await inPhase('working', policies['run-once']);
  w.command.scheduler.cancelRun(w.row(id, slot).id);
  await ends(w, 'died');
  await w.next('03-10 02:30');
  expect(w.history(id)).toEqual(['03-10 02:00 cancelled by-user']);
});

test.each([1, 2])(
  'all backups are made, only the end was not on record when the process died; %s of 2 made (stand-in for the backup)',
  async (good) => {
    const w = await makeWorld();
    const id = w.add('daily 02:00', w.several('a', 'b'));
    w.hold();
    await w.at(slot);
    const insert = w.command.context.catalog.prepare(
      "insert into backups (id, status, profile, database, origin, started_at, size_bytes) values (?, ?, 'shop', ?, 'schedule', ?, 100)",
    );
    const { backups } = w.row(id, slot);
    for (const [index, entry] of (JSON.parse(backups) as { backupId: string; database: string }[]).entries())
      insert.run(entry.backupId, index < good ? 'succeeded' : 'interrupted', entry.database, '2026-03-10T02:00:00.000Z');
    await ends(w, 'died');
    await w.next('03-10 02:30');
    expect(w.history(id)).toEqual([good === 2 ? '03-10 02:00 succeeded' : again]);
    if (good === 2) expect(w.row(id, slot)).toMatchObject({ size_bytes: 200, error: null });
    else expect(w.work().databases).toEqual(['a', 'b']);
  },
);

test('everything is paused when the next process comes: nothing runs, and all is on record (stand-in for the backup)', async () => {
  for (const phase of ['working', 'waiting'] as const) {
    const { w, id } = await inPhase(phase, policies['run-once']);
    await ends(w, 'died');
    w.command.editor.pause('2026-03-10T23:00:00.000Z');
    await w.next('03-10 02:30');
    expect(w.history(id).at(-1)).toBe(phase === 'working' ? failed : '03-10 02:00 skipped paused');
    expect(w.working()).toBe(0);
  }
});

test('switched off or removed after its process died: on record, and nothing runs (stand-in for the backup)', async () => {
  for (const how of ['off', 'removed'] as const)
    for (const phase of ['working', 'pausing', 'waiting'] as const) {
      const { w, id } = await inPhase(phase, policies['run-once']);
      await ends(w, 'died');
      if (how === 'off') w.command.editor.setEnabled(id, false);
      else w.command.editor.remove(id);
      await w.next('03-10 02:30');
      expect(w.history(id).at(-1), `${how} ${phase}`).toBe(phase === 'waiting' ? '03-10 02:00 skipped removed' : failed);
      expect(w.working()).toBe(0);
    }
});

test('while one leads another does not; each slot runs once; after the leader’s death the other leads (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('hourly 2-8');
  const first = w.host();
  const second = w.boot(true);
  w.set('03-10 02:00');
  second.scheduler.step();
  first.scheduler.step();
  second.scheduler.step();
  expect(w.history(id)).toEqual(['03-10 02:00 running working']);
  expect(w.tries.length).toBe(1);
  expect(second.scheduler.leader()).toMatchObject({ here: false });
  first.kill();
  w.set('03-10 03:00');
  second.scheduler.step();
  expect(second.scheduler.leader()).toMatchObject({ here: true });
  expect(w.history(id).length).toBe(2);
});

test('a planned close while a run by hand works: failed, interrupted; nobody runs it again (stand-in for the backup)', async () => {
  const w = await makeWorld();
  const id = w.add('daily 02:00');
  w.hold();
  w.set('03-10 01:00:10');
  const byHand = await w.byHand(id);
  await w.host().close();
  await w.next('03-10 01:30');
  expect(w.runs.row(byHand)).toMatchObject({ state: 'failed', reason: 'interrupted' });
  expect(w.working()).toBe(0);
});

test('a planned close just as the work ends well: it succeeded (stand-in for the backup)', async () => {
  const { w, id } = await inPhase('working', policies['run-once']);
  const ended = w.work().end();
  await w.host().close();
  await ended;
  await w.next('03-10 02:30');
  expect(w.history(id)).toEqual(['03-10 02:00 succeeded']);
});

async function ends(w: World, how: 'died' | 'was closed'): Promise<void> {
  w.set(new Date(w.now() + 10_000).toISOString());
  if (how === 'died') w.host().kill();
  else await w.host().close();
}

async function inPhase(phase: 'working' | 'pausing' | 'waiting', change: Record<string, unknown>): Promise<{ w: World; id: string }> {
  const w = await makeWorld();
  const id = w.add('daily 02:00', { retries: 5, ...change });
  w.hold();
  if (phase === 'waiting') {
    w.set('03-10 01:59:30');
    await w.byHand(id);
  }
  await w.at(slot);
  if (phase === 'pausing') await w.work().end({ shop: 'CONNECTION_FAILED' });
  expect(w.row(id, slot).phase).toBe(phase);
  return { w, id };
}
