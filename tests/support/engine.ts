// The engine in this process, without a host: what most engine tests drive.
import { createRouterClient } from '@orpc/server';
import { backupOptions, type Backup, type BackupOptions, type SucceededBackup } from '../../shared/contract/backups.ts';
import type { EndedJob } from '../../shared/contract/jobs.ts';
import { profileFields, type Profile, type ProfileFields } from '../../shared/contract/profiles.ts';
import { createEngine } from '../../electron/engine/engine.ts';
import type { EnginePorts, SecretStore } from '../../electron/engine/ports.ts';
import { openEncryptedFile } from '../../electron/engine/secrets/encrypted-file.ts';
import type { Client } from '../../electron/transport/client.ts';
import { makeHome } from './home.ts';
import { testServer } from './server.ts';

export type TestEngine = Awaited<ReturnType<typeof makeEngine>>;

export type EngineOptions = {
  /** Absent: a fresh one, removed with the test process. */
  home?: string;
  /** Absent: the encrypted file below the home folder. */
  secrets?: SecretStore;
  clock?: () => number;
  /** Absent: a host that shows no notifications. */
  notify?: EnginePorts['host']['notify'];
};

/** Starts an engine on a home folder of its own; errors it logs are kept in `faults`. */
export async function makeEngine(options: EngineOptions = {}) {
  const home = options.home ?? makeHome();
  const faults: string[] = [];
  const ports: EnginePorts = {
    homeDirectory: home,
    secrets: options.secrets ?? openEncryptedFile(home),
    host: {
      kind: 'command-line',
      version: '0.0.0-test',
      chooseDirectory: () => Promise.resolve(null),
      chooseDumpFile: () => Promise.resolve(null),
      showFolder: () => Promise.resolve(false),
      answerQuit: () => undefined,
      notify: options.notify ?? null,
      keepAwake: () => () => undefined,
      startAtLogin: null,
    },
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (message, thrown) => void faults.push(thrown instanceof Error ? `${message}: ${thrown.stack ?? thrown.message}` : message),
    },
    clock: options.clock ?? Date.now,
  };
  const engine = await createEngine(ports);
  const client: Client = createRouterClient(engine.router, { context: { caller: 'command-line' } });

  /** A profile of the test server, as its superuser unless told otherwise. */
  const addProfile = async (fields: Partial<ProfileFields> = {}, password?: string): Promise<Profile> => {
    const server = testServer();
    return await client.profiles.create({
      profile: profileFields.parse({
        name: `p${Math.random().toString(36).slice(2, 10)}`,
        host: server.host,
        port: server.port,
        user: server.user,
        sslMode: 'disable',
        ...fields,
      }),
      password: password ?? server.password,
    });
  };

  /** Waits for a job of this engine. */
  const ended = (jobId: string): Promise<EndedJob> => engine.jobs.finished(jobId);

  /** Backs up and waits; gives the row whatever came of it. */
  const backUp = async (profileId: string, change: Partial<BackupOptions> = {}): Promise<Backup> => {
    const { jobId, backupId } = await client.backups.start({ profileId, options: backupOptions.parse(change) });
    await ended(jobId);
    return await client.backups.get({ id: backupId });
  };

  /** Backs up and insists on success. */
  const backUpWell = async (profileId: string, change: Partial<BackupOptions> = {}): Promise<SucceededBackup> => {
    const backup = await backUp(profileId, change);
    if (backup.status !== 'succeeded') {
      throw new Error(`the backup is ${backup.status}: ${JSON.stringify('error' in backup ? backup.error : null)} ${faults.join('\n')}`);
    }
    return backup;
  };

  return { engine, client, home, ports, faults, addProfile, ended, backUp, backUpWell, close: () => engine.close() };
}
