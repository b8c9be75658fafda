import { restoreRequest } from '../../../shared/contract/restores.ts';
import { sameContent, differenceOf, type Content } from '../content.ts';
import { dropDatabase, readContent, readLedgerOf } from '../database.ts';
import { demand, demandEqual } from '../failure.ts';
import { isDone, runJob } from '../job.ts';
import { sameLedger } from '../ledger.ts';
import { newRestore, saysItIsLive } from '../outcome.ts';
import type { PlannedStep } from '../plan.ts';
import { tellStory, type KnownBackup, type Place, type World } from '../world.ts';

/** Restores a backup into a database that is not there yet: it holds exactly what was there when the backup was made. */
export async function restoreNew(world: World, { draw, fate, number }: PlannedStep, place: Place): Promise<void> {
  const restorable = [...world.backups.values()].filter((one) => !one.chosen || !one.proved);
  if (restorable.length === 0) return tellStory(world, 'nothing to restore');
  const unproved = restorable.filter((one) => !one.proved);
  const backup = draw.oneOf(unproved.length > 0 && draw.chance(80) ? unproved : restorable);
  const database = `new_${number}`;
  const request = restoreRequest.parse({
    source: { kind: 'backup', id: backup.id },
    profileId: place.profileId,
    database,
    create: true,
    noOwner: draw.chance(30),
    jobs: draw.oneOf([1, 2, undefined]),
  });
  const end = await runJob(world, 'restore into new', fate, (client) => client.restores.start({ ...request, confirm: database }));
  if (fate.kind === 'none') demand(isDone(end), `the restore of ${backup.id} into a new database`, 'succeeded', end);
  const row = await newRestore(world, database, new Set());
  const there = (await world.server.rows('postgres', 'select from pg_database where datname = $1', [database])).length === 1;
  demandEqual(`whether ${database} is there, as ${row?.id ?? 'no row'} says`, saysItIsLive(row), there);
  if (!there) return;
  await proveBackup(world, backup, database);
  await dropDatabase(world.server, database);
  world.figures.restores += 1;
}

/** Errors: SoakFailure, where the database holds none of what the backup may hold. */
async function proveBackup(world: World, backup: KnownBackup, database: string): Promise<void> {
  const differences: string[] = [];
  for (const content of backup.possible) {
    const difference = backup.chosen ? await ledgerDifference(world, content, database) : await wholeDifference(world, content, database);
    if (difference === null) {
      Object.assign(backup, { possible: [content], proved: true });
      return;
    }
    differences.push(difference);
  }
  demand(false, `the rows of ${backup.id}, restored`, `one of ${backup.possible.length} states`, differences);
}

async function wholeDifference(world: World, content: Content, database: string): Promise<string | null> {
  const found = await readContent(world.server, database, content);
  return sameContent(content, found) ? null : differenceOf(content, found);
}

async function ledgerDifference(world: World, content: Content, database: string): Promise<string | null> {
  const ledger = await readLedgerOf(world.server, database);
  return sameLedger(content.ledger, ledger) ? null : differenceOf(content, { ...content, ledger });
}
