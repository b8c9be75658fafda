// One command's engine: opened when it is needed, closed when the command ends, cancelled by Ctrl-C.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import type { EndedJob, JobProgress } from '../../shared/contract/jobs.ts';
import type { Profile } from '../../shared/contract/profiles.ts';
import { formatBytes, formatDuration } from '../../shared/format.ts';
import { HowdahError } from '../../shared/errors.ts';
import { createEngine, type Engine, type EngineOptions } from '../engine/engine.ts';
import type { EnginePorts, Log } from '../engine/ports.ts';
import { openSecretStore } from '../engine/secrets/index.ts';
import type { Client } from '../transport/client.ts';
import { startingClock } from './clock.ts';
import { homeDirectory } from './home.ts';
import { windowlessHost } from './host-port.ts';
import { openLogFile } from './log-file.ts';
import type { Output } from './output.ts';
import type { Shell } from './shell.ts';

export type Session = Awaited<ReturnType<typeof openSession>>;

/** This program's version, from package.json beside the sources or the bundle. */
export function programVersion(): string {
  const found = JSON.parse(readFileSync(join(import.meta.dirname, packageFile()), 'utf8')) as { version: string };
  return found.version;
}

const packageFile = (): string => (import.meta.filename.endsWith('.ts') ? '../../package.json' : '../package.json');

export type SessionHost = 'command-line' | 'browser' | 'agent';

/** `host`: `browser` for `serve`. Errors: those of `createEngine`, BAD_INPUT (HOWDAH_NOW). */
export async function openSession(
  shell: Shell,
  output: Output,
  ending: AbortSignal,
  host: SessionHost = 'command-line',
  options: EngineOptions = {},
) {
  const clock = startingClock(shell.env);
  const home = homeDirectory(shell.env);
  const log: Log = openLogFile(home, host, (line) => output.note(line));
  const ports: EnginePorts = {
    homeDirectory: home,
    secrets: await openSecretStore(home, shell.env),
    log,
    clock,
    host: windowlessHost(host, programVersion(), log),
  };
  const engine: Engine = await createEngine(ports, options);
  const client: Client = createRouterClient(engine.router, { context: { caller: 'command-line' } });

  return {
    engine,
    host,
    client,
    clock,
    home,
    log,
    /** By name or id. Errors: NOT_FOUND. */
    async profile(nameOrId: string): Promise<Profile> {
      const profiles = await client.profiles.list();
      const found =
        profiles.find((profile) => profile.name.toLowerCase() === nameOrId.toLowerCase()) ??
        profiles.find((profile) => profile.id === nameOrId);
      if (found !== undefined) return found;
      throw new HowdahError('NOT_FOUND', `There is no profile "${nameOrId}".`, {
        hint:
          profiles.length === 0
            ? 'Add one: howdah profile add NAME --url postgresql://…'
            : `There are: ${profiles.map((profile) => profile.name).join(', ')}.`,
      });
    },
    /** Follows a job of this process to its end; its log goes to standard error. Throws the job's own error. */
    async follow(jobId: string): Promise<unknown> {
      // Told to end before there was anything to cancel.
      if (ending.aborted) await engine.cancelAll();
      const ended = await followJob(engine, jobId, output);
      if (ended.status === 'succeeded') return ended.result;
      const { code, message, hint, detail, command } = ended.error;
      throw new HowdahError(code, message, { hint, detail, command });
    },
    /** Waits for the cleanups that this process has queued after backups. One that fails is said aloud; the backup is made. */
    async cleanups(): Promise<void> {
      for (const id of ownCleanups(engine)) {
        const ended = await followJob(engine, id, output);
        if (ended.status !== 'succeeded') output.note(`note: the cleanup after the backup: ${ended.error.message} ${ended.error.hint}`);
      }
    },
    close: () => engine.close(),
  };
}

/** Queued or at work. */
function ownCleanups(engine: Engine): string[] {
  return engine.jobs.store.ofOwner(engine.hostId).flatMap((job) => (job.kind === 'cleanup' ? [job.id] : []));
}

async function followJob(engine: Engine, jobId: string, output: Output): Promise<EndedJob> {
  const onLog = (id: string, line: { level: string; text: string }): void => {
    const chatter = line.level === 'info' && /^pg_\w+: /.test(line.text);
    if (id === jobId && (output.verbose || !chatter)) output.note(line.level === 'info' ? line.text : `${line.level}: ${line.text}`);
  };
  let shown = '';
  const onChange = (id: string): void => {
    if (id !== jobId) return;
    const job = engine.jobs.store.get(id);
    if (job?.status !== 'running') return;
    const line = progressLine(job.progress);
    if (line !== shown && output.watched) output.note(line);
    shown = line;
  };
  engine.jobs.emitter.on('log', onLog);
  engine.jobs.emitter.on('changed', onChange);
  try {
    return await engine.jobs.finished(jobId);
  } finally {
    engine.jobs.emitter.off('log', onLog);
    engine.jobs.emitter.off('changed', onChange);
  }
}

function progressLine(progress: JobProgress): string {
  const parts = [progress.phase];
  if (progress.fraction !== null) parts.push(`${Math.floor(progress.fraction * 100)} %`);
  if (progress.secondsLeft !== null) parts.push(`${formatDuration(progress.secondsLeft * 1000)} left`);
  if (progress.bytesPerSecond !== null) parts.push(`${formatBytes(progress.bytesPerSecond)}/s`);
  if (progress.current !== null) parts.push(progress.current);
  for (const wait of progress.waits) parts.push(`waits for ${wait.waitsFor}, blocked by ${wait.blockedByUser} (pid ${wait.blockedByPid})`);
  return parts.join(' · ');
}
