// Where the clock starts: for dry runs, and for tests that cannot wait until Monday.
import { HowdahError } from '../../shared/errors.ts';

/** The clock of a whole process. It goes at its usual pace, from `HOWDAH_NOW` (an ISO time; without a zone, UTC) where that
 * is set, else from now. Milliseconds since 1970. Errors: BAD_INPUT. */
export function startingClock(env: NodeJS.ProcessEnv = process.env): () => number {
  const start = env['HOWDAH_NOW'];
  if (start === undefined || start === '') return Date.now;
  const zoned = /(z|[+-]\d\d:?\d\d)$/i.test(start) || !start.includes('T') ? start : `${start}Z`;
  const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?(z|[+-]\d\d:?\d\d)?$/i.test(start) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(at))
    throw new HowdahError('BAD_INPUT', `HOWDAH_NOW is "${start}", which is not an ISO time.`, {
      hint: 'Give it as 2026-03-29T00:30:00Z, or unset it.',
    });
  const offset = at - Date.now();
  return () => Date.now() + offset;
}
