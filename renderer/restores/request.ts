// The restore form as data, and what it asks of the engine.
import type { DumpSource } from '../../shared/contract/common.ts';
import type { Dump } from '../../shared/contract/dumps.ts';
import type { Strategy } from '../../shared/contract/previews.ts';
import type { RestorePlan, RestoreRequest } from '../../shared/contract/restores.ts';
import { tableOf } from '../ui/TablePicker.tsx';

export type TargetForm = {
  profileId: string;
  target: 'new' | 'existing';
  /** The new database's name, or the existing one's. */
  newName: string;
  existing: string;
  everything: boolean;
  tables: ReadonlySet<string>;
  noOwner: boolean;
  safetyBackup: boolean;
  jobs: number | null;
  /** `whole`: put in place without comparing rows. `rows`: compared first, then row by row. */
  how: 'whole' | 'rows';
  strategy: Strategy;
  /** By `tableKey`: only rows that meet a condition; columns that pair rows, with commas between. */
  conditions: ReadonlyMap<string, string>;
  keys: ReadonlyMap<string, string>;
  withReferenced: boolean;
  /** The profile that holds the staging; null: the target itself. */
  stageOn: string | null;
};

export function freshTarget(dump: Dump): TargetForm {
  return {
    profileId: '',
    target: 'new',
    newName: `${dump.database ?? stem(dump.name)}_restored`,
    existing: '',
    everything: true,
    tables: new Set(),
    noOwner: false,
    safetyBackup: true,
    jobs: null,
    how: 'whole',
    strategy: 'merge',
    conditions: new Map(),
    keys: new Map(),
    withReferenced: false,
    stageOn: null,
  };
}

export type Request = { source: DumpSource } & Omit<RestoreRequest, 'source' | 'jobs' | 'database'> & { database: string; jobs?: number };

/** The request, or in words what is still missing. */
export function toRequest(form: TargetForm, source: DumpSource): { ready: true; request: Request } | { ready: false; missing: string } {
  if (form.profileId === '') return { ready: false, missing: 'Choose the server to restore to.' };
  const database = form.target === 'new' ? form.newName : form.existing;
  if (database === '')
    return { ready: false, missing: form.target === 'new' ? 'Give the new database a name.' : 'Choose the database to restore into.' };
  if (!form.everything && form.tables.size === 0) return { ready: false, missing: 'Choose at least one table.' };
  return {
    ready: true,
    request: {
      source,
      profileId: form.profileId,
      database,
      create: form.target === 'new',
      tables: form.everything ? [] : [...form.tables].map(tableOf),
      noOwner: form.noOwner,
      safetyBackup: form.safetyBackup,
      tableStrategies: [],
      fillEmptyStrings: false,
      rows: [],
      withReferenced: false,
      keys: [],
      dryRun: false,
      ...(form.jobs === null ? {} : { jobs: form.jobs }),
    },
  };
}

export const modeWords: Record<RestorePlan['mode'], { name: string; means: string }> = {
  new: { name: 'Fill a new database', means: 'Nothing that exists is touched.' },
  replace: {
    name: 'Restore beside, then swap',
    means:
      'The live database stays as it is until the restored one has been checked; then the names are swapped in one step. The old one is kept until you discard it.',
  },
  replaceInPlace: {
    name: 'Replace in place',
    means: 'Your rights do not allow a swap: the live database itself is changed, in one transaction.',
  },
  tables: { name: 'Bring back chosen tables', means: 'The chosen tables in the live database are replaced, in one transaction.' },
  merge: { name: 'Merge', means: 'Missing rows are added and empty fields are filled, in one transaction. Nothing is overwritten.' },
  skip: { name: 'Add missing rows', means: 'Rows that are not there are added, in one transaction. Nothing else is touched.' },
};

/** Whether the database's name has to be typed before this may run. */
export function mustType(plan: RestorePlan): boolean {
  return plan.environment === 'production' || plan.mode === 'replaceInPlace';
}

/** `shop-2026.sql.gz` becomes `shop-2026`. */
function stem(fileName: string): string {
  return fileName.replace(/\..*$/, '') || 'database';
}
