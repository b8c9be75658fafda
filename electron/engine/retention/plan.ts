// What retention would do now, as a preview shows it and as a cleanup carries it out.
import type { Doomed, Kept, RetentionRule, RetentionScope } from '../../../shared/contract/retention.ts';
import type { EngineContext } from '../context.ts';
import { decide, type Decision, type Rules } from './decide.ts';
import { readFacts, type FoundBackup } from './facts.ts';
import { formerScheduleName, rulesStore } from './rules.ts';
import { learnSelections } from './learn-selections.ts';
import { isProvedDamaged } from './proof.ts';
import { isWhole } from './still-good.ts';
import { ruleWords } from './words.ts';

/** A backup that goes, with what its deletion needs. */
export type Going = Doomed & Pick<FoundBackup, 'directory' | 'profileId'> & { rule: string; keepers: string[]; group: string };
/** `keep` and `going` newest first. `goodIn`: how many good ones each group has, going ones among them. */
export type RetentionPlan = { keep: Kept[]; going: Going[]; goodIn: Map<string, number>; now: number };

/** `profileId`: only what becomes of its backups, its safety backups among them; null: of all. `instead`: as if that
 * rule were saved. Errors: NOT_FOUND (the scope of `instead`). */
export async function planRetention(
  context: Pick<EngineContext, 'catalog' | 'ports'>,
  profileId: string | null,
  instead?: { scope: RetentionScope; rule: RetentionRule },
): Promise<RetentionPlan> {
  const { catalog, ports } = context;
  const rules = rulesStore(catalog).inForce(instead);
  const now = ports.clock();
  await learnSelections(catalog);
  const facts = await readFacts(catalog, profileId);
  const decisions = await decideOnProof(context, facts, rules, now);
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  const scheduleName = scheduleNames(context);
  const plan: RetentionPlan = { keep: [], going: [], goodIn: new Map(), now };
  for (const decision of decisions) {
    const fact = byId.get(decision.id);
    if (fact === undefined || (profileId !== null && fact.profileId !== profileId)) continue;
    const group = JSON.stringify([decision.scope, fact.profileId ?? fact.profile, fact.database, fact.holds, fact.selection]);
    if (decision.good) plan.goodIn.set(group, (plan.goodIn.get(group) ?? 0) + 1);
    const subject = {
      id: fact.id,
      profile: fact.profile,
      database: fact.database,
      schedule: fact.scheduleId === null ? null : scheduleName(fact.scheduleId),
      origin: fact.origin,
      startedAt: fact.startedAt,
      sizeBytes: fact.sizeBytes,
      holds: fact.holds,
      good: decision.good,
    };
    if (decision.reason === null) plan.keep.push({ ...subject, reasons: decision.reasons });
    else {
      const rule = decision.scope === null ? undefined : rules.get(decision.scope)?.rule;
      plan.going.push({
        ...subject,
        reason: decision.reason,
        directory: fact.directory,
        profileId: fact.profileId,
        rule: rule === undefined ? '' : ruleWords(rule),
        keepers: decision.keepers,
        group,
      });
    }
  }
  return plan;
}

/** Decides again, as long as one of those in whose place others go turns out not to be what it is said to be, or one that
 * is said to be bad turns out to be surely damaged. */
async function decideOnProof(
  context: Pick<EngineContext, 'catalog'>,
  facts: FoundBackup[],
  rules: Rules,
  now: number,
): Promise<Decision[]> {
  const proved = new Set<string>();
  const looked = new Set<string>();
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  for (;;) {
    const decisions = decide(facts, rules, now);
    const keepers = new Set(decisions.flatMap((decision) => (decision.reason === null ? [] : decision.keepers)));
    const bad = new Set<string>();
    for (const id of keepers) {
      if (!proved.has(id) && !(await isWhole(context.catalog, id))) bad.add(id);
      proved.add(id);
    }
    let damaged = false;
    for (const { id, good, reason, reasons } of decisions) {
      const fact = byId.get(id);
      if (fact === undefined || good || !fact.present || looked.has(id) || (reason === null && !reasons.includes('unproved'))) continue;
      looked.add(id);
      fact.damaged = await isProvedDamaged(context.catalog, id);
      damaged ||= fact.damaged;
    }
    if (bad.size === 0 && !damaged) return decisions;
    // Not known to be bad, so it stays; but nothing goes on its account.
    for (const fact of facts) if (bad.has(fact.id)) fact.present = false;
  }
}

function scheduleNames({ catalog }: Pick<EngineContext, 'catalog'>): (id: string) => string {
  const names = new Map(
    catalog
      .prepare<[], { id: string; name: string }>('select id, name from schedules')
      .all()
      .map((row) => [row.id, row.name]),
  );
  return (id) => {
    const known = names.get(id) ?? formerScheduleName(catalog, id) ?? id;
    names.set(id, known);
    return known;
  };
}
