// One small backup, one small live database, through the contract: for cases that are written down.
import type { Preview, PreviewBlocker, Strategy, StrategyChoice, TablePreview } from '../../../shared/contract/previews.ts';
import { previewRequest, strategyChoice, type PreviewRequest } from '../../../shared/contract/previews.ts';
import { createDatabase, dropDatabase, sql } from '../../support/server.ts';
import { pgDump } from '../restores/support.ts';
import { restore } from './carry-out.ts';
import type { Ground } from './playing.ts';

export type Situation = {
  /** SQL in the backup's database. */
  backup: string;
  /** SQL in the live database; absent: that of the backup. */
  live?: string;
  /** Absent: every table of the schema `public`. */
  request?: Partial<PreviewRequest>;
};

export type Looked = {
  preview: Preview;
  /** The one table of that name. */
  table: (name?: string) => TablePreview;
  /** Codes that block a strategy, sorted, each once. */
  blockers: (strategy?: Strategy) => string[];
  /** What `judge` says blocks this. */
  judged: (choice: Partial<StrategyChoice> & { strategy: Strategy }) => Promise<string[]>;
  /** Restores with the preview; gives its error's code, null where it succeeded. */
  carryOut: (choice: Partial<StrategyChoice> & { strategy: Strategy }) => Promise<string | null>;
  /** Rows of the live database, each as JSON of texts, sorted by the first column. */
  rows: (table?: string) => Promise<unknown[]>;
};

/** Makes both sides, previews, and lets `test` look; both databases are dropped after it. */
export async function look<T>(ground: Ground, situation: Situation, test: (looked: Looked) => Promise<T> | T): Promise<T> {
  const source = await createDatabase(situation.backup);
  const live = await createDatabase(situation.live ?? situation.backup);
  try {
    const { client, ended } = ground.engine;
    const file = await client.dumps.open({ path: pgDump(source, ['-Fc', '-Z0']) });
    const tables = await sql<{ schema: string; table: string }>(
      source,
      `SELECT 'public' AS schema, relname AS table FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 2`,
    );
    const request = {
      source: { kind: 'file' as const, id: file.id },
      profileId: ground.profileId,
      database: live,
      tables,
      ...situation.request,
    };
    const started = await client.previews.start(previewRequest.parse(request));
    await ended(started.jobId);
    const state = await client.previews.get({ id: started.previewId });
    if (state.status !== 'ready') throw new Error(`the preview is ${JSON.stringify(state)} ${ground.engine.faults.join('\n')}`);
    const { preview } = state;
    const all: PreviewBlocker[] = [...preview.blockers, ...preview.tables.flatMap((table) => table.blockers)];
    const result = await test({
      preview,
      table: (name) => {
        const found = preview.tables.find((table) => name === undefined || table.table === name);
        if (found === undefined) throw new Error(`no table ${name ?? ''} in the preview`);
        return found;
      },
      blockers: (strategy) =>
        [...new Set(all.filter((one) => strategy === undefined || one.strategies.includes(strategy)).map((one) => one.code))].sort(),
      judged: async (choice) => {
        const found = await client.previews.judge({ id: preview.id, ...strategyChoice.parse(choice) });
        return [...new Set(found.blockers.map((one) => one.code))].sort();
      },
      carryOut: async (choice) => {
        const answer = await restore(ground, {
          ...request,
          safetyBackup: false,
          previewId: preview.id,
          fingerprint: preview.fingerprint,
          ...choice,
        });
        return answer.code;
      },
      rows: async (table = 't') =>
        (await sql<{ r: unknown }>(live, `SELECT to_jsonb(the_row)::text AS r FROM ${table} the_row ORDER BY the_row`)).map(
          (row) => JSON.parse(String(row.r)) as unknown,
        ),
    });
    await client.previews.close({ id: preview.id });
    return result;
  } finally {
    await dropDatabase(source);
    await dropDatabase(live);
  }
}
