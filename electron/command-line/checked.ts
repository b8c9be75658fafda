import type { z } from 'zod';
import { HowdahError } from '../../shared/errors.ts';

/** What was typed, as the contract has it. Errors: BAD_INPUT, in the words of the fields. */
export function checked<Schema extends z.ZodType>(schema: Schema, typed: unknown): z.output<Schema> {
  const found = schema.safeParse(typed);
  if (found.success) return found.data;
  const why = found.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new HowdahError('BAD_INPUT', `Not a valid order: ${why}.`, { hint: 'See the command with --help.' });
}
