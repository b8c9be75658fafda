// Puts a backup's manifest together from what was planned, seen and written.
import type { EngineContext } from '../context.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { describeCompression } from './compression.ts';
import type { ServerFacts } from './gather.ts';
import { manifestFormatVersion, type Manifest } from './manifest.ts';
import type { DumpPlan } from './plan.ts';
import type { Written } from './write-dump.ts';

import type { BackupOptions } from '../../../shared/contract/backups.ts';
import type { Target } from '../postgres/target.ts';

export type BackupWork = {
  profileId: string;
  options: BackupOptions;
  origin: 'manual' | 'safety' | 'schedule';
  scheduleId?: string;
  backupId: string;
  target: Target;
};

/** Its verification is still to come. */
export function manifestOf(
  context: EngineContext,
  work: BackupWork,
  plan: DumpPlan,
  server: ServerFacts,
  written: Written,
  startedAt: string,
  begun: number,
): Manifest {
  const excluded = new Set(plan.excluded.map(tableKey));
  const now = new Date(context.ports.clock()).toISOString();
  return {
    formatVersion: manifestFormatVersion,
    id: work.backupId,
    kind: 'database',
    createdBy: { name: 'Howdah', version: context.ports.host.version },
    profile: context.profiles.get(work.profileId).name,
    origin: work.origin,
    label: work.options.label,
    ...scheduleOf(context, work.scheduleId),
    startedAt,
    finishedAt: now,
    durationMs: Math.round(performance.now() - begun),
    server: {
      host: work.target.host,
      port: work.target.port,
      user: work.target.user,
      version: server.version,
      major: server.major,
      encoding: server.database.encoding,
      collate: server.database.collate,
      ctype: server.database.ctype,
      localeProvider: server.database.localeProvider,
      locale: server.database.locale,
    },
    client: { version: plan.client.version, command: written.command },
    options: work.options,
    database: plan.database,
    format: plan.format,
    compression: describeCompression(plan.compression),
    quick: plan.excluded.length > 0,
    leftOut: plan.leftOut,
    artifacts: written.artifacts,
    tables: plan.tables.map((table) => ({
      schema: table.schema,
      table: table.table,
      rows: written.counted.rows.get(tableKey(table)) ?? null,
      sizeBytes: table.sizeBytes,
      dataExcluded: excluded.has(tableKey(table)),
    })),
    extensions: written.counted.extensions,
    roles: written.counted.roles,
    schemaFingerprint: written.counted.schemaFingerprint,
    migrations: written.counted.migrations,
    warnings: written.warnings,
    verification: { ok: false, deep: false, at: now, checks: [] },
  };
}

function scheduleOf({ catalog }: EngineContext, id: string | undefined): Pick<Manifest, 'scheduleId' | 'schedule'> {
  if (id === undefined) return {};
  const row = catalog.prepare<[string], { name: string }>('select name from schedules where id = ?').get(id);
  return { scheduleId: id, ...(row === undefined ? {} : { schedule: row.name }) };
}
