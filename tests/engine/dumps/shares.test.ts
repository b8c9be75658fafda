import { expect, test } from 'vitest';
import { sharesOf } from '../../../electron/engine/dumps/shares.ts';
import type { TocEntry } from '../../../electron/engine/dumps/toc.ts';

const toc = { entries: Array.from({ length: 9 }, (_, index) => ({ dumpId: index + 1 }) as TocEntry) };
const MiB = 1024 * 1024;

test('every entry is in one share, and the data is dealt out evenly', () => {
  const sizes = new Map([
    [2, 50 * MiB],
    [4, 30 * MiB],
    [5, 25 * MiB],
    [9, 1],
  ]);
  const shares = sharesOf(toc, sizes, 2);
  expect(shares.flat().toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(shares.map((share) => share.filter((id) => [2, 4, 5].includes(id)))).toEqual([[2], [4, 5]]);
});

test('little data is not worth a second reader', () => {
  expect(sharesOf(toc, new Map([[1, MiB]]), 4)).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9]]);
});
