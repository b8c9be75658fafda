import { HowdahError } from '../../shared/errors.ts';

/** A whole number from an option. Errors: BAD_INPUT. */
export function parseNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new HowdahError('BAD_INPUT', `${option} takes a whole number, not "${text}".`, { hint: 'See the command with --help.' });
  return Number(text);
}
