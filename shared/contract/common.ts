import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../errors.ts';

/** ISO 8601 in UTC, milliseconds: `2026-11-20T22:27:05.123Z`. */
export const timestamp = z.string().describe('ISO 8601, UTC');
export const id = z.string().min(1).max(64);

export const errorReport = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  hint: z.string(),
  detail: z.string().optional(),
  command: z.string().optional(),
});

/** A table by its two names, unquoted, as the catalogues hold them. */
export const tableName = z.object({ schema: z.string(), table: z.string() });
export type TableName = z.infer<typeof tableName>;

/** A dump to look at or restore: one of our backups, or a file that was opened (see `dumps.open`). */
export const dumpSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('backup'), id }),
  z.object({ kind: z.literal('file'), id }),
]);
export type DumpSource = z.infer<typeof dumpSource>;

export const startedJob = z.object({ jobId: id });
