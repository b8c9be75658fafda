// Runs pg_dump (or pg_dumpall) so that its output ends up on disk, hashed, compressed as planned.
import { join } from 'node:path';
import type { Artifact } from '../../../shared/contract/backups.ts';
import type { JobRun } from '../jobs/jobs.ts';
import { programPath, type ProgramName } from '../postgres/client-tools.ts';
import { describeCommand, type ChildOutcome } from '../process/run-child.ts';
import type { ClientTools } from '../../../shared/contract/profiles.ts';
import type { Compression } from './compression.ts';
import { fileError } from './durable.ts';
import type { FailedChild } from './failure.ts';
import { createHashedFile } from './hashed-file.ts';
import { pumpCompressed, pumpFromProgram, startOuterZstd } from './outer-compression.ts';
import type { DumpProgress } from './progress.ts';
import { startReadingAlong, type ReadVerdict } from './read-along.ts';

export type ChildRequest = {
  client: ClientTools;
  program: ProgramName;
  args: string[];
  env: Record<string, string | undefined>;
  /** Null: the program writes its files itself. */
  file: { folder: string; name: string; compression: Compression } | null;
  /** A pg_restore to read the archive as it is written. */
  readAlong?: string;
  progress: DumpProgress;
  stuckAfterMs: number;
  signal: AbortSignal;
};

export type ChildEnd =
  | { ok: true; artifact: Artifact | null; read: ReadVerdict | null; warnings: string[]; command: string }
  | { ok: false; failed: FailedChild };

/** Runs it to its end. Errors: those of writing the file (DISK_FULL, FOLDER_NOT_WRITABLE, FILE_NOT_READABLE). */
export async function runToDisk(job: JobRun, request: ChildRequest): Promise<ChildEnd> {
  const { client, program, args, file, progress } = request;
  const command = describeCommand(programPath(client, program), args);
  const warnings: string[] = [];
  const stop = new AbortController();
  const hashed =
    file === null
      ? null
      : await createHashedFile(join(file.folder, file.name)).catch((thrown: unknown) => {
          throw fileError(thrown, join(file.folder, file.name));
        });
  const stopped = AbortSignal.any([stop.signal, request.signal]);
  const zstd = file === null ? null : startOuterZstd(job, file.compression, stopped);
  const child = job.spawn({
    program: programPath(client, program),
    args,
    env: request.env,
    stdout: file === null ? 'ignore' : (zstd?.stdin ?? 'pipe'),
    signal: stopped,
    stuckAfterMs: request.stuckAfterMs,
    progressOf: () => progress.pulse(),
    onLine(line) {
      progress.spoke();
      sortLine(job, line, warnings);
    },
  });
  const reader = request.readAlong === undefined ? null : startReadingAlong(job, request.readAlong);
  let writing: unknown = null;
  if (hashed !== null && file !== null) {
    try {
      if (zstd !== null) await pumpFromProgram(job, zstd, hashed.sink, () => progress.spoke());
      else if (child.stdout !== null)
        await pumpCompressed(job, child.stdout, hashed.sink, file.compression, (bytes) => progress.sent(bytes), reader);
    } catch (thrown) {
      writing = thrown;
      stop.abort();
    }
  }
  const outcome: ChildOutcome = await child.outcome;
  hashed?.sink.destroy();
  const read = reader === null ? null : await reader.end();
  job.signal.throwIfAborted();
  // Our own failure to write ended the child, not the other way round.
  if (writing !== null && (outcome.kind === 'cancelled' || (outcome.kind === 'exited' && outcome.code === 0))) {
    throw fileError(writing, join(file?.folder ?? '', file?.name ?? ''));
  }
  if (outcome.kind === 'exited' && outcome.code === 0) {
    const artifact = hashed === null || file === null ? null : { name: file.name, sizeBytes: hashed.sizeBytes(), sha256: hashed.sha256() };
    return { ok: true, artifact, read, warnings, command };
  }
  return { ok: false, failed: { program, outcome, command, stderr: child.stderrTail() } };
}

/** `--verbose` says much; a person wants the phases and whatever is wrong. Text is shown, and decides nothing. */
function sortLine(job: JobRun, line: string, warnings: string[]): void {
  if (/^pg_\w+: (error|fatal|detail|hint): /.test(line)) job.log('error', line);
  else if (/^pg_\w+: warning: /.test(line)) {
    warnings.push(line.replace(/^pg_\w+: warning: /, ''));
    job.log('warning', line);
  } else job.log('info', line);
}
