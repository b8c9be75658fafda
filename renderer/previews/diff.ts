// Where two values differ, word by word: what is marked inside long text and JSON.

/** Texts of one side, in order; joined they are the value. */
export type Part = { text: string; changed: boolean };
export type Difference = { live: Part[]; backup: Part[] };

/** Past this many edits two texts have too little in common for marks to help. */
const maxEdits = 600;

/** Words, runs of digits, runs of spaces, and every other character by itself; an emoji with all that belongs to it stays whole. */
const token = /\p{L}[\p{L}\p{M}]*|\p{N}+|\s+|\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic})*|[\s\S]/gu;

export function diffText(live: string, backup: string): Difference {
  const a = live.match(token) ?? [];
  const b = backup.match(token) ?? [];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  const middle = commonTokens(a.slice(start, endA), b.slice(start, endB));
  const inA = new Set(middle.map(([left]) => left + start));
  const inB = new Set(middle.map(([, right]) => right + start));
  return {
    live: joined(
      a,
      slid(a, (index) => index >= start && index < endA && !inA.has(index)),
    ),
    backup: joined(
      b,
      slid(b, (index) => index >= start && index < endB && !inB.has(index)),
    ),
  };
}

/** Among equal tokens around a change it does not matter which ones are marked: a change that begins after a space reads best. */
function slid(tokens: readonly string[], changed: (index: number) => boolean): boolean[] {
  const marks = tokens.map((_, index) => changed(index));
  for (let end = 1; end <= tokens.length; end++) {
    if (marks[end - 1] !== true || marks[end] === true) continue;
    let first = end - 1;
    while (first > 0 && marks[first - 1] === true) first -= 1;
    let steps = 0;
    const begins = (at: number) => at === 0 || (/^\s/.test(tokens[at - 1] ?? '') && !/^\s/.test(tokens[at] ?? ''));
    const free = (step: number) =>
      first - step >= 0 && marks[first - step] !== true && tokens[first - step] === tokens[end - step] && marks[first - step - 1] !== true;
    while (!begins(first - steps) && free(steps + 1)) steps += 1;
    if (!begins(first - steps)) continue;
    for (let step = 1; step <= steps; step++) {
      marks[first - step] = true;
      marks[end - step] = false;
    }
  }
  return marks;
}

/** Neighbours of one kind become one part; a lone space between two changes is part of the change. */
function joined(tokens: readonly string[], marks: readonly boolean[]): Part[] {
  const parts: Part[] = [];
  const changed = (index: number) => marks[index] === true;
  for (const [index, text] of tokens.entries()) {
    const between = /^\s+$/.test(text) && index > 0 && index < tokens.length - 1 && changed(index - 1) && changed(index + 1);
    const part = { text, changed: changed(index) || between };
    const last = parts.at(-1);
    if (last !== undefined && last.changed === part.changed) last.text += text;
    else parts.push(part);
  }
  return parts.flatMap(withoutTrailingLine);
}

/** A change that ends with a new line does not mark the beginning of the next. */
function withoutTrailingLine(part: Part): Part[] {
  const text = part.text.trimEnd();
  const rest = part.text.slice(text.length);
  if (!part.changed || text === '' || !rest.includes('\n')) return [part];
  return [
    { text, changed: true },
    { text: rest, changed: false },
  ];
}

/** Index pairs of a longest common subsequence (Myers, "An O(ND) Difference Algorithm", 1986); none where it would take too long. */
function commonTokens(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length === 0 || b.length === 0) return [];
  const limit = Math.min(a.length + b.length, maxEdits);
  const offset = limit + 1;
  const furthest = new Int32Array(2 * offset + 1);
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits++) {
    trace.push(furthest.slice());
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const below = furthest[offset + diagonal + 1] ?? 0;
      const left = furthest[offset + diagonal - 1] ?? 0;
      let x = diagonal === -edits || (diagonal !== edits && left < below) ? below : left + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      furthest[offset + diagonal] = x;
      if (x >= a.length && x - diagonal >= b.length) return walkBack(trace, offset, a.length, b.length);
    }
  }
  return [];
}

function walkBack(trace: readonly Int32Array[], offset: number, lengthA: number, lengthB: number): [number, number][] {
  const pairs: [number, number][] = [];
  let x = lengthA;
  let y = lengthB;
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const furthest = trace[edits];
    if (furthest === undefined) break;
    const diagonal = x - y;
    const below = furthest[offset + diagonal + 1] ?? 0;
    const left = furthest[offset + diagonal - 1] ?? 0;
    const down = diagonal === -edits || (diagonal !== edits && left < below);
    const fromX = down ? below : left;
    const fromY = fromX - (down ? diagonal + 1 : diagonal - 1);
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      x -= 1;
      y -= 1;
      pairs.push([x, y]);
    }
    if (edits > 0) {
      x = fromX;
      y = fromY;
    }
  }
  return pairs.toReversed();
}
