// The two verdicts every reader of a dump can come to, worded once.
import { HowdahError } from '../../../shared/errors.ts';

export function incomplete(detail: string, cause?: unknown): HowdahError {
  return new HowdahError('DUMP_INCOMPLETE', `The dump is cut off or damaged: ${detail}.`, {
    hint: 'Copy the dump again from where it was made, or make a new one. Compare sizes or checksums with the original.',
    cause,
  });
}

export function notRecognised(message: string, hint: string, cause?: unknown): HowdahError {
  return new HowdahError('DUMP_NOT_RECOGNISED', message, { hint, cause });
}
