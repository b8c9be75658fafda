// The parts of a message as lines of text, shared by the kinds that show text.
import type { Message } from '../message.ts';

export const itemLine = (line: { name: string; state: string; detail: string }): string =>
  `${line.name}: ${line.state}${line.detail === '' ? '' : ` (${line.detail})`}`;

/** At most so many; says how many more there are. */
export function itemLines(message: Message, limit: number): string[] {
  if (message.items === null) return [];
  const { lines } = message.items;
  const shown = lines.slice(0, limit).map(itemLine);
  return lines.length > limit ? [...shown, `… and ${lines.length - limit} more`] : shown;
}

/** What failed, and what to do. */
export const errorLines = (message: Message): string[] =>
  message.error === null ? [] : [`${message.error.message} [${message.error.code}]`, `Next step: ${message.error.hint}`];

/** Discord's and Teams' colours of a tone; the state is always there in words as well. */
export const toneColours: Record<Message['tone'], number> = { bad: 0xc92a2a, attention: 0xd9730d, good: 0x2b8a3e, plain: 0x4c6ef5 };
