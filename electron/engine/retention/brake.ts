// What nobody watches takes little at a time: a clock that leapt, a long absence or a rule with a slip would else take
// nearly everything at the next backup.
import { HowdahError } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import type { Failure } from './apply.ts';
import type { Going, RetentionPlan } from './plan.ts';

/** So many may go at once whatever share of their group they are. */
export const freely = 3;

/** Leaves out groups of which more than half of the good backups, and more than three, would go; says so for each. */
export function brake(plan: RetentionPlan): { going: Going[]; held: Failure[] } {
  const held = new Map<string, Failure>();
  for (const group of new Set(plan.going.map((one) => one.group))) {
    const good = plan.going.filter((one) => one.group === group && one.good);
    const all = plan.goodIn.get(group) ?? 0;
    const first = good[0];
    if (first === undefined || good.length <= freely || good.length * 2 <= all) continue;
    held.set(group, { id: first.id, profile: first.profile, error: tooMuch(first, good.length, all).report() });
  }
  return { going: plan.going.filter((one) => !held.has(one.group)), held: [...held.values()] };
}

const tooMuch = (one: Going, going: number, all: number): HowdahError =>
  new HowdahError(
    'CONFIRMATION_NEEDED',
    `${going} of ${formatNumber(all, 'good backup')} of ${one.database} (${one.profile}) would go at once, which a cleanup that nobody watches does not do. None of them went.`,
    {
      hint: 'Look at the retention preview, and apply it by hand where it is right. The rule may be new, the clock may have leapt, or Howdah was away for long.',
    },
  );
