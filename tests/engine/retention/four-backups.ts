// Four good backups of which the rule keeps the newest, and a cleanup of them.
import { afterEach, beforeEach } from 'vitest';
import { applyRetention, type CleanupRequest } from '../../../electron/engine/retention/apply.ts';
import { makeHome } from '../../support/home.ts';
import { addBackup, addProfile, addRule, openContext, testJob, type TestContext } from './catalog-of-backups.ts';

export type Cleanup = {
  home: string;
  opened: TestContext;
  directoryOf: (id: string) => string;
  apply: (request?: Partial<CleanupRequest>) => Promise<Awaited<ReturnType<typeof applyRetention>> & { lines: string[] }>;
};

/** Anew for each test. By the rule `bak_2`, `bak_3` and `bak_4` go. */
export function eachTestHasFourBackups(): Cleanup {
  const cleanup: Cleanup = {
    home: '',
    opened: {} as TestContext,
    directoryOf: (id) =>
      cleanup.opened.catalog.prepare<[string], { directory: string }>('select directory from backups where id = ?').get(id)?.directory ??
      '',
    async apply(request = {}) {
      const job = testJob();
      const done = await applyRetention(cleanup.opened.context, job, { profileId: null, ...request });
      return { ...done, lines: job.lines };
    },
  };
  beforeEach(() => {
    cleanup.home = makeHome();
    const opened = openContext(cleanup.home);
    cleanup.opened = opened;
    addProfile(opened.catalog, 'pro_p');
    addRule(opened.catalog, { kind: 'profile', profileId: 'pro_p' }, { keepLast: 1 });
    for (const n of [1, 2, 3, 4]) addBackup(cleanup.home, opened.catalog, { id: `bak_${n}`, daysAgo: n });
  });
  afterEach(() => cleanup.opened.close());
  return cleanup;
}
