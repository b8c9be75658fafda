import { mapEventIterator, ORPCError } from '@orpc/client';
import { os } from '@orpc/server';
import { errorCodes, HowdahError, reportOf, type ErrorCode, type ErrorReport } from '../../shared/errors.ts';

/** What a report carries over the wire beside oRPC's own `code`, `status` and `message`. */
export type WireErrorData = Pick<ErrorReport, 'hint' | 'detail' | 'command'>;

/** HTTP status of each code (RFC 9110; 428 is RFC 6585; 499 is the customary "client closed request"). */
const statusByCode: Record<ErrorCode, number> = {
  BAD_INPUT: 400,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  CONFIRMATION_NEEDED: 428,
  FORBIDDEN: 403,
  BUSY: 409,
  CONNECTION_FAILED: 502,
  AUTHENTICATION_FAILED: 502,
  DATABASE_NOT_FOUND: 404,
  TLS_FAILED: 502,
  CONNECTION_LOST: 502,
  PERMISSION_DENIED: 403,
  SERVER_ERROR: 502,
  SERVER_UNSUPPORTED: 502,
  CLIENT_TOOL_MISSING: 500,
  CLIENT_TOOL_FAILED: 502,
  CLIENT_TOOL_STUCK: 504,
  DISK_FULL: 507,
  FOLDER_NOT_WRITABLE: 500,
  FOLDER_NOT_THERE: 500,
  FILE_NOT_READABLE: 400,
  DUMP_NOT_RECOGNISED: 422,
  DUMP_EMPTY: 422,
  DUMP_INCOMPLETE: 422,
  DUMP_UNSAFE: 422,
  DUMP_TOO_NEW: 422,
  HASH_MISMATCH: 422,
  VERIFICATION_FAILED: 422,
  MANIFEST_INVALID: 422,
  ROLES_MISSING: 409,
  EXTENSIONS_MISSING: 409,
  TARGET_NOT_EMPTY: 409,
  TABLE_IN_THE_WAY: 409,
  TABLE_NOT_IN_DUMP: 404,
  RESTORE_HAD_ERRORS: 502,
  RESTORE_BLOCKED: 409,
  STAGING_NOT_ALLOWED: 403,
  PLAN_STALE: 409,
  UNDO_NOT_POSSIBLE: 409,
  MESSAGE_NOT_SENT: 502,
  OVERSTAYED: 504,
  CANCELLED: 499,
  INTERRUPTED: 500,
  CATALOG_CORRUPT: 500,
  CATALOG_TOO_NEW: 500,
  SECRET_STORE_FAILED: 500,
  SAMPLE_UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** A report as what oRPC sends: our code, an HTTP status, `data` with hint, detail and command. */
export function toWireError(report: ErrorReport, cause?: unknown): ORPCError<ErrorCode, WireErrorData> {
  return new ORPCError(report.code, {
    status: statusByCode[report.code],
    message: report.message,
    data: {
      hint: report.hint,
      ...(report.detail === undefined ? {} : { detail: report.detail }),
      ...(report.command === undefined ? {} : { command: report.command }),
    },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The report inside whatever a handler, client or transport threw; oRPC's own refusals in our codes. */
export function fromWireError(error: unknown): ErrorReport {
  if (error instanceof HowdahError) return error.report();
  if (isWireError(error)) return reportOfWireError(error.code, error.message, error.data);
  if (error instanceof Error && error.name === 'AbortError') {
    return { code: 'CANCELLED', message: 'The request was given up before it was answered.', hint: 'Ask again.' };
  }
  return reportOf(error);
}

/** oRPC's `instanceof` works across copies of the package but tells the compiler nothing. */
function isWireError(error: unknown): error is ORPCError<string, unknown> {
  return error instanceof ORPCError;
}

function reportOfWireError(code: string, message: string, data: unknown): ErrorReport {
  if (isErrorCode(code) && isWireErrorData(data)) {
    return {
      code,
      message,
      hint: data.hint,
      ...(data.detail === undefined ? {} : { detail: data.detail }),
      ...(data.command === undefined ? {} : { command: data.command }),
    };
  }
  switch (code) {
    case 'BAD_REQUEST':
      return badInput(data);
    case 'PAYLOAD_TOO_LARGE':
      return { code: 'BAD_INPUT', message: 'The request is too large.', hint: 'Dump files go to /upload, not into a request.' };
    case 'NOT_FOUND':
    case 'METHOD_NOT_SUPPORTED':
      return { code: 'NOT_FOUND', message: 'There is no such call.', hint: 'See /api/openapi.json for the calls that exist.' };
    case 'UNAUTHORIZED':
    case 'FORBIDDEN':
      return { code: 'FORBIDDEN', message: 'This caller may not do that.', hint: 'Open the address that Howdah printed at its start.' };
    default:
      return reportOf(new Error(message));
  }
}

/** Names the fields that were refused: `profile.port: Too big: expected number to be <=65535`. */
function badInput(data: unknown): ErrorReport {
  const problems = issuesOf(data).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return {
    code: 'BAD_INPUT',
    message:
      problems.length === 0
        ? 'The request could not be read: its body is not what its content type says.'
        : `The request is not valid: ${problems.join('; ')}`,
    hint: problems.length === 0 ? 'Send JSON with the content type application/json.' : 'Correct the named fields and try again.',
  };
}

function issuesOf(data: unknown): { path: string; message: string }[] {
  if (!isRecord(data) || !Array.isArray(data['issues'])) return [];
  return data['issues'].filter(isRecord).map((issue) => ({
    path: Array.isArray(issue['path']) ? issue['path'].map(pathSegment).join('.') : '',
    message: String(issue['message']),
  }));
}

/** Standard Schema allows a path segment to be a key or `{ key }`. */
function pathSegment(segment: unknown): string {
  return String(isRecord(segment) ? segment['key'] : segment);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isWireErrorData(data: unknown): data is WireErrorData {
  return isRecord(data) && typeof data['hint'] === 'string';
}

function isEventIterator(value: unknown): value is AsyncIterator<unknown, unknown, unknown> {
  return isRecord(value) && Symbol.asyncIterator in value;
}

/** Turns everything that leaves a call, early or from inside a stream, into a wire error.
 * The original stays as `cause` for the log; it never crosses the wire. */
export const errorMiddleware = os.middleware(async ({ next }, _input, output) => {
  try {
    const result = await next();
    if (!isEventIterator(result.output)) return result;
    return await output(
      mapEventIterator(result.output, {
        value: (value) => Promise.resolve(value),
        error: (thrown) => Promise.resolve(toWireError(fromWireError(thrown), thrown)),
      }),
    );
  } catch (thrown) {
    throw toWireError(fromWireError(thrown), thrown);
  }
});
