import { describe, expect, it } from 'vitest';
import { standingsOf } from '../../../renderer/backups/verdict.ts';
import type { Backup, SucceededBackup } from '../../../shared/contract/backups.ts';

const now = Date.parse('2026-11-20T12:00:00.000Z');
const hoursAgo = (hours: number) => new Date(now - hours * 3_600_000).toISOString();

function base(hours: number, database: string) {
  return {
    id: `bak_${database}_${hours}`,
    profile: 'Shop',
    profileId: 'pro_1',
    jobId: null,
    database,
    kind: 'database' as const,
    origin: 'manual' as const,
    label: '',
    startedAt: hoursAgo(hours),
    scheduleId: null,
  };
}

function good(hours: number, change: Partial<SucceededBackup> = {}, database = 'shop'): SucceededBackup {
  return {
    ...base(hours, database),
    status: 'succeeded',
    finishedAt: hoursAgo(hours),
    durationMs: 1000,
    directory: '/b',
    present: true,
    sizeBytes: 1,
    artifacts: [],
    format: 'custom',
    compression: 'zstd:3',
    quick: false,
    serverVersion: '15.18',
    clientVersion: '18.1',
    tables: 1,
    rows: 1,
    verification: { ok: true, deep: false, at: hoursAgo(hours), checks: [] },
    pinned: false,
    holds: 'whole',
    ...change,
  };
}

function failed(hours: number, status: 'failed' | 'cancelled' | 'interrupted' = 'failed'): Backup {
  const error = { code: 'DISK_FULL' as const, message: 'full', hint: 'free some' };
  return { ...base(hours, 'shop'), status, finishedAt: hoursAgo(hours), durationMs: 1, error };
}

const only = (backups: Backup[]) => {
  const standings = standingsOf('Shop', backups, now);
  expect(standings).toHaveLength(1);
  return standings[0]!;
};

describe('the verdict over the list', () => {
  it('is good news only for a fresh backup that passed verification', () => {
    expect(only([good(3)])).toMatchObject({ tone: 'ok', sentence: 'Last good backup of shop: 3 h ago, verified.' });
  });

  it('puts a failure first, and says how old the last good one is', () => {
    const standing = only([failed(2), good(26)]);
    expect(standing.tone).toBe('bad');
    expect(standing.sentence).toBe('The last backup of shop failed 2 h ago. The last good one was made 26 h ago.');
  });

  it('says so when there is nothing to go back to', () => {
    expect(only([failed(2, 'interrupted')]).sentence).toContain('no good backup to go back to');
  });

  it('does not count a cancelled run as a failure, nor as a backup', () => {
    expect(only([failed(1, 'cancelled'), good(3)]).tone).toBe('ok');
    expect(only([failed(1, 'cancelled')]).tone).toBe('warn');
  });

  it('never calls a backup good whose files are gone or whose verification failed', () => {
    expect(only([good(1, { present: false })]).tone).toBe('bad');
    expect(only([good(1, { verification: { ok: false, deep: false, at: hoursAgo(1), checks: [] } }), good(5)]).tone).toBe('bad');
  });

  it('warns when the last good backup is days old', () => {
    expect(only([good(80)])).toMatchObject({ tone: 'warn', sentence: 'The last good backup of shop was made 3 days ago.' });
  });

  it('judges every database of a profile by itself', () => {
    const standings = standingsOf('Shop', [failed(1), good(2, {}, 'audit'), good(9)], now);
    expect(standings.map((one) => [one.database, one.tone])).toEqual([
      ['shop', 'bad'],
      ['audit', 'ok'],
    ]);
  });
});
