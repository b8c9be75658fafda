// Turns anything thrown in the page into the one shape that errors are shown in.
import { ORPCError } from '@orpc/client';
import { errorCodes, HowdahError, type ErrorCode, type ErrorReport } from '../shared/errors.ts';

/** An error that already carries its report, for faults found in the page itself. */
export class PageError extends Error {
  readonly report: ErrorReport;
  constructor(report: ErrorReport) {
    super(report.message);
    this.name = 'PageError';
    this.report = report;
  }
}

/** Never throws and never shows a stack trace. */
export function errorReport(thrown: unknown): ErrorReport {
  if (thrown instanceof PageError) return thrown.report;
  if (thrown instanceof HowdahError) return thrown.report();
  if (thrown instanceof ORPCError) return fromRemote(thrown);
  if (thrown instanceof TypeError || isAbort(thrown)) {
    return {
      code: 'INTERNAL',
      message: 'The page lost its connection to Howdah.',
      hint: 'Check that Howdah is still running, then try again. Jobs go on without the page.',
      detail: String(thrown),
    };
  }
  return {
    code: 'INTERNAL',
    message: 'Something in the page went wrong.',
    hint: 'Try again. If it stays, copy this and report it.',
    detail: thrown instanceof Error ? thrown.message : String(thrown),
  };
}

function fromRemote(error: ORPCError<string, unknown>): ErrorReport {
  const data: Record<string, unknown> = typeof error.data === 'object' && error.data !== null ? { ...error.data } : {};
  const text = (key: string) => (typeof data[key] === 'string' ? data[key] : undefined);
  const issues = Array.isArray(data['issues']) ? describeIssues(data['issues']) : undefined;
  const detail = text('detail') ?? issues;
  const command = text('command');
  return {
    code: codeOf(error.code),
    message: error.message === '' ? errorCodes[codeOf(error.code)] : error.message,
    hint: text('hint') ?? hintFor(error.code),
    ...(detail === undefined ? {} : { detail }),
    ...(command === undefined ? {} : { command }),
  };
}

/** Codes of the transport itself, translated into ours. */
function codeOf(code: string): ErrorCode {
  if (code in errorCodes) return code as ErrorCode;
  if (code === 'BAD_REQUEST' || code === 'UNPROCESSABLE_CONTENT') return 'BAD_INPUT';
  if (code === 'UNAUTHORIZED' || code === 'FORBIDDEN') return 'FORBIDDEN';
  return 'INTERNAL';
}

function hintFor(code: string): string {
  if (codeOf(code) === 'BAD_INPUT') return 'Correct what is named and try again.';
  if (codeOf(code) === 'FORBIDDEN') return 'Open the page again through the address that Howdah printed when it started.';
  return 'Try again. If it stays, copy this and report it.';
}

function describeIssues(issues: unknown[]): string {
  return issues
    .map((issue) => {
      const { path, message } = (typeof issue === 'object' && issue !== null ? issue : {}) as {
        path?: unknown[];
        message?: string;
      };
      return `${(path ?? []).map(String).join('.')}: ${message ?? 'not valid'}`;
    })
    .join('\n');
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}
