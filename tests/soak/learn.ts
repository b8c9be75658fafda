// Backups come and go by themselves (before restores, by schedules, by retention): what is new is looked at, and what is
// gone must have been allowed to go.
import { existsSync } from 'node:fs';
import type { Backup, SucceededBackup } from '../../shared/contract/backups.ts';
import { catalogRows } from './catalog.ts';
import { demand, demandEqual } from './failure.ts';
import { ledgerTable } from './ledger.ts';
import { isDone, runJob, untouched } from './job.ts';
import type { KnownBackup, World } from './world.ts';

/** Errors: SoakFailure. */
export async function learnBackups(world: World): Promise<void> {
  const backups = await listBackups(world);
  for (const backup of backups) {
    if (backup.status === 'succeeded') await learnOne(world, backup);
    else if (backup.status !== 'running') {
      const { error } = backup;
      demand(error.hint !== '' && error.code !== 'INTERNAL', `the error of ${backup.id}`, 'a code and a hint', error);
    }
  }
  forgetGone(world, new Set(backups.map(({ id }) => id)));
}

/** Newest first; more than one page holds. */
async function listBackups(world: World): Promise<Backup[]> {
  const all: Backup[] = [];
  for (;;) {
    const { backups, total } = await world.host.client.backups.list({ brief: true, limit: 1000, offset: all.length });
    all.push(...backups);
    if (all.length >= total || backups.length === 0) return all;
  }
}

async function learnOne(world: World, backup: SucceededBackup): Promise<void> {
  demand(backup.present && existsSync(backup.directory), `the folder of ${backup.id}`, 'there', backup.directory);
  if (world.backups.has(backup.id)) return;
  const place = world.places.find((one) => one.database === backup.database);
  demand(place !== undefined, `the database of ${backup.id}`, 'one that is live', backup.database);
  demand(backup.verification?.ok === true, `${backup.id}, which is called good`, 'verified', backup.verification);
  world.backups.set(backup.id, {
    id: backup.id,
    profileId: backup.profileId,
    database: backup.database,
    startedAt: backup.startedAt,
    directory: backup.directory,
    chosen: backup.holds !== 'whole',
    // A safety backup of rows holds the tables that change: only the ledger can be told from outside.
    possible: [...place.since],
    proved: backup.holds !== 'whole' && !holdsLedgerAlone(world, backup.id),
  });
  world.figures.backups += 1;
  const end = await runJob(world, 'verify what is new', untouched, (client) =>
    client.backups.verify({ source: { kind: 'backup', id: backup.id }, deep: false }),
  );
  demand(isDone(end), `the verification of ${backup.id}, which is called good`, 'succeeded', end);
  const after = await world.host.client.backups.get({ id: backup.id });
  demand(after.status === 'succeeded' && after.verification?.ok === true, `${backup.id}, looked at once more`, 'good', after);
}

const onlyLedger = JSON.stringify([ledgerTable]);

function holdsLedgerAlone(world: World, id: string): boolean {
  const [row] = catalogRows<{ label: string; origin: string }>(world, 'select label, origin from backups where id = ?', id);
  return row?.origin === 'manual' && row.label === onlyLedger;
}

/** How a step labels a backup of the ledger alone. */
export const ledgerLabel = onlyLedger;

/** Each is on record as deleted, and of each database the newest good one of the whole is still there. */
function forgetGone(world: World, there: ReadonlySet<string>): void {
  const gone = [...world.backups.values()].filter(({ id }) => !there.has(id));
  for (const { id, directory } of gone) {
    const deletions = catalogRows<{ state: string }>(world, 'select state from deletions where backup_id = ?', id);
    demandEqual(`the deletion of ${id}`, [{ state: 'removed' }], deletions);
    demand(!existsSync(directory), `the folder of ${id}, which was deleted`, 'gone', directory);
    demand(!isNewestOfItsDatabase(world, id), `${id}, which was deleted`, 'not the last good one of its database', id);
  }
  for (const { id } of gone) world.backups.delete(id);
  world.figures.deletions += gone.length;
}

function isNewestOfItsDatabase(world: World, id: string): boolean {
  const one = world.backups.get(id);
  if (one === undefined || one.chosen) return false;
  const newer = (other: KnownBackup): boolean =>
    other.startedAt > one.startedAt || (other.startedAt === one.startedAt && other.id > one.id);
  return ![...world.backups.values()].some(
    (other) => !other.chosen && other.profileId === one.profileId && other.database === one.database && newer(other),
  );
}
