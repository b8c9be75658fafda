// kill -9 at the steps of a cleanup, and while a folder is being removed: nothing that is in the catalog lacks its folder
// for good, nothing that should stay is touched, and the next cleanup reaches the end of an undisturbed one.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { applyRetention } from '../../../electron/engine/retention/apply.ts';
import { makeHome } from '../../support/home.ts';
import { thorough } from '../../support/thorough.ts';
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

/** `turns`: it dies that many turns of its event loop after the step instead of at it. */
function run(home: string, dieAt: number, turns = 0): Promise<Ended> {
  const running = spawn(process.execPath, [child, home, String(dieAt), String(turns)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
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

/** Five go: all are marked, then each is measured, put aside, off the catalog, off the disk, and on record as deleted. */
const stepsOfOne = ['measured', 'put-aside', 'row-gone', 'folder-gone', 'recorded'];
const steps = [...Array<string>(5).fill('marked'), ...Array.from({ length: 5 }, () => stepsOfOne).flat()];

test('a cleanup that is left alone takes the steps at which the others are killed', async () => {
  const home = makeHome();
  fillHome(home);
  expect((await run(home, 0)).output.split('\n')).toEqual(['started', ...steps, 'ended', '']);
  await expectTheSameEnd(home, 2, 'undisturbed');
});

/** The first mark and the last, every step of the first deletion, one in the middle, and the very end. */
const chosen = [1, 5, 6, 7, 8, 9, 10, 18, steps.length];
const killed = steps.map((step, index) => ({ at: index + 1, step })).filter(({ at }) => thorough || chosen.includes(at));

test.each(killed)('killed at step $at ($step): nothing is lost, and the next cleanup reaches the same end', async ({ at, step }) => {
  const home = makeHome();
  fillHome(home);
  expect((await run(home, at)).signal).toBe('SIGKILL');
  expectNothingLost(home, 2, `killed at ${step}`);
  if (at % 3 === 0) {
    await run(home, 1 + ((at * 7) % 20));
    expectNothingLost(home, 2, `killed at ${step}, and again`);
  }
  await expectTheSameEnd(home, 2, `killed at ${step}`);
});

test.each(thorough ? [1, 2, 3, 5, 9, 17, 33, 65] : [1, 9])(
  'killed %i turns into the removal of a folder of many files: nothing is lost, and the rest goes',
  async (turns) => {
    const [home, files] = [makeHome(), 100];
    fillHome(home, files);
    const removing = 6 + stepsOfOne.indexOf('row-gone');
    const { signal } = await run(home, removing, turns);
    if (turns === 1) expect(signal).toBe('SIGKILL');
    expectNothingLost(home, files, `after ${turns} turns`);
    await expectTheSameEnd(home, files, `after ${turns} turns`);
  },
);

describe('any history', () => {
  const one = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
  test.each(Array.from({ length: thorough ? 8 : 3 }, (_, n) => n))(
    'history %i, killed anywhere: what the plan said is gone, and nothing else',
    async (round) => {
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
    },
  );
});

test.each(Array.from({ length: thorough ? 4 : 1 }, (_, n) => n))('two cleanups at once do not hurt each other, round %i', async (round) => {
  const home = makeHome();
  fillHome(home, 40);
  const both = await Promise.all([run(home, 0), run(home, 0)]);
  expect(both.map((one) => one.output.includes('ended'))).toEqual([true, true]);
  await expectTheSameEnd(home, 40, `round ${round}`);
});
