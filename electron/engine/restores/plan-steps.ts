// The plan in plain words, in the order in which things happen.
import type { Dump } from '../../../shared/contract/dumps.ts';
import type { RestorePlan, RestoreRequest } from '../../../shared/contract/restores.ts';
import { assertNever } from '../../../shared/errors.ts';
import { formatNumber } from '../../../shared/format.ts';
import type { InTheWay } from './in-the-way.ts';
import type { TargetFacts } from './target-facts.ts';

type Known = {
  mode: RestorePlan['mode'];
  request: RestoreRequest;
  dump: Dump;
  facts: TargetFacts;
  way: InTheWay | null;
  safetyBackup: boolean;
  database: string;
};

export function stepsOf({ mode, request, dump, facts, way, safetyBackup, database }: Known): string[] {
  const tables = request.tables.map((table) => `${table.schema}.${table.table}`).join(', ');
  const what = request.tables.length > 0 ? tables : formatNumber(dump.tables.length, 'table');
  const safety = safetyBackup ? [mode === 'tables' ? 'Back up these tables as they are now' : `Back up "${database}" as it is now`] : [];
  const check = 'Check that every table and its rows are there';
  switch (mode) {
    case 'new':
      return [`Restore ${what} into a fresh database beside`, check, `Give it the name "${database}"`];
    case 'replace': {
      const sessions = facts.database?.otherSessions ?? 0;
      return [
        ...safety,
        `Restore ${what} into a fresh database beside "${database}", which stays in use`,
        check,
        `Copy owner, grants, settings and comment of "${database}"`,
        `End ${formatNumber(sessions, 'other session')} and swap the names in one step`,
        `Keep the old database aside until it is discarded; undo swaps back`,
      ];
    }
    case 'replaceInPlace':
      return [
        ...safety,
        `Lock "${database}", remove what is in it and restore ${what}, in one transaction`,
        check,
        'Commit; an error takes everything back',
      ];
    case 'tables': {
      const replaced = way?.existing.length ?? 0;
      const keys = way?.foreignKeys.length ?? 0;
      return [
        ...safety,
        `In one transaction in "${database}": drop ${formatNumber(replaced, 'existing table')}, restore ${tables} with keys, indexes, constraints and sequences`,
        ...(keys > 0 ? [`Make ${formatNumber(keys, 'foreign key')} of other tables again, checking every row`] : []),
        'Commit; an error takes everything back',
      ];
    }
    case 'merge':
    case 'skip':
      throw new Error(`a restore by ${mode} is planned row by row`);
    default:
      return assertNever(mode);
  }
}
