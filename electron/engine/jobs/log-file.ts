// A job's log: one JSON line an entry, mode 0600, readable by every process while it grows.
import { appendFileSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { LogLine } from '../../../shared/contract/backups.ts';

const folderOf = (homeDirectory: string): string => join(homeDirectory, 'jobs');
const fileOf = (homeDirectory: string, jobId: string): string => join(folderOf(homeDirectory), `${jobId.replace(/[^\w-]/g, '')}.jsonl`);

export type JobLog = { write(level: LogLine['level'], text: string): LogLine };

/** Begins a job's log. It never throws: a job must come to its end on record, also where its log cannot be written.
 * `onFault` is told once. */
export function openJobLog(homeDirectory: string, jobId: string, clock: () => number, onFault: (thrown: unknown) => void): JobLog {
  let told = false;
  const file = fileOf(homeDirectory, jobId);
  let sequence = 0;
  return {
    write(level, text) {
      sequence += 1;
      const line: LogLine = { sequence, at: new Date(clock()).toISOString(), level, text: redact(text) };
      try {
        mkdirSync(folderOf(homeDirectory), { recursive: true, mode: 0o700 });
        appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
      } catch (thrown) {
        if (!told) onFault(thrown);
        told = true;
      }
      return line;
    },
  };
}

export type LogCursor = { offset: number; rest: string };
export const logStart = (): LogCursor => ({ offset: 0, rest: '' });

/** Reads what was added since the cursor, and moves it. A line that is still being written waits for its end. */
export function readJobLog(homeDirectory: string, jobId: string, cursor: LogCursor): LogLine[] {
  const file = fileOf(homeDirectory, jobId);
  if (!existsSync(file)) return [];
  const fd = openSync(file, 'r');
  try {
    const size = fstatSync(fd).size;
    if (size <= cursor.offset) return [];
    const buffer = Buffer.alloc(size - cursor.offset);
    const read = readSync(fd, buffer, 0, buffer.length, cursor.offset);
    const lastEnd = buffer.lastIndexOf(0x0a, read - 1);
    if (lastEnd < 0) return [];
    cursor.offset += lastEnd + 1;
    return buffer
      .toString('utf8', 0, lastEnd)
      .split('\n')
      .map((line) => JSON.parse(line) as LogLine);
  } finally {
    closeSync(fd);
  }
}

/** Hides a password in any connection URL or `password=` pair: a last line of defence, not the first. */
export const redact = (text: string): string =>
  text
    .replace(/(\bpostgres(?:ql)?:\/\/[^\s:@/]*:)[^\s@]+(?=@)/gi, '$1****')
    .replace(/(\bpassword\s*=\s*)('(?:[^'\\]|\\.)*'|\S+)/gi, '$1****');
