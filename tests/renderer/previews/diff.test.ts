import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffText, type Part } from '../../../renderer/previews/diff.ts';
import { fold, foldAfter, lengthOf } from '../../../renderer/previews/fold.ts';
import { jsonLines } from '../../../renderer/previews/json-lines.ts';

const textOf = (parts: readonly Part[]) => parts.map(({ text }) => text).join('');
const kept = (parts: readonly Part[]) => textOf(parts.filter(({ changed }) => !changed));
const marked = (parts: readonly Part[]) => parts.filter(({ changed }) => changed).map(({ text }) => text);

test('marks the words that differ, not what is around them', () => {
  const { live, backup } = diffText('Deliver to Main Street 12, please', 'Deliver to High Street 14, please');
  expect(marked(live)).toEqual(['Main', '12']);
  expect(marked(backup)).toEqual(['High', '14']);
});

test('what only one side has is marked on that side', () => {
  const { live, backup } = diffText('{"a": 1, "b": 2}', '{"a": 1, "b": 2, "c": [1, 2]}');
  expect(marked(live)).toEqual([]);
  expect(marked(backup)).toEqual([', "c": [1, 2]']);
});

test('prices, accents and emoji are marked whole', () => {
  expect(marked(diffText('12.50', '12.75').backup)).toEqual(['75']);
  expect(marked(diffText('Café', 'Cafe').live)).toEqual(['Café']);
  expect(marked(diffText('ok 👩‍🔧!', 'ok 👩‍🚀!').live)).toEqual(['👩‍🔧']);
});

test('whatever the texts: both sides stay whole, equal texts have no marks, different ones have some', () => {
  const text = fc
    .array(fc.constantFrom('a', 'bb', ' ', '\n', '1', '23', ',', '{', '"', 'é', '🐘'), { maxLength: 40 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (a, b) => {
      const { live, backup } = diffText(a, b);
      expect([textOf(live), textOf(backup)]).toEqual([a, b]);
      expect(marked(live).length + marked(backup).length > 0).toBe(a !== b);
      // Spaces between two changes count as changed, so the unmarked rest is the same but for spaces.
      expect(kept(live).replace(/\s/g, '')).toBe(kept(backup).replace(/\s/g, ''));
    }),
    { numRuns: 500 },
  );
});

test('texts with very little in common are marked whole, without a search for every common space', () => {
  const a = Array.from({ length: 20_000 }, (_, index) => `a${index} `).join('');
  const b = Array.from({ length: 20_000 }, (_, index) => `b${index}, `).join('');
  const { live, backup } = diffText(a, b);
  expect([textOf(live), textOf(backup)]).toEqual([a, b]);
  expect([live, backup].map((parts) => parts.map((part) => part.changed))).toEqual([
    [true, false],
    [true, false],
  ]);
});

test('long values are folded around their changes', () => {
  const before = 'same '.repeat(200);
  const { live } = diffText(`${before}old ${before}`, `${before}new ${before}`);
  const folded = fold(live);
  expect(lengthOf(folded)).toBeLessThan(foldAfter);
  expect(marked(folded)).toEqual(['old']);
  const hidden = folded.reduce((sum, part) => sum + (part.hidden ?? 0), 0);
  expect(hidden + lengthOf(folded)).toBe(lengthOf(live));
});

test('folding never cuts a character in two, and leaves short values alone', () => {
  for (let lead = 0; lead < 2; lead++) {
    const folded = fold([{ text: 'x'.repeat(lead) + '🐘'.repeat(400), changed: false }]);
    expect(folded.length).toBe(3);
    for (const { text } of folded) expect(text).not.toMatch(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
  }
  expect(fold([{ text: 'short', changed: true }])).toEqual([{ text: 'short', changed: true }]);
});

test('JSON is put on lines without touching its numbers, double keys and order', () => {
  expect(jsonLines('{"b": 12345678901234567890, "a": [1, {}], "b": "x, {y}"}')).toBe(
    '{\n  "b": 12345678901234567890,\n  "a": [\n    1,\n    {}\n  ],\n  "b": "x, {y}"\n}',
  );
  expect(jsonLines('plain text')).toBeNull();
  expect(jsonLines('{not json}')).toBeNull();
});

test('a line of JSON that was added is marked as that line', () => {
  const { live } = diffText('{\n  "care": "dry",\n  "colour": "red"\n}', '{\n  "colour": "red"\n}');
  expect(marked(live)).toEqual(['"care": "dry",']);
});
