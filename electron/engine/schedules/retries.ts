// Which faults may pass by themselves, and how long to wait for that.
import type { ErrorCode, ErrorReport } from '../../../shared/errors.ts';

const passing: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONNECTION_FAILED',
  'CONNECTION_LOST',
  'CLIENT_TOOL_STUCK',
  // A dump that ended for none of the reasons that have a code of their own: mostly its session was ended at the server.
  'CLIENT_TOOL_FAILED',
  'BUSY',
  // The disk may be mounted a little later.
  'FOLDER_NOT_THERE',
]);
/** Lock not available, deadlock, serialization, too little of something, statement or session cancelled at the server.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html */
const passingStates = /^SQLSTATE (55P03|40P01|40001|53(?!100)[0-9A-Z]{3}|57014|55006)$/;
const minute = 60_000;
const longestMs = 30 * minute;

/** Whether another try may end otherwise. */
export const mayPass = (error: ErrorReport): boolean =>
  passing.has(error.code) || (error.code === 'SERVER_ERROR' && passingStates.test(error.detail ?? ''));

/** After the given try (counted from 1): 1, 2, 4, 8 … minutes, at most 30. */
export const pauseAfterTry = (attempt: number): number => Math.min(longestMs, minute * 2 ** Math.min(attempt - 1, 10));
