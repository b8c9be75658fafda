// Runs to tell of, and the bytes of a home folder to look for secrets in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { catalogFileName } from '../../../electron/engine/catalog/open.ts';
import { newId } from '../../../electron/engine/ids.ts';
import { channelFields, type ChannelFields } from '../../../shared/contract/messages.ts';
import type { ScheduledRun } from '../../../shared/contract/schedules.ts';

export const failure = {
  code: 'CONNECTION_FAILED',
  message: 'The server db1.example.org:5432 could not be reached: connection refused.',
  hint: 'Check that the server runs and that host and port are right.',
} as const;

/** A run of the schedule "Nightly", planned on 21 November 2026 at 01:00 UTC. */
export const run = (change: Partial<ScheduledRun> = {}): ScheduledRun => ({
  id: newId('run'),
  scheduleId: 'sch_nightly',
  schedule: 'Nightly',
  kind: 'backup',
  profile: 'shop',
  profileId: null,
  colour: '#4c6ef5',
  plannedAt: '2026-11-21T01:00:00.000Z',
  state: 'failed',
  trigger: 'slot',
  reason: null,
  detail: '',
  phase: null,
  nextTryAt: null,
  startedAt: '2026-11-21T01:00:00.100Z',
  finishedAt: '2026-11-21T01:00:04.300Z',
  durationMs: 4200,
  sizeBytes: null,
  attempts: 1,
  coveredBy: null,
  backupId: null,
  jobId: null,
  backups: [],
  error: change.state === undefined || change.state === 'failed' ? failure : null,
  ...change,
});

export const channel = (fields: Pick<ChannelFields, 'name' | 'target'> & Partial<ChannelFields>): ChannelFields =>
  channelFields.parse(fields);

/** Another connection to the catalog, as another process has one. */
export const otherConnection = (home: string): Database.Database => new Database(join(home, catalogFileName));

/** Writes a run down as the scheduler does. */
export function putRun(home: string, change: Partial<ScheduledRun>): ScheduledRun {
  const written = run(change);
  const db = otherConnection(home);
  db.prepare(
    `insert into runs (id, schedule_id, schedule, kind, profile, colour, planned_at, state, trigger, reason, size_bytes)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    written.id,
    written.scheduleId,
    written.schedule,
    written.kind,
    written.profile,
    written.colour,
    written.plannedAt,
    written.state,
    written.trigger,
    written.reason,
    written.sizeBytes,
  );
  db.close();
  return written;
}

/** Files below the home folder, the encrypted secrets aside, that hold one of the texts. */
export function filesHolding(home: string, texts: string[]): string[] {
  return readdirSync(home, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('secrets'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return texts.some((text) => bytes.includes(text) || bytes.includes(Buffer.from(text).toString('base64')));
    });
}
