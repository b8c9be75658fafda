// The words that messages share, and what keeps them short, on one line and without secrets.
import type { ScheduledRun } from '../../../shared/contract/schedules.ts';
import type { ErrorReport } from '../../../shared/errors.ts';
import { formatBytes, formatDuration, formatNumber } from '../../../shared/format.ts';
import { redact } from '../jobs/log-file.ts';
import { atMost, type Message } from './message.ts';

/** `Nightly backup of shop on db1.example.org`. */
export function workOf(run: ScheduledRun, databases: string[], server: string): string {
  const name = /backup|cleanup/i.test(run.schedule) ? run.schedule : `${run.schedule} ${run.kind}`;
  return oneLine(`${name}${databases.length === 0 ? '' : ` of ${someOf(databases)}`}${onServer(server)}`);
}

export const someOf = (names: string[]): string => (names.length < 3 ? names.join(' and ') : formatNumber(names.length, 'database'));
export const onServer = (server: string): string => (server === '' ? '' : ` on ${server.replace(/:5432$/, '')}`);
export const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
/** A message has no room for control characters, and none for a forged second header. */
export const oneLine = (text: string): string => atMost(redact(text.replace(/[\p{Cc}\s]+/gu, ' ').trim()), 300);
export const tidy = (text: string): string => atMost(redact(text), 2000);

export const detailOf = (one: { durationMs: number | null; sizeBytes: number | null; error: ErrorReport | null }): string =>
  [
    one.sizeBytes === null ? '' : formatBytes(one.sizeBytes),
    one.durationMs === null ? '' : formatDuration(one.durationMs),
    one.error === null ? '' : `${tidy(one.error.message)} [${one.error.code}] Next: ${tidy(one.error.hint)}`,
  ]
    .filter((part) => part !== '')
    .join(', ');

export const errorOf = (error: ErrorReport | null): Message['error'] =>
  error === null
    ? null
    : {
        code: error.code,
        message: tidy(error.message),
        hint: tidy(error.hint),
        ...(error.detail === undefined ? {} : { detail: tidy(error.detail) }),
      };

export const compact = (facts: [string, string][]): Message['facts'] =>
  facts.filter(([, value]) => value !== '').map(([label, value]) => ({ label, value: tidy(value) }));
