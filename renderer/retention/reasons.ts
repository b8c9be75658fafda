// Why a backup stays or goes, as a person would say it (docs/schedules.md, "Retention").

/** `daily:2026-11-20` → `newest of 2026-11-20`. */
export function reasonWords(reason: string): string {
  const at = reason.indexOf(':');
  const word = at < 0 ? reason : reason.slice(0, at);
  const value = at < 0 ? '' : reason.slice(at + 1);
  switch (word) {
    case 'pinned':
      return 'pinned';
    case 'last-good':
      return 'the last good one: never goes';
    case 'min-keep':
      return value === '1' ? 'the newest good one' : `among the ${value} newest that always stay`;
    case 'last':
      return value === '1' ? 'the last one' : `among the last ${value}`;
    case 'days':
      return value === '1' ? 'younger than a day' : `younger than ${value} days`;
    case 'hourly':
      return `newest of its hour, ${value.replace('T', ' ')}:00`;
    case 'daily':
      return `newest of its day, ${value}`;
    case 'weekly':
      return `newest of its week, ${value}`;
    case 'monthly':
      return `newest of its month, ${value}`;
    case 'yearly':
      return `newest of its year, ${value}`;
    case 'in-use':
      return 'a job or an undo needs it';
    case 'no-rule':
      return 'no rule is about it';
    case 'missing':
      return 'its folder is not there now (a disk that is not connected?)';
    case 'no-newer-good':
      return 'not known to be good, but nothing newer is';
    case 'unproved':
      return 'its verification failed, but its files are not proved damaged, and the rule would want it';
    case 'within-size':
      return 'its rule only limits the size, and all fit';
    case 'not-wanted':
      return 'no part of the rule wants it';
    case 'over-size':
      return 'over the size limit, and the oldest';
    case 'not-good':
      return 'damaged, and newer good ones are there';
    default:
      return reason;
  }
}

/** The strongest reason first, the rest behind it. */
export function reasonsInOrder(reasons: readonly string[]): string[] {
  const rank = (reason: string) => {
    const index = order.findIndex((word) => reason === word || reason.startsWith(`${word}:`));
    return index < 0 ? order.length : index;
  };
  return reasons.toSorted((a, b) => rank(a) - rank(b));
}

const order = [
  'last-good',
  'pinned',
  'in-use',
  'missing',
  'no-rule',
  'no-newer-good',
  'unproved',
  'within-size',
  'last',
  'days',
  'yearly',
  'monthly',
  'weekly',
  'daily',
  'hourly',
  'min-keep',
];
