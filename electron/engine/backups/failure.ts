// Why a dump failed: told by errno, free space, the server and the outcome of the child; its text is only detail.
import { assertNever, HowdahError } from '../../../shared/errors.ts';
import { withSession, type Session } from '../postgres/connection.ts';
import type { Target } from '../postgres/target.ts';
import type { ChildOutcome } from '../process/run-child.ts';
import { diskFull, freeBytes } from './durable.ts';
import { gatherServerFacts } from './gather.ts';
import type { DumpPlan } from './plan.ts';
import type { Snapshot } from './snapshot.ts';

export type FailedChild = {
  program: string;
  outcome: Exclude<ChildOutcome, { kind: 'exited'; code: 0 }>;
  command: string;
  stderr: string;
};

/** Less than this, and a program that wanted to write more has met a full disk. */
const fullBelowBytes = 1024 * 1024;
/** Something went wrong already: a server that says nothing for so long is what went wrong. */
const quietMs = 60_000;

/** The error to report. Call it while the unfinished folder is still there: its size is part of the evidence. */
export async function explainFailure(
  failed: FailedChild,
  evidence: { folder: string; target: Target; snapshot: Snapshot | null; plan: DumpPlan; stuckAfterSeconds: number; signal: AbortSignal },
): Promise<HowdahError> {
  const { outcome, program, command } = failed;
  const detail = failed.stderr.trim() === '' ? undefined : failed.stderr.trim();
  const more = { detail, command };
  switch (outcome.kind) {
    case 'cancelled':
      return new HowdahError('CANCELLED', 'The job was cancelled.', { hint: 'Nothing was left behind. Start it again when you want to.' });
    case 'failedToStart':
      return new HowdahError('CLIENT_TOOL_MISSING', `${program} could not be started.`, {
        hint: 'See that the client programs are still installed and may be run.',
        detail: outcome.cause.message,
        command,
        cause: outcome.cause,
      });
    case 'stuck':
      return new HowdahError(
        'CLIENT_TOOL_STUCK',
        `${program} gave no sign of progress for ${evidence.stuckAfterSeconds} seconds and was stopped.`,
        {
          hint: 'See the state of server and network. The time can be changed in the settings.',
          ...more,
        },
      );
    case 'signalled':
    case 'exited':
      break;
    default:
      return assertNever(outcome);
  }
  const free = await freeBytes(evidence.folder);
  if (free !== null && free < fullBelowBytes) return diskFull(evidence.folder, detail);
  const lost = evidence.snapshot !== null && !(await evidence.snapshot.alive());
  if (lost) {
    return new HowdahError(
      'CONNECTION_LOST',
      `The connection to ${evidence.target.host}:${evidence.target.port} broke while the dump was running.`,
      {
        hint: 'See that the server is up and reachable, then start the backup again.',
        ...more,
      },
    );
  }
  const asking = { signal: evidence.signal, quietMs };
  const now = await withSession(evidence.target, (session) => refusedNow(session, evidence.plan), asking).catch(
    (thrown: unknown) => thrown,
  );
  if (now instanceof HowdahError) return new HowdahError(now.code, now.message, { hint: now.hint, ...more, cause: now });
  const how = outcome.kind === 'exited' ? `ended with code ${outcome.code}` : `was ended by ${outcome.signal}`;
  return new HowdahError('CLIENT_TOOL_FAILED', `${program} ${how}${detail === undefined ? '' : `: ${lastLine(detail)}`}`, {
    hint: 'Its own words are in the details and in the log.',
    ...more,
  });
}

/** Rights may have been taken away, or a table may have come, since the plan was made. */
async function refusedNow(session: Session, plan: DumpPlan): Promise<HowdahError | null> {
  const planned = new Set(plan.tables.map((table) => table.oid));
  const { relations, user } = await gatherServerFacts(session);
  const refused = relations.filter((table) => 'rp'.includes(table.kind) && !table.readable && planned.has(table.oid));
  return refused.length === 0 ? null : permissionDenied(user, refused);
}

export const permissionDenied = (user: string, tables: { schema: string; table: string }[]): HowdahError =>
  new HowdahError(
    'PERMISSION_DENIED',
    `The role ${user} may not read ${tables.map((table) => `${table.schema}.${table.table}`).join(', ')}.`,
    {
      hint: `Grant it: GRANT pg_read_all_data TO … (version 14 and newer), or SELECT on these tables and USAGE on their schemas; or leave them out.`,
    },
  );

export const rowsHidden = (user: string, tables: { schema: string; table: string }[]): HowdahError =>
  new HowdahError(
    'PERMISSION_DENIED',
    `Row-level security hides rows of ${tables.map((table) => `${table.schema}.${table.table}`).join(', ')} from ${user}.`,
    {
      hint: 'A dump without them would not be whole. Use a role with BYPASSRLS, or leave these tables out.',
    },
  );

const lastLine = (text: string): string =>
  (text.split('\n').findLast((line) => line.trim() !== '') ?? '').replace(/^pg_\w+: (error: )?/, '');
