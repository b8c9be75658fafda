// A share that hangs must not be asked inside a transaction: every process would wait for the catalog with it.
import { lstat } from 'node:fs/promises';
import { HowdahError } from '../../../shared/errors.ts';

const limitMs = 10_000;

/** Whether there is anything at these paths does not matter; that their disks answer does.
 * Errors: FILE_NOT_READABLE (no answer in ten seconds). */
export async function requireAnswers(paths: string[], look: (path: string) => Promise<unknown> = lstat, waitMs = limitMs): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), waitMs);
  });
  try {
    for (const path of new Set(paths)) {
      const answered = look(path).then(
        () => 'there' as const,
        () => 'not there' as const,
      );
      if ((await Promise.race([answered, late])) !== 'late') continue;
      throw new HowdahError('FILE_NOT_READABLE', `The disk or share of ${path} does not answer.`, {
        hint: 'See that it is connected. Nothing was changed there; try again then.',
      });
    }
  } finally {
    clearTimeout(timer);
  }
}
