// A retention rule as it is typed: numbers that may be empty, a size with its unit.
import type { RetentionPolicy, RetentionRule, RetentionScope } from '../../shared/contract/retention.ts';

export const counts = ['keepLast', 'keepDays', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type CountKey = (typeof counts)[number];

export const sizeUnits = { MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 } as const;
export type SizeUnit = keyof typeof sizeUnits;

export type RuleForm = Record<CountKey, number | null> & { size: number | null; unit: SizeUnit; keepAtLeast: number };

/** What a new rule starts with: nothing goes, and at least three good ones would stay. */
export const freshRule: RetentionRule = {
  keepLast: null,
  keepDays: null,
  hourly: null,
  daily: null,
  weekly: null,
  monthly: null,
  yearly: null,
  maxBytes: null,
  keepAtLeast: 3,
};

export function ruleForm({ maxBytes, ...rule }: RetentionRule): RuleForm {
  const unit = maxBytes === null ? 'GB' : ((['TB', 'GB'] as const).find((one) => maxBytes % sizeUnits[one] === 0) ?? 'MB');
  return { ...rule, size: maxBytes === null ? null : Math.round((maxBytes / sizeUnits[unit]) * 100) / 100, unit };
}

export function toRule({ size, unit, ...rest }: RuleForm): RetentionRule {
  return { ...rest, maxBytes: size === null || size <= 0 ? null : Math.max(1, Math.round(size * sizeUnits[unit])) };
}

/** Nothing would ever go. */
export function isEmptyRule(rule: RetentionRule): boolean {
  return rule.maxBytes === null && counts.every((key) => rule[key] === null);
}

/** Nothing but the newest of each database would stay: one bad day away from nothing to go back to. */
export function keepsOnlyTheNewest(rule: RetentionRule): boolean {
  if (isEmptyRule(rule) || rule.keepAtLeast > 1) return false;
  const wanted = counts.filter((key) => rule[key] !== null);
  return wanted.length > 0 && wanted.every((key) => key !== 'keepDays' && (rule[key] ?? 0) <= 1);
}

/** For the address: `profile:…`, `schedule:…`, `safety`. */
export function scopeKey(scope: RetentionScope): string {
  switch (scope.kind) {
    case 'profile':
      return `profile:${scope.profileId}`;
    case 'schedule':
      return `schedule:${scope.scheduleId}`;
    case 'safety':
      return 'safety';
  }
}

export function policyOf(policies: readonly RetentionPolicy[], scope: RetentionScope): RetentionPolicy | undefined {
  return policies.find((policy) => scopeKey(policy.scope) === scopeKey(scope));
}
