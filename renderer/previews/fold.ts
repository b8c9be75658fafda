// Long values, cut down to what matters: the changes and a little around them.
import type { Part } from './diff.ts';

/** `hidden` characters were left out here. */
export type Folded = Part & { hidden?: number };

const around = 48;
/** Shorter values are shown whole. */
export const foldAfter = 240;

export function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.text.length, 0);
}

export function fold(parts: readonly Part[]): Folded[] {
  if (lengthOf(parts) <= foldAfter) return [...parts];
  return parts.flatMap((part, index): Folded[] => {
    const only = parts.length === 1;
    const room = part.changed || only ? foldAfter : around * 2;
    if (part.text.length <= room + 24) return [part];
    const head = !part.changed && index === 0 && !only ? 0 : Math.floor(room / 2);
    const tail = !part.changed && index === parts.length - 1 && !only ? 0 : Math.floor(room / 2);
    const [start, end] = [endOfCharacter(part.text, head), endOfCharacter(part.text, part.text.length - tail)];
    return [
      { text: part.text.slice(0, start), changed: part.changed },
      { text: '', changed: part.changed, hidden: end - start },
      { text: part.text.slice(end), changed: part.changed },
    ].filter((one) => one.text !== '' || 'hidden' in one);
  });
}

/** Never between the two halves of one character. */
function endOfCharacter(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index + 1 : index;
}
