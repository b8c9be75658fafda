import { expect, test } from 'vitest';
import { missedWords, retryWords, spanWords, windowWords } from '../../../../renderer/schedules/editor/sentences.ts';

test('the grace time is named', () => {
  expect(missedWords({ missed: 'grace', grace: 90, graceUnit: 'minutes' })).toContain('at most 90 minutes late');
  expect(spanWords(86_400)).toBe('1 day');
  expect(spanWords(7200)).toBe('2 hours');
});

test('the pauses between tries are those of the rules: 1, 2, 4, 8 … at most 30 minutes', () => {
  expect(retryWords(1)).toMatch(/^After 1 minute,/);
  expect(retryWords(3)).toMatch(/^After 1, 2, 4 minutes,/);
  expect(retryWords(10)).toMatch(/^After 1, 2, 4, 8 … 30 minutes,/);
  expect(retryWords(0)).toMatch(/first fault/);
});

test('the end of the window is named once it is a time', () => {
  expect(windowWords('6')).toContain('next 06:00');
  expect(windowWords('')).toBe('It may take as long as it takes.');
});
