import { HowdahError } from '../../shared/errors.ts';

/** A whole number from an option. Errors: BAD_INPUT. */
export function parseNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new HowdahError('BAD_INPUT', `${option} takes a whole number, not "${text}".`, { hint: 'See the command with --help.' });
  return Number(text);
}

const unitBytes: Record<string, number> = { '': 1, b: 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12 };
const binaryBytes: Record<string, number> = { kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };

/** `50GB`, `1.5 TB`, `20GiB`, `1000`: whole bytes. Errors: BAD_INPUT. */
export function parseBytes(text: string, option: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const each = unitBytes[unit.toLowerCase()] ?? binaryBytes[unit.toLowerCase()];
  if (amount === '' || each === undefined || Math.round(Number(amount) * each) < 1)
    throw new HowdahError('BAD_INPUT', `${option} takes a size such as 500MB, 50GB or 20GiB, not "${text}".`, {
      hint: 'See the command with --help.',
    });
  return Math.round(Number(amount) * each);
}
