// Runs pg_restore: into a database, or into a script for our own session. https://www.postgresql.org/docs/current/app-pgrestore.html
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { ClientTools } from '../../../shared/contract/profiles.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { programPath } from '../postgres/client-tools.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { databaseArgument, libpqEnvironment, type Target } from '../postgres/target.ts';
import { describeCommand, type ChildOutcome, type RunningChild } from '../process/run-child.ts';

export type ArchiveLoad = {
  tools: ClientTools;
  /** The archive; with `stream` only its name for messages. */
  path: string;
  stream?: () => AsyncIterable<Buffer>;
  /** Null: only a script is made, and no server is near. */
  target: Target | null;
  noOwner: boolean;
  /** Rows alone, without what goes with them. */
  dataOnly?: boolean;
  entries: number[] | null;
  /** Where a list of entries may be written. */
  folder: string;
  targetMajor: number;
  jobs: number;
  /** Nothing that comes after the rows may begin before all of them are there. */
  rowsFirst?: boolean;
  /** See `LoadWatch.busy`. */
  busy: () => number;
  stuckAfterMs: number;
  onLine: (line: string) => void;
};

/** What --verbose adds, which is neither warning nor error. */
const verbose =
  /^pg_restore: (connecting|creating|processing|executing|launching|finished|skipping|entering|setting|restoring|implied|allocating|reading|dropping|enabling|disabling|table of contents|created|started|restored|last built|attempting|transferring|reducing|found|read TOC|while|from|opening|closing|worker|terminated)/;

/** Restores with several workers into the target's database, which nobody uses yet: one error stops it.
 * Errors: RESTORE_HAD_ERRORS, CLIENT_TOOL_FAILED, CLIENT_TOOL_STUCK, DUMP_INCOMPLETE, CANCELLED. */
export async function restoreThroughClient(job: JobRun, load: ArchiveLoad & { target: Target }): Promise<{ warnings: string[] }> {
  const workers = load.stream === undefined && load.jobs > 1 ? ['--jobs', String(load.jobs)] : [];
  const common = await commonArguments(load);
  const warnings: string[] = [];
  // One worker keeps the order by itself.
  const passes = load.rowsFirst === true && workers.length > 0 ? [['--section=pre-data', '--section=data'], ['--section=post-data']] : [[]];
  for (const sections of passes) {
    const connection = ['-d', databaseArgument(load.target.database), '--no-password', '--exit-on-error'];
    const run = start(job, load, [...connection, ...workers, ...sections, ...common], 'ignore');
    const fed = run.feed();
    const outcome = await run.child.outcome;
    const feedFailure = await fed;
    judge(job, load, run, outcome, feedFailure);
    warnings.push(...run.warnings());
  }
  return { warnings };
}

/** Whether some trigger stands on a partitioned table. Several workers of pg_restore know no reason to let it wait for the
 * rows of the partitions: it would run for them. */
export const hasTriggerOverPartitions = ({ objects, tables }: Pick<Dump, 'objects' | 'tables'>): boolean => {
  const own = new Set(objects.filter(({ type }) => type === 'TABLE DATA').map(({ schema, name }) => tableKey({ schema, table: name })));
  const withoutOwnRows = tables.filter((table) => !own.has(tableKey(table)));
  return objects.some(
    ({ type, schema, name }) =>
      type === 'TRIGGER' && withoutOwnRows.some((table) => table.schema === schema && name.startsWith(`${table.table} `)),
  );
};

export type Script = {
  chunks: AsyncIterable<Buffer>;
  /** Call it when the chunks are at their end: throws unless pg_restore ended well. Gives its warnings. */
  finished(): Promise<string[]>;
  stop(): Promise<void>;
};

/** Turns the archive into SQL text. */
export async function scriptOf(job: JobRun, load: ArchiveLoad): Promise<Script> {
  const abort = new AbortController();
  const run = start(job, load, ['-f', '-', ...(await commonArguments(load))], 'pipe', abort.signal);
  const fed = run.feed();
  const stdout = run.child.stdout;
  if (stdout === null) throw new Error('pg_restore without output');
  const finished = async (): Promise<string[]> => {
    judge(job, load, run, await run.child.outcome, await fed);
    return run.warnings();
  };
  return {
    chunks: (async function* () {
      for await (const chunk of stdout as AsyncIterable<Buffer>) yield chunk;
      // Before anything that looks like an end is taken for one.
      await finished();
    })(),
    finished,
    async stop() {
      abort.abort();
      await run.child.outcome;
    },
  };
}

async function commonArguments(load: ArchiveLoad): Promise<string[]> {
  const args = ['--verbose'];
  if (load.dataOnly === true) args.push('--data-only');
  if (load.noOwner) args.push('--no-owner', '--no-acl');
  // Statistics are restored by functions that servers before 18 do not have.
  if (load.tools.major >= 18 && load.targetMajor < 18) args.push('--no-statistics');
  if (load.entries !== null) {
    const list = join(load.folder, 'entries.txt');
    await writeFile(list, load.entries.map((id) => `${id};\n`).join(''), { mode: 0o600 });
    args.push('-L', list);
  }
  if (load.stream === undefined) args.push(load.path);
  return args;
}

type Run = { child: RunningChild; command: string; warnings(): string[]; said(): string; feed(): Promise<Error | undefined> };

function start(job: JobRun, load: ArchiveLoad, args: string[], stdout: 'pipe' | 'ignore', signal?: AbortSignal): Run {
  const program = programPath(load.tools, 'pg_restore');
  const command = describeCommand(program, args);
  job.log('info', command);
  let progress = 0;
  const warnings: string[] = [];
  const said: string[] = [];
  const child = job.spawn({
    program,
    args,
    env: load.target === null ? {} : libpqEnvironment(load.target, job.applicationName),
    stdin: load.stream === undefined ? 'ignore' : 'pipe',
    stdout,
    ...(signal === undefined ? {} : { signal }),
    stuckAfterMs: load.stuckAfterMs,
    progressOf: () => progress + load.busy(),
    onLine(line) {
      progress += 1;
      load.onLine(line);
      if (verbose.test(line)) return;
      job.log(/^(pg_restore: )?warning:/i.test(line) ? 'warning' : 'info', line);
      if (/^(pg_restore: )?warning:/i.test(line)) warnings.push(line.replace(/^pg_restore: /, ''));
      said.push(line);
      if (said.length > 60) said.shift();
    },
  });
  return {
    child,
    command,
    warnings: () => warnings,
    said: () => said.join('\n'),
    async feed() {
      if (load.stream === undefined || child.stdin === null) return undefined;
      try {
        await pipeline(
          Readable.from(load.stream()),
          async function* (chunks: AsyncIterable<Buffer>) {
            for await (const chunk of chunks) {
              progress += 1;
              yield chunk;
            }
          },
          child.stdin,
        );
        return undefined;
      } catch (thrown) {
        child.stdin.destroy();
        // A child that ends early breaks the pipe: its own outcome tells why.
        const code = (thrown as NodeJS.ErrnoException).code;
        return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET'
          ? undefined
          : thrown instanceof Error
            ? thrown
            : new Error(String(thrown));
      }
    },
  };
}

/** Throws unless it was a success. */
function judge(job: JobRun, load: ArchiveLoad, run: Run, outcome: ChildOutcome, feedFailure: Error | undefined): void {
  job.signal.throwIfAborted();
  if (feedFailure !== undefined) throw feedFailure;
  const more = { command: run.command, detail: run.said().slice(-4000) };
  switch (outcome.kind) {
    case 'exited':
      if (outcome.code === 0) return;
      throw new HowdahError('RESTORE_HAD_ERRORS', `pg_restore ${load.tools.version} met an error.`, {
        hint: 'Its own words say what the server or the dump objected to. Solve that, then restore again.',
        ...more,
      });
    case 'stuck':
      throw new HowdahError(
        'CLIENT_TOOL_STUCK',
        `pg_restore made no progress for ${Math.round(load.stuckAfterMs / 1000)} seconds and was stopped.`,
        {
          hint: 'The dump may be damaged: verify it, or use another copy.',
          ...more,
        },
      );
    case 'signalled':
      throw new HowdahError('CLIENT_TOOL_FAILED', `pg_restore was ended by ${outcome.signal}.`, {
        hint: 'See whether this machine is short of memory, then restore again.',
        ...more,
      });
    case 'failedToStart':
      throw new HowdahError('CLIENT_TOOL_FAILED', 'pg_restore could not be started.', {
        hint: 'Check the folder of client programs in the profile.',
        ...more,
        cause: outcome.cause,
      });
    case 'cancelled':
      throw new HowdahError('CANCELLED', 'pg_restore was stopped.', { hint: 'Nothing was left behind.' });
  }
}
