// Which backups stay and which go, exactly by "Retention" in docs/schedules.md. Pure: the same facts, rules and time
// always give the same answer, so that a preview and what is done cannot differ.
import type { RetentionRule } from '../../../shared/contract/retention.ts';
import { retentionRule } from '../../../shared/contract/retention.ts';
import { generations, wallLabels, type Generation } from './wall-labels.ts';

/** What is known of a backup that succeeded. */
export type Fact = {
  id: string;
  profileId: string | null;
  profile: string;
  database: string;
  scheduleId: string | null;
  origin: string;
  /** When it began, milliseconds since 1970, UTC. */
  at: number;
  sizeBytes: number;
  holds: 'whole' | 'quick' | 'chosen';
  /** Of `quick` and `chosen`: which choice of tables, schemas and left-out rows. `?`: not known, whatever `holds` says. */
  selection: string;
  /** Its newest verification is ok. */
  verified: boolean;
  /** Of one that is not verified: its files were looked at a moment ago, and are surely not what was written. */
  damaged: boolean;
  /** Its folder is there. */
  present: boolean;
  pinned: boolean;
  inUse: boolean;
};

/** By scope key: `profile:<id>`, `schedule:<id>`, `safety`. */
export type Rules = Map<string, { rule: RetentionRule; timeZone: string }>;

export type Decision = {
  id: string;
  /** Whose rule it follows; null: no rule. */
  scope: string | null;
  /** Why it stays; empty: it goes. */
  reasons: string[];
  /** Why it goes. */
  reason: 'not-wanted' | 'not-good' | 'over-size' | null;
  good: boolean;
  /** Of one that goes: good ones that stay in its place. Should one of these be lost meanwhile, it must not go. */
  keepers: string[];
};

export const emptyRule: RetentionRule = retentionRule.parse({});

const hasParts = (rule: RetentionRule): boolean =>
  rule.keepLast !== null || rule.keepDays !== null || generations.some((each) => rule[each] !== null);

/** Whether the rule can ever delete anything. */
export const canDelete = (rule: RetentionRule): boolean => hasParts(rule) || rule.maxBytes !== null;

export const isGood = (fact: Fact): boolean => fact.verified && fact.present;

/** The scope whose rule a backup follows; null: none. */
export function scopeOfFact(fact: Pick<Fact, 'origin' | 'scheduleId' | 'profileId'>, rules: Rules): string | null {
  if (fact.origin === 'safety') return rules.has('safety') ? 'safety' : null;
  for (const scope of [`schedule:${fact.scheduleId ?? ''}`, `profile:${fact.profileId ?? ''}`]) if (rules.has(scope)) return scope;
  return null;
}

/** Databases of one name on two servers are two. */
const databaseKey = (fact: Fact): string => JSON.stringify([fact.profileId ?? `named ${fact.profile}`, fact.database]);

const dayMs = 86_400_000;

/** Newest first; of two of one instant the greater id first. `now`: milliseconds since 1970, UTC. */
export function decide(facts: Fact[], rules: Rules, now: number): Decision[] {
  const sorted = facts.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  const lastWhole = lastWholeOfDatabases(sorted, now);
  const decisions = new Map<string, Decision>();
  const byScope = new Map<string, Fact[]>();
  const groups = new Map<string, Fact[]>();
  for (const fact of sorted) {
    const scope = scopeOfFact(fact, rules);
    const rule = scope === null ? emptyRule : (rules.get(scope)?.rule ?? emptyRule);
    decisions.set(fact.id, { id: fact.id, scope, reasons: standing(fact, rule), reason: null, good: isGood(fact), keepers: [] });
    if (scope === null || !canDelete(rule)) continue;
    push(byScope, scope, fact);
    push(groups, JSON.stringify([scope, databaseKey(fact), fact.holds, fact.selection]), fact);
  }
  const decisionOf = (fact: Fact): Decision => decisions.get(fact.id) as Decision;
  for (const group of groups.values()) {
    const scope = decisionOf(group[0] as Fact).scope as string;
    const inForce = rules.get(scope) as { rule: RetentionRule; timeZone: string };
    decideGroup(group, inForce, now, lastWhole.get(databaseKey(group[0] as Fact)) ?? [], decisionOf);
  }
  // Of a group in which nothing is known to be good, the newest may be all there is.
  const onlyHope = new Set(
    [...groups.values()].flatMap((group) => (group.some(isGood) ? [] : (group.find((fact) => fact.present)?.id ?? []))),
  );
  for (const [scope, ofScope] of byScope) limitSize(ofScope, rules.get(scope)?.rule.maxBytes ?? null, onlyHope, decisionOf);
  return sorted.map(decisionOf);
}

/** Reasons that ask for no other backup. */
function standing(fact: Fact, rule: RetentionRule): string[] {
  const reasons: string[] = [];
  if (fact.pinned) reasons.push('pinned');
  if (fact.inUse) reasons.push('in-use');
  if (!fact.present) reasons.push('missing');
  if (!canDelete(rule)) reasons.push('no-rule');
  else if (!hasParts(rule)) reasons.push('within-size');
  return reasons;
}

function decideGroup(
  group: Fact[],
  { rule, timeZone }: { rule: RetentionRule; timeZone: string },
  now: number,
  lastWhole: string[],
  decisionOf: (fact: Fact) => Decision,
): void {
  const good = group.filter(isGood);
  // A clock that was wrong once must not make every new backup look like an old one.
  const begun = good.filter((fact) => fact.at <= now);
  const say = (fact: Fact, reason: string): void => {
    const { reasons } = decisionOf(fact);
    if (!reasons.includes(reason)) reasons.push(reason);
  };
  const keepers = new Set([...good.slice(0, 1), ...begun.slice(0, 1)].map((fact) => fact.id).concat(lastWhole));
  for (const fact of good) if (keepers.has(fact.id)) say(fact, 'last-good');
  for (const fact of [...good.slice(0, rule.keepAtLeast), ...begun.slice(0, rule.keepAtLeast)]) say(fact, `min-keep:${rule.keepAtLeast}`);
  if (rule.keepLast !== null) for (const fact of good.slice(0, rule.keepLast)) say(fact, `last:${rule.keepLast}`);
  const days = rule.keepDays;
  if (days !== null) for (const fact of group) if (fact.present && fact.at > now - days * dayMs) say(fact, `days:${days}`);
  const label = wallLabels(timeZone);
  for (const each of generations) {
    const most = rule[each];
    if (most === null) continue;
    const seen = new Set<string>();
    for (const fact of good) {
      const period = label(fact.at, each);
      if (seen.has(period)) continue;
      if (seen.size === most) break;
      seen.add(period);
      say(fact, `${each}:${period}`);
    }
  }
  const wouldWant = wishes(rule, label, now);
  for (const fact of group) {
    const decision = decisionOf(fact);
    if (isGood(fact)) wouldWant.pass(fact);
    else if (fact.present) {
      if (wouldWant.none()) say(fact, 'no-newer-good');
      else if (decision.reasons.length === 0 && !fact.damaged && wouldWant.next(fact)) say(fact, 'unproved');
    }
    if (decision.reasons.length === 0) decision.reason = fact.damaged && !isGood(fact) ? 'not-good' : 'not-wanted';
    if (good.length > 0) decision.keepers = [...keepers];
  }
}

/** Of a group whose good ones pass newest first: whether the rule would want the next one, were it good too. */
function wishes(rule: RetentionRule, label: (at: number, each: Generation) => string, now: number) {
  const wanted = generations.flatMap((each) => {
    const most = rule[each];
    return most === null ? [] : [{ each, most, seen: new Set<string>() }];
  });
  let passed = 0;
  let begun = 0;
  return {
    pass({ at }: Fact): void {
      passed += 1;
      if (at <= now) begun += 1;
      for (const { each, most, seen } of wanted) if (seen.size < most) seen.add(label(at, each));
    },
    none: (): boolean => passed === 0,
    next: ({ at }: Fact): boolean =>
      passed < rule.keepAtLeast ||
      (at <= now && begun < rule.keepAtLeast) ||
      (rule.keepLast !== null && passed < rule.keepLast) ||
      wanted.some(({ each, most, seen }) => seen.size < most && !seen.has(label(at, each))),
  };
}

/** The oldest go until the rest is small enough. What is missing now takes no place that could be had back. */
function limitSize(facts: Fact[], maxBytes: number | null, onlyHope: Set<string>, decisionOf: (fact: Fact) => Decision): void {
  if (maxBytes === null) return;
  const staying = facts.filter((fact) => fact.present && decisionOf(fact).reason === null);
  let sum = staying.reduce((total, fact) => total + fact.sizeBytes, 0);
  for (const fact of staying.toReversed()) {
    if (sum <= maxBytes) return;
    const decision = decisionOf(fact);
    if (onlyHope.has(fact.id) || decision.reasons.some((reason) => /^(pinned|in-use|last-good|min-keep:)/.test(reason))) continue;
    decision.reasons = [];
    decision.reason = 'over-size';
    sum -= fact.sizeBytes;
  }
}

/** By database: its newest good backup that holds the whole, whatever rule it follows; and the newest begun up to now. */
function lastWholeOfDatabases(sorted: Fact[], now: number): Map<string, string[]> {
  const newest = new Map<string, string>();
  const begun = new Map<string, string>();
  for (const fact of sorted) {
    if (fact.holds !== 'whole' || fact.selection !== '' || !isGood(fact)) continue;
    const key = databaseKey(fact);
    if (!newest.has(key)) newest.set(key, fact.id);
    if (fact.at <= now && !begun.has(key)) begun.set(key, fact.id);
  }
  return new Map([...newest].map(([key, id]) => [key, [id, ...[begun.get(key) ?? []].flat()]]));
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
