// A comparison that was made on another server, as a preview: everything but a way to carry it out.
import type { Preview, PreviewBlocker } from '../../../shared/contract/previews.ts';
import { strategies } from '../../../shared/contract/previews.ts';
import { tableKey } from '../postgres/row-counts.ts';
import type { Session } from '../postgres/connection.ts';
import type { BlockedTable, ComparedTable } from './compared.ts';
import { compareNames, describeBlocked, gravest, sampleOf, sumOf, tableFacts, totalsOf } from './describe.ts';
import { pageElsewhere } from './elsewhere-page.ts';
import type { PreviewInput } from './prepare.ts';
import type { SchemaState } from './schema-state.ts';

export type FoundElsewhere = {
  tables: ComparedTable[];
  blocked: BlockedTable[];
  fingerprint: string;
  /** Unique rules that could not be looked at, by `tableKey`. */
  untold: Map<string, string[]>;
};

const onlyLooked: PreviewBlocker = {
  code: 'STAGED_ELSEWHERE',
  message: 'The rows were compared on another server: this preview can be looked at, and not carried out.',
  hint: 'Let an administrator grant CREATE on the database, then make the preview again.',
  strategies: [...strategies],
};

/** `here`: where the staging is, in `schema`; `live`: the target. */
export async function describeElsewhere(
  { id, profile, target, request, dump }: PreviewInput,
  found: FoundElsewhere,
  state: SchemaState,
  { here, live, schema }: { here: Session; live: Session; schema: string },
  begun: number,
): Promise<Preview> {
  const tables = found.blocked.map((table) =>
    describeBlocked(
      table,
      table.blockers.map((blocker) => ({ ...blocker, strategies: [...strategies] })),
    ),
  );
  for (const table of found.tables) {
    const untold = (found.untold.get(tableKey(table.live)) ?? []).map((name) => `"${name}"`).join(', ');
    const message = `Whether new rows clash over ${untold} cannot be told from another server.`;
    tables.push(
      tableFacts(table, {
        blockers: [],
        warnings: untold === '' ? [] : [{ code: 'RULES_NOT_LOOKED_AT', message }],
        sample: await sampleOf((page) => pageElsewhere(here, live, schema, table, page), table, request.sample),
      }),
    );
  }
  const verdict = { safe: false, reasons: [{ code: onlyLooked.code, message: onlyLooked.message }] };
  const { rows } = await here.query<{ bytes: number }>(
    'select pg_catalog.pg_database_size(pg_catalog.current_database())::float8 as bytes',
  );
  return {
    id,
    fingerprint: found.fingerprint,
    profile: profile.name,
    profileId: profile.id,
    server: `${target.host}:${target.port}`,
    database: target.database,
    environment: profile.environment,
    source: request.source.kind === 'backup' ? request.source.id : dump.name,
    ...verdict,
    verdicts: { replace: verdict, merge: verdict, skip: verdict },
    totals: totalsOf(tables),
    strategies: sumOf(tables.map((table) => table.strategies)),
    tables: tables.toSorted(compareNames),
    blockers: [onlyLooked],
    warnings: [],
    schema: state.schema,
    migrations: gravest(state.migrations),
    allMigrations: state.migrations,
    triggers: 'none',
    staging: 'elsewhere',
    stagedBytes: rows[0]?.bytes ?? 0,
    durationMs: Math.round(performance.now() - begun),
  };
}
