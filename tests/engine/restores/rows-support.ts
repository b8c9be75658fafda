// Restores by strategy: a backup, changes made since, and what is there afterwards.
import type { Preview } from '../../../shared/contract/previews.ts';
import { previewRequest, type PreviewRequest } from '../../../shared/contract/previews.ts';
import { restoreRequest, type Restore, type RestoreRequest } from '../../../shared/contract/restores.ts';
import type { TestEngine } from '../../support/engine.ts';
import { createDatabase, sql, testServer } from '../../support/server.ts';

export type Scene = { database: string; profileId: string; backupId: string };

/** A database filled by `before`, backed up, then changed by `since`. */
export async function scene(
  engine: TestEngine,
  before: string,
  since = '',
  as?: { user: string; password: string },
  grants = '',
  excludeTableData: string[] = [],
): Promise<Scene> {
  const database = await createDatabase(before);
  if (grants !== '') await sql(database, grants);
  const superuser = await engine.addProfile({ database });
  const backup = await engine.backUpWell(superuser.id, { excludeTableData });
  if (since !== '') await sql(database, since);
  const profile = as === undefined ? superuser : await engine.addProfile({ database, user: as.user }, as.password);
  return { database, profileId: profile.id, backupId: backup.id };
}

/** As a scene stands now, over the same backup: a copy of its database with a profile of its own. Cheaper than to fill and
 * back up again. */
export async function copyOf(engine: TestEngine, scene: Scene, as?: { user: string; password: string }, grants = ''): Promise<Scene> {
  const database = `${scene.database}_${Math.random().toString(36).slice(2, 10)}`;
  await sql('postgres', `create database "${database}" template "${scene.database}"`);
  if (grants !== '') await sql(database, grants);
  const profile = await engine.addProfile({ database, user: as?.user ?? testServer().user }, as?.password);
  return { ...scene, database, profileId: profile.id };
}

type Choice = Partial<Omit<RestoreRequest, 'source' | 'profileId'>>;

export const requestOf = (at: Scene, choice: Choice): RestoreRequest =>
  restoreRequest.parse({ source: { kind: 'backup', id: at.backupId }, profileId: at.profileId, ...choice });

/** Restores to the end, whatever that is. */
export async function restoreBy(engine: TestEngine, at: Scene, choice: Choice & { fingerprint?: string }): Promise<Restore> {
  const { fingerprint, ...rest } = choice;
  const { jobId, restoreId } = await engine.client.restores.start({
    ...requestOf(at, rest),
    confirm: at.database,
    ...(fingerprint === undefined ? {} : { fingerprint }),
  });
  await engine.ended(jobId);
  return engine.client.restores.get({ id: restoreId });
}

/** Makes a preview and leaves it open. */
export async function previewOf(engine: TestEngine, at: Scene, change: Partial<PreviewRequest> = {}): Promise<Preview> {
  const { jobId, previewId } = await engine.client.previews.start(
    previewRequest.parse({ source: { kind: 'backup', id: at.backupId }, profileId: at.profileId, ...change }),
  );
  await engine.ended(jobId);
  const state = await engine.client.previews.get({ id: previewId });
  if (state.status !== 'ready')
    throw new Error(`the preview is ${state.status}: ${JSON.stringify('error' in state ? state.error : null)} ${engine.faults.join('\n')}`);
  return state.preview;
}

/** Staging schemas that are left in a database. */
export async function stagingIn(database: string): Promise<string[]> {
  return (await sql<{ name: string }>(database, "select nspname as name from pg_namespace where nspname like 'howdah\\_%'")).map(
    (row) => row.name,
  );
}

/** Everything in a table as text, in a stable order. */
export async function rowsOf(database: string, table: string): Promise<string[]> {
  return (await sql<{ line: string }>(database, `select t::text as line from ${table} t order by 1`)).map((row) => row.line);
}
