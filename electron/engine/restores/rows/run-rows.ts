// A restore row by row, from the preview to the record: compare (or take an open preview), judge, back up what will
// change, write, drop the staging.
import type { TableName } from '../../../../shared/contract/common.ts';
import { backupOptions } from '../../../../shared/contract/backups.ts';
import type { Preview, PreviewRequest, RowEffects, StrategyChoice } from '../../../../shared/contract/previews.ts';
import { HowdahError } from '../../../../shared/errors.ts';
import { formatNumber } from '../../../../shared/format.ts';
import { runBackupWithin } from '../../backups/start.ts';
import type { EngineContext } from '../../context.ts';
import type { JobRun } from '../../jobs/jobs.ts';
import { withSession, type Session } from '../../postgres/connection.ts';
import { quoteTable } from '../../postgres/row-counts.ts';
import type { Target } from '../../postgres/target.ts';
import type { Compared } from '../../previews/compared.ts';
import { isSwap, judgeNow } from '../../previews/judge.ts';
import { transactionName } from '../settle-swap.ts';
import { requireKnownTables } from '../strategy.ts';
import { applyRows, refuseBlocked } from './apply.ts';
import { stale } from './unmoved.ts';
import { withPreview } from './with-preview.ts';

export type RowsOrder = {
  /** Whose row tells of it, also after a crash at COMMIT. */
  restoreId: string;
  request: PreviewRequest;
  choice: StrategyChoice;
  previewId?: string | undefined;
  fingerprint?: string | undefined;
  dryRun: boolean;
  safetyBackup: boolean;
  /** Of the safety backup. */
  label: string;
  /** Told before anything is written. `safetyBackupId` is null where none was made. */
  onPrepared: (prepared: { changed: TableName[]; safetyBackupId: string | null }) => void;
};

export type RowsDone = { effects: RowEffects; changed: TableName[]; warnings: string[]; recorded: () => void };

/** Errors: those of `preparePreview`, of a backup, and of `applyRows`. Whatever it throws, the target is as it was. */
export async function runRows(context: EngineContext, job: JobRun, order: RowsOrder): Promise<RowsDone> {
  return withPreview(context, job, order, async ({ preview, compared, target }) => {
    if ((order.previewId ?? order.fingerprint) !== undefined && isSwap(compared, order.choice)) {
      throw stale('The preview is of a replace of the whole database, and now its rows would be replaced one by one.');
    }
    // A restore of everything that goes row by row after all is judged as one.
    const rowwise: Compared = { ...compared, whole: false };
    requireKnownTables(order.choice, rowwise);
    const judged = await judgeNow(target, rowwise, order.choice);
    refuseBlocked(judged);
    describe(job, preview, judged.effects);
    const changed = judged.tables
      .filter(({ effects }) => effects.created + effects.updated + effects.deleted > 0)
      .map(({ schema, table }) => ({ schema, table }));
    const backUp = order.safetyBackup && !order.dryRun && changed.length > 0;
    const safetyBackupId = backUp ? await backUpTables(context, job, { ...order, target, changed }) : null;
    order.onPrepared({ changed, safetyBackupId });
    job.signal.throwIfAborted();

    let recorded: () => void = () => {};
    const applied = await applyRows(job, {
      target,
      profileId: order.request.profileId,
      compared: rowwise,
      choice: order.choice,
      dryRun: order.dryRun,
      committing(transaction) {
        recorded = job.note({
          kind: 'swap',
          profileId: order.request.profileId,
          restoreId: order.restoreId,
          live: target.database,
          fresh: transactionName(transaction),
          aside: '',
        });
      },
    });
    const noWayBack =
      !order.dryRun && changed.length > 0 && safetyBackupId === null ? ['Without a safety backup there is no undo of this restore.'] : [];
    return { effects: applied.effects, changed, warnings: [...applied.warnings, ...noWayBack], recorded };
  });
}

function describe(job: JobRun, preview: Preview, effects: RowEffects): void {
  for (const warning of preview.warnings) job.log('warning', warning.message);
  for (const table of preview.tables) for (const warning of table.warnings) job.log('warning', warning.message);
  job.log(
    'info',
    `Plan: create ${formatNumber(effects.created, 'row')}, update ${formatNumber(effects.updated, 'row')}, delete ${formatNumber(effects.deleted, 'row')}; ${formatNumber(effects.skipped, 'row')} of the backup change nothing.`,
  );
}

async function backUpTables(
  context: EngineContext,
  job: JobRun,
  { request, target, changed, label }: RowsOrder & { target: Target; changed: TableName[] },
): Promise<string> {
  job.progress({ phase: 'Safety backup', fraction: null });
  const tables = await withSession(target, (session) => withPartitions(session, changed));
  const backup = await runBackupWithin(context, job, {
    profileId: request.profileId,
    options: backupOptions.parse({ database: target.database, label, tables }),
    origin: 'safety',
  }).catch((thrown: unknown) => {
    if (!(thrown instanceof HowdahError) || thrown.code === 'CANCELLED') throw thrown;
    throw new HowdahError(thrown.code, `The safety backup failed, so nothing was restored. ${thrown.message}`, {
      hint: `${thrown.hint} The role must be able to back these tables up, sequences included; without a safety backup there is no undo.`,
      detail: thrown.detail,
      command: thrown.command,
      cause: thrown,
    });
  });
  job.log('info', `Safety backup: ${backup.id}`);
  job.progress({
    phase: 'Restoring',
    fraction: null,
    bytesDone: 0,
    bytesTotal: null,
    bytesPerSecond: null,
    secondsLeft: null,
    current: null,
  });
  return backup.id;
}

/** pg_dump takes a partitioned table without its partitions unless they are named. */
async function withPartitions(session: Session, tables: TableName[]): Promise<TableName[]> {
  const { rows } = await session.query<TableName>(
    `select distinct n.nspname as schema, c.relname as "table"
       from pg_catalog.unnest($1::text[]) as asked (name)
       cross join lateral (select asked.name::pg_catalog.regclass::pg_catalog.oid as relid
                           union select p.relid::pg_catalog.oid from pg_catalog.pg_partition_tree(asked.name::pg_catalog.regclass) p) as tree
       join pg_catalog.pg_class c on c.oid = tree.relid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') order by 1, 2`,
    [tables.map(quoteTable)],
  );
  return rows;
}
