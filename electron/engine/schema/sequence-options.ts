// The options of a sequence, as CREATE SEQUENCE and identity columns list them.
import { TokenReader, type Token } from './sql-tokens.ts';

/** Words of a sequence's options, each on its own; its name is left out. */
export function sequenceOptions(tokens: readonly Token[]): string[] {
  const reader = new TokenReader(tokens);
  const options: string[] = [];
  const begins = (at: TokenReader): boolean =>
    ['start', 'increment', 'minvalue', 'maxvalue', 'no', 'cache', 'cycle', 'sequence', 'as', 'owned'].some((word) => at.sees(word));
  while (!reader.done) {
    const from = reader.at;
    if (reader.take('sequence', 'name')) reader.name();
    else {
      const two = reader.sees('no');
      reader.at += two ? 2 : 1;
      reader.until(begins);
      options.push(
        reader.tokens
          .slice(from, reader.at)
          .map((token) => token.text)
          .join(' ')
          .replace('- ', '-'),
      );
    }
  }
  return options;
}

/** What is not said stays as it is at the target, so it must be said. */
export const withCycle = (options: string[]): string[] =>
  options.some((option) => /cycle/i.test(option)) ? options : [...options, 'NO CYCLE'];
