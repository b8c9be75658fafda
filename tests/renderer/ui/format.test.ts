import { expect, it } from 'vitest';
import { ago, bytes, duration, plural, shortVersion } from '../../../renderer/ui/format.ts';

it('counts bytes as pg_size_pretty does', () => {
  expect([0, 1023, 1024, 1536, 1024 ** 2 - 1, 412_345_678, 3.2e9].map((value) => bytes(value))).toEqual([
    '0 B',
    '1023 B',
    '1.0 kB',
    '1.5 kB',
    '1.0 MB',
    '393 MB',
    '3.0 GB',
  ]);
  expect(bytes(null)).toBe('–');
});

it('says durations in the two largest units', () => {
  expect([420, 1500, 59_600, 83_400, 7_260_000].map(duration)).toEqual(['420 ms', '1.5 s', '1 min 0 s', '1 min 23 s', '2 h 1 min']);
});

it('gives a time in the future in full instead of calling it recent', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  expect(ago('2026-11-20T11:57:00Z', now)).toBe('3 min ago');
  expect(ago('2026-11-25T11:57:00Z', now)).toMatch(/^on 2026-11-2/);
});

it('shortens versions and counts things', () => {
  expect(shortVersion('15.18 (Debian 15.18-1.pgdg12+1)')).toBe('15.18');
  expect([plural(1, 'table'), plural(1200, 'table')]).toEqual(['1 table', '1,200 tables']);
});
