// What a preview is asked for, made from the restore form.
import type { DumpSource } from '../../shared/contract/common.ts';
import type { PreviewRequest } from '../../shared/contract/previews.ts';
import type { TargetForm } from '../restores/request.ts';
import { tableOf } from '../ui/TablePicker.tsx';

/** What the page sends; the rest has defaults. */
export type Wanted = Pick<PreviewRequest, 'source' | 'profileId' | 'tables' | 'rows' | 'keys' | 'withReferenced'> & {
  database: string;
  stageOn?: string;
};

/** The request, or in words what is still missing. */
export function toPreviewRequest(
  form: TargetForm,
  source: DumpSource,
): { ready: true; request: Wanted } | { ready: false; missing: string } {
  if (form.profileId === '') return { ready: false, missing: 'Choose the server to compare with.' };
  if (form.existing === '') return { ready: false, missing: 'Choose the database to compare with.' };
  if (!form.everything && form.tables.size === 0) return { ready: false, missing: 'Choose at least one table.' };
  const rows = [...form.conditions].filter(([, where]) => where.trim() !== '');
  const keys = [...form.keys].map(([table, columns]) => ({ ...tableOf(table), columns: columnsOf(columns) }));
  return {
    ready: true,
    request: {
      source,
      profileId: form.profileId,
      database: form.existing,
      tables: form.everything ? [] : [...form.tables].map(tableOf),
      rows: rows.map(([table, where]) => ({ ...tableOf(table), where: where.trim() })),
      keys: keys.filter(({ columns }) => columns.length > 0),
      withReferenced: form.withReferenced && (!form.everything || rows.length > 0),
      ...(form.stageOn === null ? {} : { stageOn: form.stageOn }),
    },
  };
}

/** `id, "odd, name"` becomes two names; quotes as SQL has them. */
export function columnsOf(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")+)"|([^\s,"][^,"]*)/g)]
    .map(([, quoted, bare]) => (quoted === undefined ? (bare ?? '').trim() : quoted.replaceAll('""', '"')))
    .filter((name) => name !== '');
}
