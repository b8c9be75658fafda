// Rows of a table inside a dump, as a job that the caller waits for. The rows go to the caller alone: neither the
// catalog nor the log holds any.
import type { DumpRows, DumpRowsRequest, Dump } from '../../../shared/contract/dumps.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { tableKey } from '../postgres/row-counts.ts';
import { serverKey } from '../postgres/target.ts';
import { requireOneCondition } from './condition.ts';
import { inspectDump, type InspectedDump } from './inspect.ts';
import { matchingRows } from './matching-rows.ts';
import { statOf } from './open-read.ts';
import { shownRows } from './shown-rows.ts';
import { pathOfSource } from './source.ts';

/** Errors: TABLE_NOT_IN_DUMP, BAD_INPUT (the condition), SAMPLE_UNAVAILABLE, those of `inspectDump`, of `readTableRows`
 * and of `loadDump`. `signal`: the caller went away, the job is cancelled. */
export async function browseRows(context: EngineContext, request: DumpRowsRequest, signal?: AbortSignal): Promise<DumpRows> {
  const { where, table } = request;
  if (where !== undefined) requireOneCondition(where);
  const path = pathOfSource(context, request.source);
  const dump = await inspectOnce(path, where === undefined);
  if (!dump.tables.some((known) => tableKey(known) === tableKey(table))) {
    throw new HowdahError('TABLE_NOT_IN_DUMP', `The dump has no table ${table.schema}.${table.table}.`, {
      hint: 'Names are compared exactly, capitals included. Inspect the dump to see its tables.',
    });
  }
  // Without a condition no server is needed, whatever profile is named.
  const profile = request.profileId === undefined ? null : context.profiles.get(request.profileId);
  const onServer = where !== undefined && profile !== null;
  let found: DumpRows | null = null;
  const job = context.jobs.start({
    kind: 'rows',
    title: `Rows of ${table.schema}.${table.table} in ${dump.name}`,
    profile: onServer ? profile.name : '',
    profileId: onServer ? profile.id : null,
    database: dump.database ?? '',
    subjectId: request.source.kind === 'backup' ? request.source.id : null,
    serverKey: onServer ? serverKey(await context.profiles.target(profile.id)) : 'rows',
    async run(run) {
      found =
        where === undefined
          ? await shownRows(
              run,
              context,
              { path, dump, clientDirectory: profile?.clientDirectory ?? context.profiles.clientFolders(), tables: [table] },
              request,
            )
          : await matchingRows(run, context, { ...request, where, path, dump, profileId: profile?.id ?? null });
      return { rows: found.rows.length, more: found.more };
    },
  });
  const cancel = (): void => {
    if (!('finishedAt' in (context.jobs.store.get(job.id) ?? { finishedAt: '' }))) context.jobs.cancel(job.id);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  try {
    const ended = await context.jobs.finished(job.id);
    if (found !== null && ended.status === 'succeeded') return found;
    if (ended.status === 'succeeded') throw new Error('rows were read and are not there');
    const { code, message, hint, detail, command } = ended.error;
    throw new HowdahError(code, message, { hint, detail, command });
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

/** Turning pages must not read a large script for its list of tables again. */
const inspections = new Map<string, { mark: string; dump: Promise<Dump> }>();
const mostInspections = 4;

async function inspectOnce(path: string, contentsOnly: boolean): Promise<Dump> {
  const { size, mtimeMs, ino } = await statOf(path);
  const mark = `${size} ${mtimeMs} ${ino} ${contentsOnly}`;
  const known = inspections.get(path);
  if (known?.mark === mark) return known.dump;
  const dump = inspect(path, contentsOnly).then((found) => ({ ...found, backupId: null }));
  inspections.delete(path);
  inspections.set(path, { mark, dump });
  dump.catch(() => inspections.delete(path));
  for (const oldest of [...inspections.keys()].slice(0, Math.max(0, inspections.size - mostInspections))) inspections.delete(oldest);
  return dump;
}

/** Where an archive is read from its start on, its table of contents is enough: what is cut off or damaged shows when
 * it is met. Only a cut tar file can make pg_restore hang. */
async function inspect(path: string, contentsOnly: boolean): Promise<InspectedDump> {
  const found = await inspectDump(path, { contentsOnly });
  return contentsOnly && found.format === 'tar' ? inspectDump(path) : found;
}
