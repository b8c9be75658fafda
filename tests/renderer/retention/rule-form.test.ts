import { expect, test } from 'vitest';
import { freshRule, isEmptyRule, keepsOnlyTheNewest, ruleForm, toRule } from '../../../renderer/retention/rule-form.ts';

test.each([null, 1024 ** 2 * 512, 1024 ** 3 * 50, 1024 ** 4 * 2])('a size limit of %s bytes stays what it is', (maxBytes) => {
  const rule = { ...freshRule, keepLast: 7, maxBytes };
  expect(toRule(ruleForm(rule))).toEqual(rule);
});

test('a new rule keeps everything, and at least three', () => {
  expect(isEmptyRule(freshRule)).toBe(true);
  expect(freshRule.keepAtLeast).toBe(3);
});

test('a rule that leaves nothing to go back to but the newest is known', () => {
  const one = { ...freshRule, keepAtLeast: 1 };
  expect(keepsOnlyTheNewest({ ...one, keepLast: 1 })).toBe(true);
  expect(keepsOnlyTheNewest({ ...one, daily: 1, weekly: 1 })).toBe(true);
  expect(keepsOnlyTheNewest({ ...one, keepLast: 2 })).toBe(false);
  expect(keepsOnlyTheNewest({ ...one, keepLast: 1, keepDays: 30 })).toBe(false);
  expect(keepsOnlyTheNewest({ ...freshRule, keepLast: 1 })).toBe(false);
  expect(keepsOnlyTheNewest(one)).toBe(false);
});
