import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCatalog } from '../../../electron/engine/catalog/open.ts';
import { createLeftovers } from '../../../electron/engine/jobs/leftovers.ts';
import { makeHome } from '../../support/home.ts';
import { until } from '../../support/wait.ts';

test('a leftover that hangs keeps no other back, is not settled twice at once, and is crossed out when it ends after all', async () => {
  const home = makeHome();
  const catalog = openCatalog(home);
  const leftovers = createLeftovers(catalog, 'hos_dead');
  const folder = join(home, 'half.partial');
  mkdirSync(folder);
  leftovers.note('job_a', { kind: 'backend', profileId: 'p', applicationName: 'howdah job_a' });
  leftovers.note('job_a', { kind: 'path', path: folder });
  let asked = 0;
  let answer = (_said: string): void => {};
  leftovers.settleWith('backend', () => {
    asked += 1;
    return new Promise((resolve) => (answer = resolve));
  });
  const first = await leftovers.settle('hos_dead', false, 50);
  expect(first.failed).toMatchObject([{ what: expect.stringContaining('backend') }]);
  expect(first.done).toEqual([`removed ${folder}`]);
  expect(existsSync(folder)).toBe(false);
  expect(await leftovers.settle('hos_dead', false, 50)).toEqual({ done: [], failed: [] });
  expect([asked, leftovers.ofJob('job_a').length]).toEqual([1, 1]);
  answer('ended');
  await until('it is crossed out', () => leftovers.ofJob('job_a').length === 0 || null);
  catalog.close();
});
