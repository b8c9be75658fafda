// What docs/schedules.md says of retention, written down once more, slowly and without any code of the program:
// for each backup the question is asked anew. Zones come from Temporal.
import { Temporal } from 'temporal-polyfill';

export type ModelBackup = {
  id: string;
  profileId: string;
  database: string;
  scheduleId: string | null;
  origin: 'manual' | 'schedule' | 'safety' | 'rescan';
  at: number;
  sizeBytes: number;
  holds: 'whole' | 'quick' | 'chosen';
  selection: string;
  verified: boolean;
  damaged: boolean;
  present: boolean;
  pinned: boolean;
  inUse: boolean;
};
export type ModelRule = {
  keepLast: number | null;
  keepDays: number | null;
  hourly: number | null;
  daily: number | null;
  weekly: number | null;
  monthly: number | null;
  yearly: number | null;
  maxBytes: number | null;
  keepAtLeast: number;
};
export type ModelRules = { [scope: string]: { rule: ModelRule; timeZone: string } };
export type Verdict = { stays: true; reasons: string[] } | { stays: false; reason: string };

const parts = ['keepLast', 'keepDays', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

export function model(all: ModelBackup[], rules: ModelRules, now: number): Map<string, Verdict> {
  const scopeOf = (b: ModelBackup): string | null => {
    if (b.origin === 'safety') return 'safety' in rules ? 'safety' : null;
    if (b.scheduleId !== null && `schedule:${b.scheduleId}` in rules) return `schedule:${b.scheduleId}`;
    return `profile:${b.profileId}` in rules ? `profile:${b.profileId}` : null;
  };
  const good = (b: ModelBackup): boolean => b.verified && b.present;
  const newer = (a: ModelBackup, b: ModelBackup): boolean => a.at > b.at || (a.at === b.at && a.id > b.id);
  const sameDatabase = (a: ModelBackup, b: ModelBackup): boolean => a.profileId === b.profileId && a.database === b.database;
  const sameGroup = (a: ModelBackup, b: ModelBackup): boolean =>
    scopeOf(a) === scopeOf(b) && sameDatabase(a, b) && a.holds === b.holds && a.selection === b.selection;
  const holdsAll = (b: ModelBackup): boolean => b.holds === 'whole' && b.selection === '';
  /** Its place among the good ones that pass, the newest being 1. */
  const place = (b: ModelBackup, among: (other: ModelBackup) => boolean): number =>
    1 + all.filter((other) => good(other) && among(other) && newer(other, b)).length;

  const verdicts = new Map<string, Verdict>();
  for (const b of all) {
    const scope = scopeOf(b);
    const reasons: string[] = [];
    if (b.pinned) reasons.push('pinned');
    if (b.inUse) reasons.push('in-use');
    if (!b.present) reasons.push('missing');
    const set = scope === null ? undefined : rules[scope];
    const wants = set !== undefined && parts.some((part) => set.rule[part] !== null);
    if (set === undefined || (!wants && set.rule.maxBytes === null)) {
      verdicts.set(b.id, { stays: true, reasons: [...reasons, 'no-rule'] });
      continue;
    }
    const { rule, timeZone } = set;
    if (!wants) reasons.push('within-size');
    const upToNow = b.at <= now;
    const inGroup = (other: ModelBackup): boolean => sameGroup(other, b);
    const inGroupUpToNow = (other: ModelBackup): boolean => sameGroup(other, b) && other.at <= now;
    /** What the parts say of it, if it is good or were. */
    const wanted: string[] = [];
    const n = rule.keepAtLeast;
    if (place(b, inGroup) <= n || (upToNow && place(b, inGroupUpToNow) <= n)) wanted.push(`min-keep:${n}`);
    if (rule.keepLast !== null && place(b, inGroup) <= rule.keepLast) wanted.push(`last:${rule.keepLast}`);
    for (const each of ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const) {
      const most = rule[each];
      if (most === null) continue;
      const own = label(b.at, each, timeZone);
      if (all.some((other) => good(other) && inGroup(other) && newer(other, b) && label(other.at, each, timeZone) === own)) continue;
      const newerPeriods = new Set(
        all.filter((other) => good(other) && inGroup(other) && newer(other, b)).map((other) => label(other.at, each, timeZone)),
      );
      newerPeriods.delete(own);
      if (newerPeriods.size < most) wanted.push(`${each}:${own}`);
    }
    if (good(b)) {
      const whole = (other: ModelBackup): boolean => sameDatabase(other, b) && holdsAll(other);
      if (
        place(b, inGroup) === 1 ||
        (upToNow && place(b, inGroupUpToNow) === 1) ||
        (holdsAll(b) && (place(b, whole) === 1 || (upToNow && place(b, (other) => whole(other) && other.at <= now) === 1)))
      )
        reasons.push('last-good');
      reasons.push(...wanted);
    } else if (b.present && !all.some((other) => good(other) && inGroup(other) && newer(other, b))) reasons.push('no-newer-good');
    if (b.present && rule.keepDays !== null && now - b.at < rule.keepDays * 24 * 3_600_000) reasons.push(`days:${rule.keepDays}`);
    const surelyBad = !good(b) && b.damaged;
    if (reasons.length === 0 && !good(b) && !surelyBad && wanted.length > 0) reasons.push('unproved');
    verdicts.set(b.id, reasons.length > 0 ? { stays: true, reasons } : { stays: false, reason: surelyBad ? 'not-good' : 'not-wanted' });
  }
  for (const [scope, { rule }] of Object.entries(rules)) {
    if (rule.maxBytes === null) continue;
    for (;;) {
      const staying = all.filter((b) => scopeOf(b) === scope && b.present && verdicts.get(b.id)?.stays === true);
      if (staying.reduce((sum, b) => sum + b.sizeBytes, 0) <= rule.maxBytes) break;
      const free = staying.filter((b) => {
        const own = all.filter((other) => sameGroup(other, b) && other.present);
        if (!own.some(good) && !own.some((other) => newer(other, b))) return false;
        const verdict = verdicts.get(b.id);
        return (
          verdict?.stays === true && !verdict.reasons.some((r) => ['pinned', 'in-use', 'last-good'].includes(r) || r.startsWith('min-keep'))
        );
      });
      const oldest = free.find((b) => free.every((other) => other === b || newer(other, b)));
      if (oldest === undefined) break;
      verdicts.set(oldest.id, { stays: false, reason: 'over-size' });
    }
  }
  return verdicts;
}

function label(at: number, each: 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly', timeZone: string): string {
  const wall = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${wall.year}-${two(wall.month)}-${two(wall.day)}`;
  switch (each) {
    case 'hourly':
      return `${day}T${two(wall.hour)}`;
    case 'daily':
      return day;
    case 'weekly':
      return `${wall.yearOfWeek ?? 0}-W${two(wall.weekOfYear ?? 0)}`;
    case 'monthly':
      return `${wall.year}-${two(wall.month)}`;
    default:
      return String(wall.year);
  }
}
