import { ORPCError } from '@orpc/client';
import { expect, it } from 'vitest';
import { errorReport } from '../../renderer/errors.ts';
import { HowdahError } from '../../shared/errors.ts';

it('keeps code, hint, detail and command of an error that came over the wire', () => {
  const remote = new ORPCError('DISK_FULL', {
    message: 'The disk is full.',
    data: { hint: 'Free some.', detail: 'ENOSPC', command: 'pg_dump -Fc' },
  });
  expect(errorReport(remote)).toEqual({
    code: 'DISK_FULL',
    message: 'The disk is full.',
    hint: 'Free some.',
    detail: 'ENOSPC',
    command: 'pg_dump -Fc',
  });
});

it('reads a refused input as BAD_INPUT and names the field', () => {
  const remote = new ORPCError('BAD_REQUEST', {
    message: 'Input validation failed',
    data: { issues: [{ path: ['profile', 'name'], message: 'Too small' }] },
  });
  expect(errorReport(remote)).toMatchObject({ code: 'BAD_INPUT', detail: 'profile.name: Too small' });
});

it('never shows a stack trace, whatever was thrown', () => {
  for (const thrown of [
    new Error('boom'),
    new TypeError('Failed to fetch'),
    'text',
    undefined,
    new HowdahError('BUSY', 'busy', { hint: 'wait' }),
  ]) {
    const report = errorReport(thrown);
    expect(report.hint).not.toBe('');
    expect(JSON.stringify(report)).not.toMatch(/\bat .*:\d+:\d+/);
  }
});
