// A simulated year (a third of one in `npm test`) in seconds against the model. HOWDAH_PROPERTY_SEED repeats one, HOWDAH_PROPERTY_CASES plays more,
// HOWDAH_PROPERTY_DAYS shortens them.
import { expect, it, vi } from 'vitest';
import type * as Open from '../../../../electron/engine/catalog/open.ts';
import { thorough } from '../../../support/thorough.ts';
import { hands } from './year-engine.ts';
import { playYear } from './year-world.ts';

vi.mock('../../../../electron/engine/backups/run.ts', () => ({ makeBackup: hands.makeBackup }));
vi.mock('../../../../electron/engine/catalog/open.ts', async (original) => {
  const real = await original<typeof Open>();
  return {
    ...real,
    openCatalog(home: string) {
      const catalog = real.openCatalog(home);
      // What a power cut would take is not what this test is about.
      catalog.pragma('synchronous = off');
      hands.catalogs.push(catalog);
      return catalog;
    },
  };
});

/** The same year each time, so that a change shows what it broke; HOWDAH_PROPERTY_SEED plays others. */
const seed = Number(process.env['HOWDAH_PROPERTY_SEED'] ?? 414_715);
const cases = Number(process.env['HOWDAH_PROPERTY_CASES'] ?? 1);
const days = Number(process.env['HOWDAH_PROPERTY_DAYS'] ?? (thorough ? 365 : 120));

it.each(Array.from({ length: cases }, (_, n) => seed + n))(
  `every planned slot of ${days} days ends in exactly one recorded state, seed %i`,
  { timeout: 900_000 },
  async (one) => {
    const tally = await playYear(one, days);
    if (process.env['HOWDAH_PROPERTY_TALK'] !== undefined) process.stderr.write(`${JSON.stringify(tally)}\n`);
    // Every kind of event and of end must have come by; shorter ones are for looking at a fault.
    if (days < 120) return;
    for (const what of ['sleep', 'crash', 'clockBack', 'pause', 'move', 'long', 'down', 'refused', 'succeeded', 'caught-up', 'failed'])
      expect(tally[what], what).toBeGreaterThan(days < 365 ? 0 : 3);
    for (const what of [
      'missed/covered',
      'missed/too-late',
      'missed/policy-skip',
      'skipped/paused',
      'skipped/by-user',
      'skipped/overlap',
      'cancelled/window-end',
    ])
      expect(tally[what], what).toBeGreaterThan(0);
  },
);
