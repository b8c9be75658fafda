import { backupOptions, type BackupOptions } from '../../../shared/contract/backups.ts';
import { until } from '../../support/wait.ts';
import { demand } from '../failure.ts';
import { Refused } from '../host-process.ts';
import { isDone, runJob } from '../job.ts';
import { ledgerLabel } from '../learn.ts';
import { ledgerTable } from '../ledger.ts';
import type { PlannedStep } from '../plan.ts';
import type { SeededDraw } from '../random.ts';
import { tellStory, type Place, type World } from '../world.ts';
import { editPlace } from './edit.ts';

/** In any format; sometimes while somebody writes, sometimes of one table. What it made is looked at after the step. */
export async function backUp(world: World, { draw, fate }: PlannedStep, place: Place): Promise<void> {
  const options = await possibleOptions(world, place, draw);
  tellStory(world, `${options.format ?? 'auto'} ${options.compression}${options.tables.length > 0 ? ' ledger alone' : ''}`);
  // While the server is down nobody can write either.
  const writing = fate.kind !== 'crash' && draw.chance(30);
  const at = draw.fraction() * (world.typicalMs.get('backup') ?? 500);
  const begun = performance.now();
  const write = async (): Promise<void> => {
    if (!writing) return;
    await until('the moment to write', () => performance.now() - begun >= at);
    await editPlace(world, draw, place);
    tellStory(world, 'written meanwhile;');
  };
  const [end] = await Promise.all([
    runJob(world, 'backup', fate, (client) => client.backups.start({ profileId: place.profileId, options })),
    write(),
  ]);
  if (fate.kind === 'none') demand(isDone(end), `the backup of ${place.database}`, 'succeeded', end);
}

async function possibleOptions(world: World, place: Place, draw: SeededDraw): Promise<BackupOptions> {
  const ledgerAlone = draw.chance(15);
  const options = backupOptions.parse({
    format: draw.oneOf(['custom', 'directory', 'plain', 'tar', undefined]),
    compression: draw.oneOf(['auto', 'auto', 'none', 'gzip:1', 'zstd:1', 'lz4']),
    jobs: draw.oneOf([1, 2, undefined]),
    tables: ledgerAlone ? [ledgerTable] : [],
    label: ledgerAlone ? ledgerLabel : '',
    globals: draw.chance(15),
    deepVerify: draw.chance(15),
  });
  try {
    await world.host.client.backups.plan({ profileId: place.profileId, options });
    return options;
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    // Not every client can do every combination; what it can without a wish is always possible.
    const { report } = thrown;
    demand(['BAD_INPUT', 'CLIENT_TOOL_MISSING'].includes(report.code) && report.hint !== '', 'the plan of a backup', 'possible', report);
    return { ...options, compression: 'auto', jobs: undefined };
  }
}
