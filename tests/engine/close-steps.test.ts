import { expect, test } from 'vitest';
import { closeSteps } from '../../electron/engine/close-steps.ts';

test('closing goes past a step that hangs and one that fails, and tells of both', async () => {
  const done: string[] = [];
  const said: string[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (message: string) => void said.push(message) };
  const fault = new Error('broken');
  const closing = closeSteps(log, [
    { what: 'the hung', limitMs: 20, close: () => new Promise(() => undefined) },
    { what: 'the broken', limitMs: 5000, close: () => Promise.reject(fault) },
    {
      what: 'the broken at once',
      limitMs: 5000,
      close: () => {
        throw new Error('too');
      },
    },
    { what: 'the good', limitMs: 5000, close: () => Promise.resolve(done.push('good')) },
  ]);
  await expect(closing).rejects.toBe(fault);
  expect(done).toEqual(['good']);
  expect(said).toEqual([
    expect.stringContaining('the hung did not end'),
    expect.stringContaining('the broken failed'),
    expect.stringContaining('the broken at once failed'),
  ]);
});
