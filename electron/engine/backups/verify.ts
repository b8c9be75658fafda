// The verify job: one of our backups, or any dump file. A verdict is a result, not a failure of the job.
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Artifact, Verification } from '../../../shared/contract/backups.ts';
import type { DumpSource } from '../../../shared/contract/common.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { pathOfSource } from '../dumps/source.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { serverKey } from '../postgres/target.ts';
import { manifestFileName, readManifest } from './manifest.ts';
import { readBack } from './read-back.ts';
import { backupStore } from './store.ts';
import { deepVerifyBackup, deepVerifyDump } from './verify-deep.ts';
import { verifyFolder } from './verify-folder.ts';

export type VerifyRequest = { source: DumpSource; deep: boolean; onProfileId?: string | undefined };

/** Queues a verification; the job's result is a `Verification`.
 * Errors: NOT_FOUND, BAD_INPUT (no server named for a deep check of a file). */
export async function startVerify(context: EngineContext, request: VerifyRequest): Promise<{ jobId: string }> {
  const { source, deep } = request;
  const path = pathOfSource(context, source);
  const backup = source.kind === 'backup' ? backupStore(context.catalog).get(source.id) : null;
  const profileId = deep ? serverFor(context, backup?.profileId ?? null, request.onProfileId) : null;
  const profile = profileId === null ? null : context.profiles.get(profileId);
  const name = backup === null ? basename(path) : `backup of ${backup.database}, ${backup.startedAt}`;
  const job = context.jobs.start({
    kind: 'verify',
    title: `${deep ? 'Deep verification' : 'Verification'} of ${name}`,
    profile: profile?.name ?? backup?.profile ?? '',
    profileId,
    database: backup?.database ?? '',
    subjectId: source.id,
    serverKey: profileId === null ? 'this machine' : serverKey(await context.profiles.target(profileId)),
    run: async (run) => {
      const recorded = backup?.status === 'succeeded' ? backup.artifacts : null;
      await requireThere(path);
      const verification = await verify(context, run, { source, path, profileId, recorded }).catch((thrown: unknown) => {
        throw isOfTheDisk(thrown) ? notThere(path, thrown) : thrown;
      });
      // A disk that went away meanwhile is no verdict either.
      if (!verification.ok) await requireThere(path);
      for (const check of verification.checks)
        run.log(
          check.ok ? 'info' : 'error',
          `${check.name}: ${check.ok ? 'good' : 'NOT GOOD'}${check.detail === '' ? '' : ` (${check.detail})`}`,
        );
      if (backup !== null) {
        backupStore(context.catalog).recordVerification(backup.id, verification);
        context.events.emit({ kind: 'catalogChanged' });
      }
      return verification;
    },
  });
  return { jobId: job.id };
}

/** What is not there now, or cannot be read, is neither good nor bad. Errors: FILE_NOT_READABLE. */
async function requireThere(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) await readManifest(path);
  } catch (thrown) {
    if (thrown instanceof HowdahError && thrown.code === 'MANIFEST_INVALID') return;
    throw notThere(path, thrown);
  }
}

const notThere = (path: string, cause: unknown): HowdahError =>
  new HowdahError('FILE_NOT_READABLE', `${path} is not there now or cannot be read, so nothing was verified.`, {
    hint: 'Connect the disk or share and see that your user may read it, then verify again.',
    detail: cause instanceof Error ? cause.message : String(cause),
    cause,
  });

/** A failure of the file system's own. */
const isOfTheDisk = (thrown: unknown): boolean => !(thrown instanceof HowdahError) && thrown instanceof Error && 'syscall' in thrown;

async function verify(
  context: EngineContext,
  job: JobRun,
  request: { source: DumpSource; path: string; profileId: string | null; recorded: Artifact[] | null },
): Promise<Verification> {
  const { source, path, profileId, recorded } = request;
  const now = (): string => new Date(context.ports.clock()).toISOString();
  job.progress({ phase: 'Reading the dump' });
  const reading = {
    signal: job.signal,
    stuckAfterMs: context.settings().stuckAfterSeconds * 1000,
    pgRestore: context.profiles.clientFolders(),
  };
  const isFile = source.kind !== 'backup' && (await stat(path)).isFile();
  const manifest = isFile
    ? null
    : await readManifest(path).catch((thrown: unknown) => {
        if (!(thrown instanceof HowdahError) || thrown.code !== 'MANIFEST_INVALID') throw thrown;
        return thrown;
      });
  if (manifest !== null && !(manifest instanceof HowdahError)) {
    const found = await verifyFolder(path, manifest, { ...reading, now });
    const before = recorded === null || sameHashes(recorded, manifest.artifacts) ? found : withRewritten(found);
    if (profileId === null || !before.ok) return before;
    return await deepVerifyBackup(context, job, { directory: path, manifest, profileId, before });
  }
  // A folder that says it is a backup, and cannot prove it, is not good because the dump in it happens to be readable.
  if (manifest !== null && (source.kind === 'backup' || existsSync(join(path, manifestFileName)))) {
    return { ok: false, deep: false, at: now(), checks: [{ name: 'manifest', ok: false, detail: manifest.message }] };
  }
  const read = await readBack(path, reading);
  const before: Verification = {
    ok: read.ok,
    deep: false,
    at: now(),
    checks: [{ name: 'readable to the end', ok: read.ok, detail: read.detail }],
  };
  if (profileId === null || !before.ok) return before;
  return await deepVerifyDump(context, job, { path, profileId, before });
}

/** Whoever changes a file can change the manifest beside it as well; the catalog lies elsewhere. */
const sameHashes = (recorded: Artifact[], named: Artifact[]): boolean => {
  const hashes = new Map(named.map(({ name, sha256 }) => [name, sha256]));
  return recorded.length === named.length && recorded.every(({ name, sha256 }) => hashes.get(name) === sha256);
};

const withRewritten = (found: Verification): Verification => ({
  ...found,
  ok: false,
  checks: [
    ...found.checks,
    { name: 'manifest', ok: false, detail: 'its hashes are not those on record in the catalog: it was rewritten after the backup' },
  ],
});

/** The named one, else the backup's own, else the only one there is. */
function serverFor(context: EngineContext, own: string | null, named: string | undefined): string {
  if (named !== undefined) return context.profiles.get(named).id;
  const profiles = context.profiles.list();
  if (own !== null && profiles.some((profile) => profile.id === own)) return own;
  const [only, ...others] = profiles;
  if (only !== undefined && others.length === 0) return only.id;
  throw new HowdahError('BAD_INPUT', 'A deep verification restores into a throw-away database, and it is not clear on which server.', {
    hint: profiles.length === 0 ? 'Add a profile first.' : 'Name the profile whose server to use (--on).',
  });
}
