import { randomBytes } from 'node:crypto';

/** Twelve letters and digits, no look-alikes; unique enough for one DBA's lifetime (60 bits). */
export function newId(prefix: 'pro' | 'bak' | 'job' | 'pre' | 'res' | 'fil' | 'hos' | 'lef' | 'sch' | 'run' | 'cha' | 'msg'): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  const bytes = randomBytes(12);
  return `${prefix}_${Array.from(bytes, (byte) => alphabet[byte & 31]).join('')}`;
}
