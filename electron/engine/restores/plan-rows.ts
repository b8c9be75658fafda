// The plan of a restore row by row: which way it goes and what bars that way. What it does to rows is the preview's to say.
import type { RestorePlan } from '../../../shared/contract/restores.ts';
import { HowdahError, type ErrorReport } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { inspectSource } from '../dumps/source.ts';
import { onDatabase, withSession } from '../postgres/connection.ts';
import { requireRoomForStaging } from '../previews/staging.ts';
import { blockerError } from './load.ts';
import type { StrategyRequest } from './strategy.ts';
import { targetFacts } from './target-facts.ts';

/** Looks, touches nothing. Its fingerprint is empty: the preview's is the one that counts.
 * Errors: NOT_FOUND, those of `inspectDump` and `connect`. */
export async function planRows(context: EngineContext, request: StrategyRequest): Promise<RestorePlan> {
  const profile = context.profiles.get(request.profileId);
  const own = await context.profiles.target(profile.id);
  const target = request.database === undefined ? own : onDatabase(own, request.database);
  const [dump, facts] = await Promise.all([
    inspectSource(context, request.source, { contentsOnly: request.source.kind === 'backup' }),
    targetFacts(target),
  ]);
  const blockers: ErrorReport[] = dump.problems
    .filter((problem) => problem.severity === 'blocker')
    .map((problem) => blockerError(problem).report());
  if (facts.database === null) {
    blockers.push(
      new HowdahError('DATABASE_NOT_FOUND', `The server has no database "${target.database}".`, {
        hint: 'Rows are merged into a database that is there. To make a new one, restore without a strategy.',
      }).report(),
    );
  } else {
    await withSession(target, requireRoomForStaging).catch((thrown: unknown) => {
      if (!(thrown instanceof HowdahError)) throw thrown;
      blockers.push(thrown.report());
    });
  }
  const safetyBackup = request.safetyBackup && !request.dryRun;
  return {
    fingerprint: '',
    mode: request.strategy,
    profile: profile.name,
    server: `${target.host}:${target.port}`,
    database: target.database,
    environment: profile.environment,
    databaseExists: facts.database !== null,
    databaseSizeBytes: facts.database?.sizeBytes ?? null,
    otherSessions: 0,
    clientVersion: 'none needed',
    serverVersion: facts.version,
    steps: [
      `Compare the backup's rows with those of "${target.database}", in a schema of their own beside them`,
      ...(safetyBackup ? ['Back up the tables that will change'] : []),
      `In one transaction: lock those tables against writers, prove that nothing has changed since, ${verbs[request.strategy]}`,
      request.dryRun ? 'Take it all back' : 'Commit, where the counts are those of the preview; an error takes everything back',
    ],
    missingRoles: [],
    missingExtensions: [],
    blockers,
    warnings: [],
    safetyBackup,
  };
}

const verbs = {
  replace: 'add, change and delete rows until they are those of the backup',
  merge: 'add missing rows and fill empty fields',
  skip: 'add missing rows',
} as const;
