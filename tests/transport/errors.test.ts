import { ORPCError } from '@orpc/client';
import { describe, expect, test } from 'vitest';
import { errorCodes, HowdahError, type ErrorCode } from '../../shared/errors.ts';
import { fromWireError, toWireError } from '../../electron/transport/errors.ts';

describe('a report on the wire', () => {
  test.each(Object.keys(errorCodes) as ErrorCode[])('%s arrives as it was sent, under an HTTP error status', (code) => {
    const report = { code, message: 'What.', hint: 'Do this.', detail: 'said so', command: 'pg_dump' };
    const error = toWireError(report);
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error.status).toBeLessThan(600);
    // What crosses the wire is JSON, not the object.
    const json = JSON.parse(JSON.stringify(error.toJSON())) as { code: string; status: number; message: string; data: unknown };
    expect(fromWireError(new ORPCError(json.code, { status: json.status, message: json.message, data: json.data }))).toEqual(report);
  });

  test('absent detail and command stay absent', () => {
    expect(fromWireError(toWireError({ code: 'BUSY', message: 'm', hint: 'h' }))).toEqual({ code: 'BUSY', message: 'm', hint: 'h' });
  });

  test('the cause stays behind', () => {
    const error = toWireError({ code: 'INTERNAL', message: 'm', hint: 'h' }, new Error('secret'));
    expect(JSON.stringify(error.toJSON())).not.toContain('secret');
  });
});

describe('what others throw', () => {
  test('a refused input names its fields', () => {
    const error = new ORPCError('BAD_REQUEST', {
      data: {
        issues: [{ path: ['profile', 'port'], message: 'Too big' }, { path: [{ key: 'name' }], message: 'Required' }, { message: 'Odd' }],
      },
    });
    expect(fromWireError(error)).toMatchObject({
      code: 'BAD_INPUT',
      message: 'The request is not valid: profile.port: Too big; name: Required; Odd',
    });
  });

  test('oRPC’s own NOT_FOUND is not mistaken for ours', () => {
    expect(fromWireError(new ORPCError('NOT_FOUND'))).toMatchObject({ code: 'NOT_FOUND', message: 'There is no such call.' });
  });

  test('an engine error keeps everything', () => {
    const error = new HowdahError('DISK_FULL', 'Full.', { hint: 'Free some.', detail: 'ENOSPC' });
    expect(fromWireError(error)).toEqual({ code: 'DISK_FULL', message: 'Full.', hint: 'Free some.', detail: 'ENOSPC' });
  });

  test('an aborted request is CANCELLED, anything else INTERNAL without a stack', () => {
    expect(fromWireError(new DOMException('gone', 'AbortError')).code).toBe('CANCELLED');
    const report = fromWireError(new TypeError('x is not a function'));
    expect(report.code).toBe('INTERNAL');
    expect(report.message).not.toContain('at ');
    expect(fromWireError('text')).toMatchObject({ code: 'INTERNAL' });
  });
});
