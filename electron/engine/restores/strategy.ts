// A restore request with a strategy: what it means, and which way it takes.
import type { PreviewRequest, StrategyChoice } from '../../../shared/contract/previews.ts';
import type { Restore, RestoreRequest } from '../../../shared/contract/restores.ts';

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

/** What a row says until the run knows better. */
export function firstMode(request: RestoreRequest): Restore['mode'] {
  if (hasStrategy(request) && !isWholeReplace(request)) return request.strategy;
  return request.tables.length > 0 ? 'tables' : 'new';
}
