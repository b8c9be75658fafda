// Changes to a target, many at a time: what is told of each, whether rows still fit, and that the mends leave no difference.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SchemaDifference } from '../../../shared/contract/previews.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { copyDatabase, dropDatabase, sql } from '../../support/server.ts';
import { clients, dump, richDatabase, type Client, type RichDumps } from '../dumps/rich-dumps.ts';
import { oddSchema } from './odd-schema.ts';
import { inRounds, type Change } from './rounds.ts';
import { brief, compareWith, mend, tableNamed } from './support.ts';

/** Changes of one round are made in one target; each is a test of its own. Rounds take turns with the dump's format. */
export function testMends(changes: Change[]): void {
  let rich: RichDumps;
  let engine: TestEngine;
  const dumps = { custom: '', plain: '' };
  beforeAll(async () => {
    engine = await makeEngine();
    rich = await richDatabase();
    await sql(rich.database, oddSchema);
    const client = clients()[0] as Client;
    dumps.custom = dump(client, rich, 'custom', ['-Fc']);
    dumps.plain = dump(client, rich, 'plain', ['-Fp']);
  });
  afterAll(async () => {
    await engine.close();
    await rich.remove();
  });

  const rounds = inRounds(changes).map((members, at) => ({ members, at, form: at % 2 === 0 ? ('custom' as const) : ('plain' as const) }));
  describe.each(rounds)('round $at, told from a $form dump', ({ members, form }) => {
    let database: string;
    let told: SchemaDifference[];
    let fits: boolean;
    const fitsAlone: Record<string, boolean> = {};
    beforeAll(async () => {
      const path = dumps[form];
      database = await copyDatabase(rich.database);
      for (const { change } of members) await sql(database, change);
      ({ differences: told, fits } = await compareWith(engine, { path, database }));
      for (const { unfit } of members) {
        if (unfit === undefined) continue;
        fitsAlone[unfit] = (await compareWith(engine, { path, database, tables: [tableNamed(unfit)] })).fits;
      }
    }, 240_000);
    afterAll(() => dropDatabase(database));

    it.each(members)('is told after: $change', ({ differences, unfit, fitting = false }) => {
      expect(told.map(brief)).toEqual(expect.arrayContaining(differences));
      if (unfit !== undefined) expect([fits, fitsAlone[unfit]]).toEqual([false, false]);
      if (fitting) expect(fits).toBe(true);
    });

    it('nothing else is told, and the mends leave no difference', async () => {
      expect(told.map(brief).toSorted()).toEqual(members.flatMap(({ differences }) => differences).toSorted());
      await mend(database, told);
      const after = await compareWith(engine, { path: dumps[form], database });
      expect(after.differences.map((left) => [brief(left), left.backup, left.live])).toEqual([]);
    }, 240_000);
  });
}
