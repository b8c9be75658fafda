// The asking part of planning: server, client programs, disk. Changes nothing anywhere.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { BackupOptions, BackupPlan } from '../../../shared/contract/backups.ts';
import type { ClientTools } from '../../../shared/contract/profiles.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { chooseForBackup, programPath } from '../postgres/client-tools.ts';
import { withSession, type Session } from '../postgres/connection.ts';
import { libpqEnvironment, type Target } from '../postgres/target.ts';
import { describeCommand, runChild } from '../process/run-child.ts';
import { describeCompression, type CompressionMethod } from './compression.ts';
import { freeBytes } from './durable.ts';
import { gatherServerFacts, type ServerFacts } from './gather.ts';
import { backupRoot, slug } from './names.ts';
import { canZstd } from './outer-compression.ts';
import { makePlan, type DumpPlan } from './plan.ts';
import { expandPatterns } from './table-patterns.ts';

export type Prepared = { plan: DumpPlan; server: ServerFacts; folder: string };

/** A catalog of very many tables takes a while to read; a server that is well always answers within this. */
const quietMs = 5 * 60_000;

/** Looks at everything a backup needs, and plans it.
 * Errors: those of `connect`, CONNECTION_LOST, CLIENT_TOOL_MISSING, BAD_INPUT, NOT_FOUND, SERVER_UNSUPPORTED. */
export async function prepareBackup(
  context: EngineContext,
  profileId: string,
  target: Target,
  options: BackupOptions,
  signal?: AbortSignal,
): Promise<Prepared> {
  const profile = context.profiles.get(profileId);
  const folder = join(backupRoot(context, profile), slug(profile.name), slug(target.database));
  const patterns = [...(options.quick ? profile.quickExcludePatterns : []), ...options.excludeTableData];
  const asked = async (session: Session) => ({
    server: await gatherServerFacts(session),
    excluded: await expandPatterns(session, patterns),
  });
  const { server, excluded } = await withSession(target, asked, { signal, quietMs });
  const client = await chooseForBackup(server.major, profile.clientDirectory);
  if (options.globals && !client.programs.includes('pg_dumpall')) {
    throw new HowdahError('CLIENT_TOOL_MISSING', `${client.directory} has no pg_dumpall, which writes the roles.`, {
      hint: 'Install the whole set of client programs, or back up without globals.',
    });
  }
  const plan = makePlan(options, {
    server,
    client,
    excluded,
    quickPatterns: profile.quickExcludePatterns,
    abilities: { clientMajor: client.major, clientMethods: await clientMethods(client), outerZstd: canZstd() },
    processors: availableParallelism(),
    freeBytes: await freeBytes(folder),
  });
  return { plan, server, folder };
}

/** The plan in the contract's words. */
export function describePlan({ plan, folder }: Prepared): BackupPlan {
  const { database, serverVersion, client, format, compression, jobs, estimatedBytes, freeBytes: free, tables, excluded, warnings } = plan;
  return {
    database,
    serverVersion,
    client,
    format,
    jobs,
    estimatedBytes,
    warnings,
    compression: describeCompression(compression),
    command:
      describeCommand(programPath(client, 'pg_dump'), plan.args) +
      (compression.by === 'outer' ? ` | ${describeCompression(compression)}` : ''),
    directory: folder,
    freeBytes: free,
    tables: tables.length,
    excludedTables: excluded,
  };
}

const knownMethods = new Map<string, CompressionMethod[]>();

/** Which compressions this pg_dump was built with. It checks that before it looks for a server, which here does not exist. */
async function clientMethods(client: ClientTools): Promise<CompressionMethod[]> {
  if (client.major < 16) return ['gzip'];
  const program = programPath(client, 'pg_dump');
  const known = knownMethods.get(program);
  if (known !== undefined) return known;
  const nowhere: Target = {
    host: '/nonexistent',
    port: 1,
    user: 'nobody',
    database: 'none',
    password: null,
    sslMode: 'disable',
    sslRootCert: '',
    sslCert: '',
    sslKey: '',
  };
  const probe = async (method: CompressionMethod): Promise<boolean> => {
    const child = runChild({
      program,
      args: [`--compress=${method}`, '--format=custom', '--no-password'],
      env: libpqEnvironment(nowhere, 'howdah'),
      signal: AbortSignal.timeout(10_000),
    });
    await child.outcome;
    return !child.stderrTail().includes('does not support compression');
  };
  const asked: CompressionMethod[] = ['gzip', 'lz4', 'zstd'];
  const answers = await Promise.all(asked.map(probe));
  const methods = asked.filter((_, index) => answers[index]);
  knownMethods.set(program, methods);
  return methods;
}
