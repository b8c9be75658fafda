// kill -9 at every step of a cleanup, and at random moments in between: nothing that is in the catalog lacks its folder
// for good, nothing that should stay is touched, and the next cleanup reaches the end of an undisturbed one.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { applyRetention } from '../../../electron/engine/retention/apply.ts';
import { makeHome } from '../../support/home.ts';
import { planRetention } from '../../../electron/engine/retention/plan.ts';
import {
  addBackup,
  addProfile,
  addRule,
  deletions,
  filledEnd,
  fillHome,
  folders,
  ids,
  openContext,
  testJob,
} from './catalog-of-backups.ts';

const child = fileURLToPath(new URL('apply-child.ts', import.meta.url));

type Ended = { signal: NodeJS.Signals | null; output: string };

function run(home: string, dieAt: number, killAfterMs: number | null = null): Promise<Ended> {
  const running = spawn(process.execPath, [child, home, String(dieAt)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    // A random moment is what is tested here.
    if (killAfterMs !== null && text.includes('started')) setTimeout(() => running.kill('SIGKILL'), killAfterMs);
  });
  return new Promise((resolve) => running.once('close', (_code, signal) => resolve({ signal, output })));
}

/** Whatever has happened: each row's folder is whole (perhaps put aside), and no folder is without a row or an open deletion. */
function expectNothingLost(home: string, filesEach: number, context: string): void {
  const { catalog, close } = openContext(home);
  const there = folders(home);
  const rows = ids(catalog);
  for (const id of rows) expect(there.get(id) ?? there.get(`${id}.deleted`), `${context}: ${id}`).toBe(filesEach + 1);
  const open = new Set(deletions(catalog).flatMap((line) => (line.includes(' removed ') ? [] : [line.split(' ')[0]])));
  for (const name of there.keys()) {
    const id = name.replace('.deleted', '');
    expect(rows.includes(id) || open.has(id), `${context}: ${name}`).toBe(true);
  }
  for (const id of filledEnd.ids) expect(there.get(id), `${context}: ${id}`).toBe(filesEach + 1);
  close();
}

async function expectTheSameEnd(home: string, filesEach: number, context: string): Promise<void> {
  const opened = openContext(home);
  const done = await applyRetention(opened.context, testJob(), { profileId: null });
  expect(done.failures, context).toEqual([]);
  expect(ids(opened.catalog), context).toEqual(filledEnd.ids);
  expect(deletions(opened.catalog), context).toEqual(filledEnd.deletions);
  expect(Object.fromEntries(folders(home)), context).toEqual(Object.fromEntries(filledEnd.ids.map((id) => [id, filesEach + 1])));
  const freed = opened.catalog.prepare<[], { n: number }>('select min(freed_bytes) as n from deletions').get()?.n ?? 0;
  expect(freed, context).toBeGreaterThanOrEqual(filesEach * 50);
  opened.close();
}

test('at each step, and again at another', { timeout: 120_000 }, async () => {
  const whole = makeHome();
  fillHome(whole);
  const steps = Number(/ended after (\d+)/.exec((await run(whole, 0)).output)?.[1]);
  expect(steps).toBe(5 + 5 * 5);
  await expectTheSameEnd(whole, 2, 'undisturbed');

  const each = Array.from({ length: steps }, (_, index) => index + 1);
  const one = async (step: number): Promise<void> => {
    const home = makeHome();
    fillHome(home);
    expect((await run(home, step)).signal).toBe('SIGKILL');
    expectNothingLost(home, 2, `killed at step ${step}`);
    if (step % 3 === 0) {
      await run(home, 1 + ((step * 7) % 20));
      expectNothingLost(home, 2, `killed at step ${step}, and again`);
    }
    await expectTheSameEnd(home, 2, `killed at step ${step}`);
  };
  for (let index = 0; index < each.length; index += 3) await Promise.all(each.slice(index, index + 3).map(one));
});

test('at random moments, with folders of many files', { timeout: 300_000 }, async () => {
  const files = 100;
  let killed = 0;
  for (let round = 0; round < 8; round++) {
    const home = makeHome();
    fillHome(home, files);
    const { signal } = await run(home, 0, Math.random() * 120);
    if (signal === 'SIGKILL') killed += 1;
    expectNothingLost(home, files, `round ${round}`);
    await expectTheSameEnd(home, files, `round ${round}`);
  }
  expect(killed).toBeGreaterThan(0);
});

test('any history, killed anywhere: what the plan said is gone, and nothing else', { timeout: 120_000 }, async () => {
  const one = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
  for (let round = 0; round < 8; round++) {
    const home = makeHome();
    const opened = openContext(home);
    for (const id of ['pro_p', 'pro_q']) {
      addProfile(opened.catalog, id);
      addRule(
        opened.catalog,
        { kind: 'profile', profileId: id },
        one([{ keepLast: 2 }, { keepDays: 5, keepAtLeast: 2 }, { daily: 3, weekly: 2 }, { maxBytes: 500 }]),
      );
    }
    if (round % 2 === 0) addRule(opened.catalog, { kind: 'safety' }, { keepLast: 1 });
    for (let n = 0; n < 24; n++) {
      addBackup(home, opened.catalog, {
        id: `bak_r${n}`,
        daysAgo: Math.random() * 30 - 1,
        profileId: one(['pro_p', 'pro_q']),
        database: one(['shop', 'crm']),
        verified: Math.random() < 0.8,
        pinned: Math.random() < 0.1,
        origin: one(['manual', 'schedule', 'safety']),
      });
    }
    const before = ids(opened.catalog);
    const { going } = await planRetention(opened.context, null);
    const gone = new Set(going.map((each) => each.id));
    const context = `round ${round}: ${JSON.stringify(going.map((each) => [each.id, each.reason]))}`;
    opened.close();

    for (let kills = 0; kills < 2; kills++) await run(home, 1 + Math.floor(Math.random() * (going.length * 4 + 1)));
    const after = openContext(home);
    expect((await applyRetention(after.context, testJob(), { profileId: null })).failures, context).toEqual([]);
    const stayed = before.filter((id) => !gone.has(id));
    expect(ids(after.catalog), context).toEqual(stayed);
    expect(Object.fromEntries(folders(home)), context).toEqual(Object.fromEntries(stayed.map((id) => [id, 3])));
    expect(deletions(after.catalog), context).toEqual(going.map((each) => `${each.id} removed ${each.reason}`).toSorted());
    after.close();
  }
});

test('two at once do not hurt each other', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 4; round++) {
    const home = makeHome();
    fillHome(home, 40);
    const both = await Promise.all([run(home, 0), run(home, 0)]);
    expect(both.map((one) => one.output.includes('ended'))).toEqual([true, true]);
    await expectTheSameEnd(home, 40, `round ${round}`);
  }
});
