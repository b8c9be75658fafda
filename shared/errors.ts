/** The closed list of error codes. Every failure that a user can meet carries one of these. */
export const errorCodes = {
  // what was asked
  BAD_INPUT: 'the request itself is wrong',
  NOT_FOUND: 'the named thing does not exist',
  ALREADY_EXISTS: 'a thing of that name exists',
  CONFIRMATION_NEEDED: 'a destructive step was not confirmed by naming its target',
  FORBIDDEN: 'this caller may not do that',
  BUSY: 'another job is using the same thing',
  // reaching the server
  CONNECTION_FAILED: 'the server could not be reached',
  AUTHENTICATION_FAILED: 'the server refused the user or password',
  DATABASE_NOT_FOUND: 'the server has no database of that name',
  TLS_FAILED: 'the encrypted connection could not be made as asked',
  CONNECTION_LOST: 'the server went away in the middle',
  PERMISSION_DENIED: 'the role lacks a right on the server',
  SERVER_ERROR: 'the server refused a statement',
  SERVER_UNSUPPORTED: 'the server is too old or of another kind',
  // client tools
  CLIENT_TOOL_MISSING: 'no installed client program fits the servers',
  CLIENT_TOOL_FAILED: 'a client program ended with an error',
  CLIENT_TOOL_STUCK: 'a client program made no progress and was stopped',
  // files and folders
  DISK_FULL: 'the disk is full',
  FOLDER_NOT_WRITABLE: 'the folder cannot be written',
  FOLDER_NOT_THERE: 'the folder is not the one that holds the backups: its disk or share is missing',
  FILE_NOT_READABLE: 'the file cannot be read',
  // dumps and backups
  DUMP_NOT_RECOGNISED: 'the file is not a PostgreSQL dump',
  DUMP_EMPTY: 'the file is empty',
  DUMP_INCOMPLETE: 'the dump is cut off or damaged',
  DUMP_UNSAFE: 'the dump holds commands that must not be run',
  DUMP_TOO_NEW: 'the dump comes from a newer server than the target',
  HASH_MISMATCH: 'a file differs from what was written',
  VERIFICATION_FAILED: 'the backup did not pass verification',
  MANIFEST_INVALID: 'the backup folder has no usable manifest',
  // restores
  ROLES_MISSING: 'the dump needs roles that the target lacks',
  EXTENSIONS_MISSING: 'the dump needs extensions that the target cannot provide',
  TARGET_NOT_EMPTY: 'the target holds objects that the dump would collide with',
  TABLE_IN_THE_WAY: 'an existing table cannot be replaced because others depend on it',
  TABLE_NOT_IN_DUMP: 'the dump has no such table',
  RESTORE_HAD_ERRORS: 'the restore met errors; its result was not put in place',
  RESTORE_BLOCKED: 'the strategy cannot be carried out: rows would break a rule of the target',
  STAGING_NOT_ALLOWED: 'the role may not create the schema that holds the rows to compare',
  PLAN_STALE: 'the target has changed since the plan was made',
  UNDO_NOT_POSSIBLE: 'there is nothing left to go back to',
  // unattended
  MESSAGE_NOT_SENT: 'a message could not be delivered',
  OVERSTAYED: 'the backup window ended before the run did',
  // the program itself
  CANCELLED: 'the job was cancelled',
  INTERRUPTED: 'the program ended while the job was running',
  CATALOG_CORRUPT: 'the catalog file is damaged',
  CATALOG_TOO_NEW: 'the catalog was written by a newer version of this program',
  SECRET_STORE_FAILED: 'the password could not be stored or read',
  SAMPLE_UNAVAILABLE: 'no server programs were found for the sample database',
  INTERNAL: 'a fault in this program',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** An error as data: what crosses every boundary (window, REST, command line, catalog, log). */
export type ErrorReport = {
  code: ErrorCode;
  /** One sentence a person can read: what failed and why. */
  message: string;
  /** What to do next. */
  hint: string;
  /** What the tool or server itself said, redacted; absent where nothing did. */
  detail?: string | undefined;
  /** The redacted command line that failed; absent where none ran. */
  command?: string | undefined;
};

/** The one exception class of the engine. Anything else that is thrown is a fault (`INTERNAL`). */
export class HowdahError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly detail: string | undefined;
  readonly command: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { hint: string; detail?: string | undefined; command?: string | undefined; cause?: unknown },
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'HowdahError';
    this.code = code;
    this.hint = more.hint;
    this.detail = more.detail;
    this.command = more.command;
  }

  report(): ErrorReport {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.command === undefined ? {} : { command: this.command }),
    };
  }
}

/** Turns whatever was thrown into a report. Never shows a stack trace. */
export function reportOf(thrown: unknown): ErrorReport {
  if (thrown instanceof HowdahError) return thrown.report();
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'SQLITE_FULL')
    return {
      code: 'DISK_FULL',
      message: 'The disk that holds the data folder is full.',
      hint: 'Make room there, then start over.',
      detail: message,
    };
  if (code.startsWith('SQLITE_BUSY'))
    return {
      code: 'BUSY',
      message: 'Another Howdah was writing to the catalog for a long time.',
      hint: 'Try again in a moment.',
      detail: message,
    };
  return {
    code: 'INTERNAL',
    message: `Something inside Howdah went wrong: ${message}`,
    hint: 'Nothing was recorded as done. The program log has the details; please report this.',
  };
}

/** Makes the compiler prove that a union was handled whole. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
