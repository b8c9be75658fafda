// Rows of `retention`: whose backups which rule is about.
import type { RetentionPolicy, RetentionRule, RetentionScope } from '../../../shared/contract/retention.ts';
import { retentionRule } from '../../../shared/contract/retention.ts';
import { assertNever, HowdahError } from '../../../shared/errors.ts';
import type { Sqlite } from '../catalog/open.ts';
import { emptyRule, type Rules } from './decide.ts';
import { ruleWords } from './words.ts';

type Row = { scope: string; rule: string; updated_at: string };

/** `profile:<id>`, `schedule:<id>` or `safety`: the key of a rule. */
export function scopeKey(scope: RetentionScope): string {
  switch (scope.kind) {
    case 'profile':
      return `profile:${scope.profileId}`;
    case 'schedule':
      return `schedule:${scope.scheduleId}`;
    case 'safety':
      return 'safety';
    default:
      return assertNever(scope);
  }
}

function scopeOf(key: string): RetentionScope {
  if (key.startsWith('profile:')) return { kind: 'profile', profileId: key.slice('profile:'.length) };
  if (key.startsWith('schedule:')) return { kind: 'schedule', scheduleId: key.slice('schedule:'.length) };
  return { kind: 'safety' };
}

/** The zone of the machine this runs on. */
const machineZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Typed reads and writes over `retention`. */
export function rulesStore(catalog: Sqlite) {
  const stored = (): Row[] => catalog.prepare<[], Row>('select scope, rule, updated_at from retention order by scope').all();

  /** Null: the schedule or profile is gone. */
  const ownerOf = (scope: RetentionScope): { name: string; timeZone: string } | null => {
    switch (scope.kind) {
      case 'safety':
        return { name: 'Safety backups', timeZone: machineZone() };
      case 'profile': {
        const row = catalog.prepare<[string], { name: string }>('select name from profiles where id = ?').get(scope.profileId);
        return row === undefined ? null : { name: row.name, timeZone: machineZone() };
      }
      case 'schedule': {
        const row = catalog
          .prepare<[string], { name: string; zone: string | null }>(
            "select name, json_extract(fields, '$.timeZone') as zone from schedules where id = ?",
          )
          .get(scope.scheduleId);
        return row === undefined ? null : { name: row.name, timeZone: row.zone ?? machineZone() };
      }
      default:
        return assertNever(scope);
    }
  };

  const toPolicy = (row: Row): RetentionPolicy => {
    const scope = scopeOf(row.scope);
    const rule = retentionRule.parse(JSON.parse(row.rule));
    return { scope, rule, name: ownerOf(scope)?.name ?? formerName(catalog, scope), words: ruleWords(rule), updatedAt: row.updated_at };
  };

  const requireOwner = (scope: RetentionScope): void => {
    if (ownerOf(scope) !== null) return;
    const what = scope.kind === 'profile' ? `profile ${scope.profileId}` : scope.kind === 'schedule' ? `schedule ${scope.scheduleId}` : '';
    throw new HowdahError('NOT_FOUND', `There is no ${what}.`, { hint: `See the list of ${scope.kind}s.` });
  };

  return {
    list: (): RetentionPolicy[] => stored().map(toPolicy),
    /** Errors: NOT_FOUND. */
    set(scope: RetentionScope, rule: RetentionRule, now: string): RetentionPolicy {
      requireOwner(scope);
      catalog
        .prepare(
          `insert into retention (scope, rule, updated_at) values (?, ?, ?)
             on conflict (scope) do update set rule = excluded.rule, updated_at = excluded.updated_at`,
        )
        .run(scopeKey(scope), JSON.stringify(rule), now);
      return toPolicy({ scope: scopeKey(scope), rule: JSON.stringify(rule), updated_at: now });
    },
    remove: (scope: RetentionScope): boolean => catalog.prepare('delete from retention where scope = ?').run(scopeKey(scope)).changes > 0,
    /** What decides now. The rule of something that is gone deletes nothing, and neither does the next wider rule in its
     * place. `instead`: a rule that is tried. Errors: NOT_FOUND (its scope). */
    inForce(instead?: { scope: RetentionScope; rule: RetentionRule }): Rules {
      const rules: Rules = new Map();
      for (const row of stored()) {
        const owner = ownerOf(scopeOf(row.scope));
        const rule = owner === null ? emptyRule : retentionRule.parse(JSON.parse(row.rule));
        rules.set(row.scope, { rule, timeZone: owner?.timeZone ?? 'UTC' });
      }
      if (instead !== undefined) {
        requireOwner(instead.scope);
        rules.set(scopeKey(instead.scope), { rule: instead.rule, timeZone: ownerOf(instead.scope)?.timeZone ?? machineZone() });
      }
      return rules;
    },
  };
}

/** What a scope was called whose owner is gone. */
function formerName(catalog: Sqlite, scope: RetentionScope): string {
  if (scope.kind === 'safety') return 'Safety backups';
  const found =
    scope.kind === 'profile'
      ? catalog
          .prepare<[string], { name: string }>('select profile as name from backups where profile_id = ? order by started_at desc limit 1')
          .get(scope.profileId)?.name
      : formerScheduleName(catalog, scope.scheduleId);
  return `${found ?? (scope.kind === 'profile' ? scope.profileId : scope.scheduleId)} (removed)`;
}

/** From its runs; null: it had none. */
export function formerScheduleName(catalog: Sqlite, id: string): string | null {
  return (
    catalog
      .prepare<[string], { schedule: string }>('select schedule from runs where schedule_id = ? order by planned_at desc limit 1')
      .get(id)?.schedule ?? null
  );
}
