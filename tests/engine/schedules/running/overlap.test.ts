// A slot comes while an earlier run of its schedule still is. In all of these the backup itself is a stand-in.
import { expect, test } from 'vitest';
import { makeWorld, type World } from './world.ts';

const all = ['skip', 'queue', 'cancel'] as const;

test('a regular run in the way, skip: the new slot is skipped, the run goes on (stand-in for the backup)', async () => {
  const { w, id } = await regularAtWork('skip');
  await w.at('03-10 03:00');
  await w.at('03-10 04:00');
  expect(w.history(id)).toEqual(['03-10 02:00 running working', '03-10 03:00 skipped overlap', '03-10 04:00 skipped overlap']);
  await w.work().end();
  await w.at('03-10 05:00');
  expect(w.history(id).at(0)).toBe('03-10 02:00 succeeded');
  expect(w.history(id).at(-1)).toBe('03-10 05:00 running working');
});

test('a regular run in the way, queue: of three in a row the newest waits (stand-in for the backup)', async () => {
  const { w, id } = await regularAtWork('queue');
  await w.at('03-10 03:00');
  expect(w.history(id)).toEqual(['03-10 02:00 running working', '03-10 03:00 running waiting']);
  await w.at('03-10 04:00');
  await w.at('03-10 05:00');
  expect(w.history(id)).toEqual([
    '03-10 02:00 running working',
    '03-10 03:00 skipped overlap',
    '03-10 04:00 skipped overlap',
    '03-10 05:00 running waiting',
  ]);
  await w.work().end();
  expect(w.history(id).at(-1)).toBe('03-10 05:00 running working');
  await w.work().end();
  expect(w.tries.length).toBe(2);
});

test('a regular run in the way, cancel: it is replaced, and the new one begins when it has ended (stand-in for the backup)', async () => {
  const { w, id } = await regularAtWork('cancel');
  await w.at('03-10 03:00');
  expect(w.history(id)).toEqual(['03-10 02:00 cancelled replaced', '03-10 03:00 running working']);
  expect(w.tries[0]?.order.signal.aborted).toBe(true);
  await w.at('03-10 04:00');
  expect(w.history(id).slice(1)).toEqual(['03-10 03:00 cancelled replaced', '03-10 04:00 running working']);
  expect(w.working()).toBe(1);
});

test('cancel, and the one that is to go takes its time: only the newest waits for it, and what ended well all the same succeeded (stand-in for the backup)', async () => {
  const { w, id } = await regularAtWork('cancel');
  w.stubborn = true;
  await w.at('03-10 03:00');
  await w.at('03-10 04:00');
  expect(w.history(id)).toEqual(['03-10 02:00 running working replaced', '03-10 03:00 cancelled replaced', '03-10 04:00 running waiting']);
  await w.work().end();
  expect(w.history(id)).toEqual(['03-10 02:00 succeeded', '03-10 03:00 cancelled replaced', '03-10 04:00 running working']);
  await w.work().end();
});

test.each(all)('a regular run that pauses before another try is in the way as well: %s (stand-in for the backup)', async (overlap) => {
  const w = await makeWorld();
  const id = w.add('cron */5 3-9 * * *', { overlap, retries: 9 });
  w.hold();
  await w.at('03-10 03:00');
  await w.work().end({ shop: 'CONNECTION_FAILED' });
  await w.at('03-10 03:01');
  await w.work().end({ shop: 'CONNECTION_FAILED' });
  await w.at('03-10 03:03');
  await w.work().end({ shop: 'CONNECTION_FAILED' });
  const before = w.history(id).at(-1);
  expect(before).toBe('03-10 03:00 running pausing');
  await w.at('03-10 03:05');
  expect(w.history(id).slice(-2)).toEqual(
    {
      skip: ['03-10 03:00 running pausing', '03-10 03:05 skipped overlap'],
      queue: ['03-10 03:00 running pausing', '03-10 03:05 running waiting'],
      cancel: ['03-10 03:00 cancelled replaced', '03-10 03:05 running working'],
    }[overlap],
  );
});

test.each(all)('a catch-up in the way, %s: the regular slot waits for it and runs (stand-in for the backup)', async (overlap) => {
  const { w, id } = await catchUpAtWork(overlap);
  await w.at('03-10 03:00');
  expect(w.history(id)).toEqual(['03-10 02:00 running working not-running (catch-up)', '03-10 03:00 running waiting']);
  await w.work().end();
  await w.work().end();
  expect(w.history(id)).toEqual(['03-10 02:00 caught-up not-running (catch-up)', '03-10 03:00 succeeded']);
});

test.each(all)('a catch-up in the way of two regular slots, %s (stand-in for the backup)', async (overlap) => {
  const { w, id } = await catchUpAtWork(overlap);
  await w.at('03-10 03:00');
  await w.at('03-10 04:00');
  expect(w.history(id).slice(1)).toEqual(
    {
      skip: ['03-10 03:00 running waiting', '03-10 04:00 skipped overlap'],
      queue: ['03-10 03:00 skipped overlap', '03-10 04:00 running waiting'],
      cancel: ['03-10 03:00 cancelled replaced', '03-10 04:00 running waiting'],
    }[overlap],
  );
  expect(w.history(id)[0]).toBe('03-10 02:00 running working not-running (catch-up)');
});

test.each(all)('a run by hand in the way, %s: the regular slot waits for it (stand-in for the backup)', async (overlap) => {
  const w = await makeWorld();
  const id = w.add('hourly 2-9', { overlap });
  w.hold();
  await w.at('03-10 01:59:30');
  const byHand = await w.byHand(id);
  await w.at('03-10 02:00');
  expect(w.runs.row(byHand)).toMatchObject({ phase: 'working', state: 'running' });
  expect(w.history(id).at(-1)).toBe('03-10 02:00 running waiting');
  await w.work().end();
  expect(w.runs.row(byHand)?.state).toBe('succeeded');
  await w.work().end();
  expect(w.history(id).at(-1)).toBe('03-10 02:00 succeeded');
});

test.each(all)('one started by hand waits for nothing, and disturbs nothing, %s (stand-in for the backup)', async (overlap) => {
  const { w, id } = await regularAtWork(overlap);
  w.set('03-10 02:20:10');
  const byHand = await w.byHand(id);
  expect(w.working()).toBe(2);
  expect(w.tries.map(({ order }) => order.priority)).toEqual([1, 0]);
  await w.tries[1]?.end();
  expect(w.runs.row(byHand)?.state).toBe('succeeded');
  await w.work().end();
  expect(w.row(id, '03-10 02:00').state).toBe('succeeded');
});

test.each(all)('a regular run in the way of a catch-up, %s: the catch-up waits for it (stand-in for the backup)', async (overlap) => {
  const { w, id } = await regularAtWork(overlap);
  await w.at('03-10 03:30');
  expect(w.history(id)).toEqual(['03-10 02:00 running working', '03-10 03:00 running waiting not-running (catch-up)']);
  await w.work().end();
  expect(w.history(id)).toEqual(['03-10 02:00 succeeded', '03-10 03:00 running working not-running (catch-up)']);
  await w.work().end();
  expect(w.history(id).at(-1)).toBe('03-10 03:00 caught-up not-running (catch-up)');
});

test.each(all)('a run by hand in the way of a catch-up, %s: the catch-up waits for it (stand-in for the backup)', async (overlap) => {
  const w = await makeWorld();
  const id = w.add('hourly 2-9', { overlap });
  w.hold();
  await w.at('03-10 01:59:30');
  await w.byHand(id);
  await w.at('03-10 02:30');
  expect(w.row(id, '03-10 02:00')).toMatchObject({ phase: 'waiting', trigger: 'catch-up' });
  await w.work().end();
  expect(w.row(id, '03-10 02:00')).toMatchObject({ phase: 'working', trigger: 'catch-up' });
});

test.each(all)(
  'a newer catch-up takes the place of one that waits, with all that stood for it, %s (stand-in for the backup)',
  async (overlap) => {
    const { w, id } = await regularAtWork(overlap);
    await w.at('03-10 04:30');
    await w.at('03-10 06:30');
    expect(w.history(id)).toEqual([
      '03-10 02:00 running working',
      '03-10 03:00 missed covered by 03-10 06:00',
      '03-10 04:00 missed covered (catch-up) by 03-10 06:00',
      '03-10 05:00 missed covered by 03-10 06:00',
      '03-10 06:00 running waiting not-running (catch-up)',
    ]);
    await w.work().end();
    await w.work().end();
    expect(w.history(id).at(-1)).toBe('03-10 06:00 caught-up not-running (catch-up)');
  },
);

test.each(all)('a catch-up at work is waited for by a newer one, not replaced, %s (stand-in for the backup)', async (overlap) => {
  const { w, id } = await catchUpAtWork(overlap);
  await w.at('03-10 04:30');
  expect(w.history(id)).toEqual([
    '03-10 02:00 running working not-running (catch-up)',
    '03-10 03:00 missed covered by 03-10 04:00',
    '03-10 04:00 running waiting not-running (catch-up)',
  ]);
});

test.each(all)('a catch-up that waits loses its place to no regular slot, nor takes one, %s (stand-in for the backup)', async (overlap) => {
  const w = await makeWorld();
  const id = w.add('hourly 2-9', { overlap });
  w.hold();
  await w.at('03-10 01:59:30');
  await w.byHand(id);
  await w.at('03-10 03:00:30'); // 02:00 late, 03:00 on time, both behind the one by hand
  expect(w.history(id).slice(1)).toEqual(['03-10 02:00 running waiting not-running (catch-up)', '03-10 03:00 running waiting']);
  await w.at('03-10 04:00');
  expect(w.history(id)[1]).toBe('03-10 02:00 running waiting not-running (catch-up)');
  const regular = w.history(id).slice(2);
  expect(regular).toEqual(
    {
      skip: ['03-10 03:00 running waiting', '03-10 04:00 skipped overlap'],
      queue: ['03-10 03:00 skipped overlap', '03-10 04:00 running waiting'],
      cancel: ['03-10 03:00 cancelled replaced', '03-10 04:00 running waiting'],
    }[overlap],
  );
  for (let left = 3; left > 0; left -= 1) await w.work().end();
  expect(w.working()).toBe(0);
  expect(w.row(id, '03-10 02:00').state).toBe('caught-up');
  expect(w.rows(id).filter((row) => row.state === 'succeeded' && row.trigger === 'slot').length).toBe(1);
});

test('runs of two schedules are in nobody’s way (stand-in for the backup)', async () => {
  const w = await makeWorld();
  w.add('hourly 2-9');
  w.add('hourly 2-9');
  w.hold();
  await w.at('03-10 02:00');
  expect(w.working()).toBe(2);
});

type Set = { w: World; id: string };
async function regularAtWork(overlap: string): Promise<Set> {
  const w = await makeWorld();
  const id = w.add('hourly 2-9', { overlap });
  w.hold();
  await w.at('03-10 02:00');
  return { w, id };
}
async function catchUpAtWork(overlap: string): Promise<Set> {
  const w = await makeWorld();
  const id = w.add('hourly 2-9', { overlap });
  w.hold();
  await w.at('03-10 02:30');
  return { w, id };
}
