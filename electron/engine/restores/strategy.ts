// A restore request with a strategy: what it means, and which way it takes.
import type { TableName } from '../../../shared/contract/common.ts';
import type { PreviewRequest, StrategyChoice } from '../../../shared/contract/previews.ts';
import type { Restore, RestoreRequest } from '../../../shared/contract/restores.ts';
import { HowdahError } from '../../../shared/errors.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { Compared } from '../previews/compared.ts';

export type StrategyRequest = RestoreRequest & { strategy: NonNullable<RestoreRequest['strategy']> };

export const hasStrategy = (request: RestoreRequest): request is StrategyRequest => request.strategy !== undefined;

/** Replace of everything without exceptions: restored beside, and names swapped. */
export const isWholeReplace = (request: RestoreRequest): boolean =>
  request.strategy === 'replace' && request.tables.length === 0 && request.rows.length === 0 && request.tableStrategies.length === 0;

/** What has to be compared for it. */
export const previewRequestOf = (request: RestoreRequest): PreviewRequest => ({
  source: request.source,
  profileId: request.profileId,
  ...(request.database === undefined ? {} : { database: request.database }),
  tables: request.tables,
  rows: request.rows,
  withReferenced: request.withReferenced,
  keys: request.keys,
  sample: 0,
});

export const choiceOf = ({ strategy, tableStrategies, fillEmptyStrings }: StrategyRequest): StrategyChoice => ({
  strategy,
  tableStrategies,
  fillEmptyStrings,
});

/** What only a strategy heeds must not be passed over in silence. Errors: BAD_INPUT. */
export function requireConsistent(request: RestoreRequest): void {
  if (hasStrategy(request)) return;
  const given = [
    request.rows.length > 0 ? 'rows' : null,
    request.keys.length > 0 ? 'keys' : null,
    request.tableStrategies.length > 0 ? 'tableStrategies' : null,
    request.withReferenced ? 'withReferenced' : null,
    request.fillEmptyStrings ? 'fillEmptyStrings' : null,
    request.previewId === undefined ? null : 'previewId',
  ].filter((name) => name !== null);
  if (given.length === 0) return;
  throw new HowdahError('BAD_INPUT', `Only a restore with a strategy heeds ${given.join(', ')}.`, {
    hint: 'Choose replace, merge or skip, or leave these out.',
  });
}

/** Errors: BAD_INPUT where a strategy is meant for a table that is not among the compared ones. */
export function requireKnownTables({ tableStrategies }: StrategyChoice, compared: Pick<Compared, 'tables' | 'blocked'>): void {
  const known = new Set([...compared.tables.map((table) => tableKey(table.live)), ...compared.blocked.map(tableKey)]);
  const unknown = tableStrategies.filter((table) => !known.has(tableKey(table)));
  if (unknown.length === 0) return;
  throw new HowdahError(
    'BAD_INPUT',
    `A strategy was given for what is not compared: ${unknown.map((table) => `${table.schema}.${table.table}`).join(', ')}.`,
    {
      hint: 'Name tables as the preview names them; a partition goes with its partitioned table.',
    },
  );
}

/** Every table that was named, also those of which rows were chosen. Empty: everything. */
export function tablesOf({ tables, rows }: RestoreRequest): TableName[] {
  const named = [...tables, ...rows].map(({ schema, table }) => ({ schema, table }));
  return [...new Map(named.map((table) => [tableKey(table), table])).values()];
}

/** What a row says until the run knows better. */
export function firstMode(request: RestoreRequest): Restore['mode'] {
  if (hasStrategy(request) && !isWholeReplace(request)) return request.strategy;
  return request.tables.length > 0 ? 'tables' : 'new';
}
