// The throw-away PostgreSQL for trying things out: its own folder, its own port, a password like any other server.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileFields } from '../../../shared/contract/profiles.ts';
import type { SampleState } from '../../../shared/contract/sample.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { quoteIdentifier, withSession } from '../postgres/connection.ts';
import { resolveTarget } from '../postgres/target.ts';
import { freePort, initialiseServer, runServerProgram, serverOptions } from './server-folder.ts';
import { findServerPrograms, unprivilegedUser } from './server-programs.ts';
import { shopSql } from './shop.ts';

const profileName = 'Sample shop';
const database = 'shop';

/** Below the home folder; where we are root, in a place that the unprivileged server can reach. */
function folderOf(context: EngineContext): string {
  const { homeDirectory } = context.ports;
  return unprivilegedUser() === null
    ? join(homeDirectory, 'sample')
    : join(tmpdir(), `howdah-sample-${Buffer.from(homeDirectory).toString('base64url').slice(-24)}`);
}

export function sampleState(context: EngineContext): SampleState {
  const profileId = sampleProfileId(context);
  const folder = folderOf(context);
  if (profileId !== null && existsSync(join(folder, 'data', 'PG_VERSION'))) {
    const port = runningPort(folder);
    return port === null ? { status: 'stopped', profileId } : { status: 'running', profileId, port };
  }
  if (findServerPrograms() === null) {
    return {
      status: 'unavailable',
      reason: 'No PostgreSQL server programs were found on this machine.',
      hint:
        process.platform === 'linux'
          ? 'Install them (Debian: sudo apt-get install postgresql) and try again, or add a connection to a server of yours.'
          : 'Install PostgreSQL and try again, or add a connection to a server of yours.',
    };
  }
  return { status: 'absent' };
}

/** Creates it the first time, starts it otherwise. The result is the profile's id.
 * Errors: SAMPLE_UNAVAILABLE. */
export async function startSample(context: EngineContext, job: JobRun): Promise<{ profileId: string }> {
  const state = sampleState(context);
  switch (state.status) {
    case 'unavailable':
      throw new HowdahError('SAMPLE_UNAVAILABLE', state.reason, { hint: state.hint });
    case 'running':
      return { profileId: state.profileId };
    case 'stopped': {
      const profile = context.profiles.get(state.profileId);
      const port = await startServer(context, job);
      await context.profiles.update(profile.id, { ...profile, port }, undefined);
      return { profileId: profile.id };
    }
    case 'absent':
      return createSample(context, job);
  }
}

async function createSample(context: EngineContext, job: JobRun): Promise<{ profileId: string }> {
  const folder = folderOf(context);
  rmSync(folder, { recursive: true, force: true });
  const remove = job.note({ kind: 'path', path: folder });
  const password = randomBytes(18).toString('base64url');
  try {
    job.progress({ phase: 'Creating a PostgreSQL server', fraction: 0.1 });
    await initialiseServer(folder, password, job);
    job.progress({ phase: 'Starting it', fraction: 0.5 });
    const port = await startServer(context, job);
    job.progress({ phase: 'Filling the shop', fraction: 0.7 });
    const fields = profileFields.parse({
      name: profileName,
      host: '127.0.0.1',
      port,
      user: 'howdah',
      database,
      environment: 'development',
      colour: '#2f9e44',
      quickExcludePatterns: ['public.audit_log'],
    });
    const target = resolveTarget(fields, password, {});
    await withSession({ ...target, database: 'postgres' }, (session) => session.query(`create database ${quoteIdentifier(database)}`));
    await withSession(target, (session) => session.query(shopSql));
    const old = sampleProfileId(context);
    if (old !== null) await context.profiles.remove(old);
    const profile = await context.profiles.create({ ...fields, name: freeName(context) }, password);
    writeFileSync(join(context.ports.homeDirectory, 'sample-profile'), profile.id, { mode: 0o600 });
    remove();
    context.events.emit({ kind: 'catalogChanged' });
    return { profileId: profile.id };
  } catch (thrown) {
    await stopSample(context).catch((second: unknown) => context.ports.log.error('the sample server could not be stopped', second));
    rmSync(folder, { recursive: true, force: true });
    remove();
    throw thrown;
  }
}

/** Stops the server if it runs. */
export async function stopSample(context: EngineContext): Promise<void> {
  const folder = folderOf(context);
  if (runningPort(folder) === null) return;
  await runServerProgram(folder, null, 'pg_ctl', ['-D', join(folder, 'data'), '-m', 'fast', '-w', 'stop']);
}

/** Stops it and removes its folder and profile. Backups stay. */
export async function removeSample(context: EngineContext): Promise<void> {
  const profileId = sampleProfileId(context);
  if (profileId !== null) await context.profiles.remove(profileId);
  await stopSample(context);
  rmSync(folderOf(context), { recursive: true, force: true });
  rmSync(join(context.ports.homeDirectory, 'sample-profile'), { force: true });
  context.events.emit({ kind: 'catalogChanged' });
}

async function startServer(context: EngineContext, job: JobRun): Promise<number> {
  const folder = folderOf(context);
  const port = await freePort();
  const options = serverOptions(port).join(' ');
  await runServerProgram(folder, job, 'pg_ctl', [
    '-D',
    join(folder, 'data'),
    '-l',
    join(folder, 'server.log'),
    '-w',
    '-t',
    '60',
    '-o',
    options,
    'start',
  ]);
  return port;
}

/** The port in postmaster.pid, where that process lives. */
function runningPort(folder: string): number | null {
  const file = join(folder, 'data', 'postmaster.pid');
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  try {
    process.kill(Number(lines[0]), 0);
    return Number(lines[3]) || null;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EPERM') return Number(lines[3]) || null;
    return null;
  }
}

function sampleProfileId(context: EngineContext): string | null {
  const file = join(context.ports.homeDirectory, 'sample-profile');
  if (!existsSync(file)) return null;
  const id = readFileSync(file, 'utf8').trim();
  return context.profiles.find(id)?.id ?? null;
}

function freeName(context: EngineContext): string {
  let name = profileName;
  for (let n = 2; context.profiles.find(name) !== null; n += 1) name = `${profileName} ${n}`;
  return name;
}
