import type { RetentionRule } from '../../../shared/contract/retention.ts';
import { formatBytes, formatNumber } from '../../../shared/format.ts';

/** A rule as a person would say it: `keeps the last 7, 30 days, 4 weekly, 12 monthly; at most 50 GB; at least 3 of each`. */
export function ruleWords(rule: RetentionRule): string {
  const parts = [
    ...(rule.keepLast === null ? [] : [`the last ${rule.keepLast}`]),
    ...(rule.keepDays === null ? [] : [formatNumber(rule.keepDays, 'day')]),
    ...(['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const).flatMap((each) =>
      rule[each] === null ? [] : [`${rule[each]} ${each}`],
    ),
  ];
  return [
    parts.length === 0 ? 'keeps everything' : `keeps ${parts.join(', ')}`,
    ...(rule.maxBytes === null ? [] : [`at most ${formatBytes(rule.maxBytes)}`]),
    ...(rule.keepAtLeast > 1 && (parts.length > 0 || rule.maxBytes !== null) ? [`at least ${rule.keepAtLeast} of each`] : []),
  ].join('; ');
}
