// What goes where: one JSON document or text on standard output, progress and logs on standard error.
import { ORPCError } from '@orpc/client';
import { CommanderError } from 'commander';
import { HowdahError, reportOf, type ErrorReport } from '../../shared/errors.ts';
import { fromWireError } from '../transport/errors.ts';
import type { Shell } from './shell.ts';

export const exitCodes = { done: 0, failed: 1, badUsage: 2, needsConfirmation: 3, cancelled: 130 } as const;

export type Output = {
  json: boolean;
  /** Show what the client programs say, line by line. */
  verbose: boolean;
  /** Somebody watches standard error: progress may be shown. */
  watched: boolean;
  /** The command's one result: the document with `--json`, else the text. */
  result(document: unknown, text: string): void;
  /** A result that is text already; with `--json` the document instead. */
  raw(text: string, document: unknown): void;
  /** Anything a person may want to see meanwhile. */
  note(line: string): void;
};

export function createOutput({ stdout, stderr }: Shell, json: boolean, verbose: boolean): Output {
  return {
    json,
    verbose,
    watched: stderr.isTTY === true,
    result(document, text) {
      stdout.write(json ? `${JSON.stringify(document)}\n` : text === '' ? '' : `${text}\n`);
    },
    raw(text, document) {
      stdout.write(json ? `${JSON.stringify(document)}\n` : text);
    },
    note(line) {
      stderr.write(`${line}\n`);
    },
  };
}

export const cancelledEarly = (): HowdahError =>
  new HowdahError('CANCELLED', 'Cancelled before anything was begun.', { hint: 'Nothing was left behind.' });

/** Prints a failure and says with which code to exit. */
export function printFailure(output: Output, thrown: unknown): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return exitCodes.done; // --help and --version
    const message = thrown.message.replace(/^error: /, '');
    const error: ErrorReport = { code: 'BAD_INPUT', message, hint: 'See "howdah --help", or the command with --help.' };
    output.result({ error }, '');
    if (!output.json) output.note(`howdah: ${message}\n${error.hint}`);
    return exitCodes.badUsage;
  }
  const error = thrown instanceof ORPCError ? fromWireError(thrown) : reportOf(thrown);
  output.result({ error }, '');
  if (!output.json) {
    output.note(`howdah: ${error.message} [${error.code}]`);
    if (error.detail !== undefined) output.note(error.detail.trimEnd().replace(/^/gm, '  | '));
    if (error.command !== undefined) output.note(`  ran: ${error.command}`);
    output.note(`  next: ${error.hint}`);
  }
  switch (error.code) {
    case 'BAD_INPUT':
      return exitCodes.badUsage;
    case 'CONFIRMATION_NEEDED':
      return exitCodes.needsConfirmation;
    case 'CANCELLED':
      return exitCodes.cancelled;
    default:
      return exitCodes.failed;
  }
}

/** For the commands that destroy something. Errors: CONFIRMATION_NEEDED. */
export function requireYes(yes: boolean | undefined, what: string): void {
  if (yes) return;
  throw new HowdahError('CONFIRMATION_NEEDED', `This would ${what}.`, { hint: 'Add --yes when that is what you want.' });
}

/** Columns aligned for reading; the last one is never padded. */
export function table(header: string[], rows: string[][]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map((row) => row.map((cell, column) => (column === header.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '))
    .join('\n');
}

/** The same, numbers to the right: all but the first and the last column. */
export function numbersTable(header: string[], rows: string[][]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const last = header.length - 1;
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => (column === last ? cell : column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
