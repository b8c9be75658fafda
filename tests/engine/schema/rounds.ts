// Which changes can be made in one target: none touches what another touches, so that each is told as if it were alone.

export type Change = {
  /** SQL, run at the target. */
  change: string;
  /** All that is told of it, as `brief` says it. */
  differences: string[];
  /** A table whose rows do not fit because of it. */
  unfit?: string;
  /** The rows of all tables still fit. */
  fitting?: boolean;
};

/** As few rounds as come of taking each change into the first that it fits in. That rows still fit is a round's answer: it
 * is asked where every change of it is said to leave them so. */
export function inRounds(changes: Change[]): Change[][] {
  const rounds: Change[][] = [];
  for (const change of changes) {
    const round = rounds.find((members) => members.every((other) => other.fitting === change.fitting && areApart(change, other)));
    if (round === undefined) rounds.push([change]);
    else round.push(change);
  }
  return rounds;
}

/** A table that many changes are about, of different parts. */
const shared = 'odd.things';

function areApart(one: Change, other: Change): boolean {
  const mentioned = objectsOf(other);
  const common = [...objectsOf(one)].filter((name) => mentioned.has(name));
  if (common.some((name) => name !== shared || one.unfit === shared || other.unfit === shared)) return false;
  const parts = new Set(other.differences.map(part));
  return !one.differences.some((difference) => parts.has(part(difference)));
}

/** `COLUMN app.orders total`, whether it is missing, extra or different. */
const part = (difference: string): string => difference.slice(difference.indexOf(' ') + 1);

/** Everything with a schema that the change or what is told of it names. */
function objectsOf({ change, differences }: Change): Set<string> {
  const names = `${change}\n${differences.join('\n')}`.replaceAll(' . ', '.').matchAll(/\b(app|odd|public)\.("[^"]+"|\w+)/g);
  return new Set([...names].map(([, schema, name]) => `${schema}.${name?.replaceAll('"', '')}`));
}
