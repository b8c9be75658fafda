// Closing goes on to its end, whatever one of its steps does: fail, or never answer.
import type { Log } from './ports.ts';

/** Does them one after the other. A step that takes longer than its limit is let go of; one that fails keeps no other back.
 * Errors: the first of those that failed, after the last step. */
export async function closeSteps(log: Log, steps: { what: string; limitMs: number; close: () => Promise<unknown> }[]): Promise<void> {
  const faults: unknown[] = [];
  for (const { what, limitMs, close } of steps) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, limitMs, 'late')));
    const work = begun(close);
    try {
      if ((await Promise.race([work, late])) === 'late') {
        log.error(`closing: ${what} did not end in time and is let go of`);
        work.catch((thrown: unknown) => log.error(`closing: ${what} ended late`, thrown));
      }
    } catch (thrown) {
      log.error(`closing: ${what} failed`, thrown);
      faults.push(thrown);
    } finally {
      clearTimeout(timer);
    }
  }
  if (faults.length > 0) throw faults[0];
}

const begun = async (close: () => Promise<unknown>): Promise<null> => {
  await close();
  return null;
};
