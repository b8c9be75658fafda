// The preview that a restore carries out: one that is open and was looked at, or one that the job makes for itself.
import { previewRequest, type PreviewRequest } from '../../../../shared/contract/previews.ts';
import { HowdahError } from '../../../../shared/errors.ts';
import type { EngineContext } from '../../context.ts';
import type { JobRun } from '../../jobs/jobs.ts';
import { withSession } from '../../postgres/connection.ts';
import { tableKey } from '../../postgres/row-counts.ts';
import type { Compared } from '../../previews/compared.ts';
import { preparePreview } from '../../previews/prepare.ts';
import type { Prepared } from '../../previews/store.ts';
import { assertUnmoved, stale } from './unmoved.ts';

export type PreviewOrder = {
  request: PreviewRequest;
  previewId?: string | undefined;
  fingerprint?: string | undefined;
  dryRun: boolean;
};

/** Its staging is in the target database. */
export type Beside = Prepared & { compared: Compared };

/** Runs `work` with the staging in place. Staging of the job's own is dropped at the end in any case; an open preview is
 * closed after what it showed was done, and stays open after a failure or a dry run.
 * Errors: those of `preparePreview`; PLAN_STALE (another fingerprint, or the preview is closed); BAD_INPUT. */
export async function withPreview<T>(
  context: EngineContext,
  job: JobRun,
  order: PreviewOrder,
  work: (prepared: Beside) => Promise<T>,
): Promise<T> {
  const open = openPreview(context, order);
  if (open !== null) {
    requireFingerprint(order, open.prepared);
    const beside = carriedOut(open.prepared);
    // Hours may have passed: better to say so before a safety backup is made.
    await withSession(beside.target, (session) => assertUnmoved(session, beside.compared.tables));
    const result = await work(beside);
    if (!order.dryRun) await courteously(job, open.close);
    return result;
  }
  const prepared = await preparePreview(context, job, order.request);
  try {
    requireFingerprint(order, prepared);
    return await work(carriedOut(prepared));
  } finally {
    await courteously(job, () => prepared.drop());
  }
}

export type SeenBefore = Pick<Beside, 'preview' | 'compared'>;

/** For a restore beside, which needs the numbers and what the live tables were, not the staged rows. */
export async function seePreview(context: EngineContext, job: JobRun, order: PreviewOrder): Promise<SeenBefore> {
  const open = openPreview(context, order);
  if (open !== null) {
    requireFingerprint(order, open.prepared);
    return carriedOut(open.prepared);
  }
  const prepared = await preparePreview(context, job, order.request);
  // It must not come along with the old database when that is put aside.
  await prepared.drop();
  requireFingerprint(order, prepared);
  return carriedOut(prepared);
}

type Open = { prepared: Prepared; close: () => Promise<void>; hold: () => () => Promise<void> };

/** The one that was named, else one of that fingerprint. */
function openPreview(context: EngineContext, order: PreviewOrder): Open | null {
  const { previews } = context;
  const { previewId, fingerprint } = order;
  const found = previewId === undefined ? null : named(context, previewId);
  if (found === null && previewId !== undefined && fingerprint === undefined) throw stale('The preview is not open any more.');
  const fits = found ?? (fingerprint === undefined ? null : previews.byFingerprint(fingerprint));
  if (fits === null) return null;
  if (asked(fits.prepared.request) !== asked(order.request)) {
    if (previewId === undefined) return null;
    throw new HowdahError('BAD_INPUT', 'The preview is of another source, target or choice of rows than the restore.', {
      hint: 'Make a preview of what is to be restored, or leave previewId out.',
    });
  }
  return { prepared: fits.prepared, close: () => previews.close(fits.id), hold: () => previews.hold(fits.id) };
}

/** Null: it was closed. Errors: BUSY. */
function named({ previews }: EngineContext, id: string): { id: string; prepared: Prepared } | null {
  try {
    return { id, prepared: previews.get(id) };
  } catch (thrown) {
    if (thrown instanceof HowdahError && thrown.code === 'NOT_FOUND') return null;
    throw thrown;
  }
}

/** A request as text, whatever the order of its tables; the sample is only for looking. */
function asked(request: PreviewRequest): string {
  const { source, profileId, database, tables, rows, withReferenced, keys } = previewRequest.parse(request);
  const sorted = <T extends { schema: string; table: string }>(list: T[]): T[] =>
    list.toSorted((a, b) => (tableKey(a) < tableKey(b) ? -1 : 1));
  return JSON.stringify([source, profileId, database ?? null, sorted(tables), sorted(rows), withReferenced, sorted(keys)]);
}

function requireFingerprint({ fingerprint }: PreviewOrder, { preview }: Pick<Prepared, 'preview'>): void {
  if (fingerprint === undefined || fingerprint === preview.fingerprint) return;
  throw stale('Source or target are not what the preview saw; nothing was touched.');
}

/** Staging on another server can be looked at only. */
function carriedOut(prepared: Prepared): Beside {
  const { compared } = prepared;
  if (compared !== null) return { ...prepared, compared };
  throw new HowdahError('STAGING_NOT_ALLOWED', 'The rows are staged on another server: they can be looked at there, not be restored.', {
    hint: 'Let the role create a schema in the target database (GRANT CREATE ON DATABASE …), or use another profile.',
  });
}

/** What remains is on the list of things to settle at the next start. */
async function courteously(job: JobRun, clean: () => Promise<void>): Promise<void> {
  try {
    await clean();
  } catch (thrown) {
    job.log(
      'warning',
      `The staging could not be dropped now; it will be at the next start: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}
