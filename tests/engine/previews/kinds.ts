// What kinds of tables and rules a case has: so that a short run plays each of them.
import type { Case } from './generate.ts';
import type { TableShape } from './shapes.ts';

/** Every kind that the generator makes. */
export const kinds = [
  'a primary key, a deferrable primary key, no primary key',
  'not partitioned, partitioned by list, partitioned by hash',
  'a unique constraint, a unique index, an exclusion constraint',
  'a partial index, a deferrable constraint, NULLS NOT DISTINCT, an index over lower(…), an index over ranges',
  'a check of one column, a check of two columns',
  'an identity always, an identity by default, a generated column, a dropped column',
  'on delete noAction, on delete restrict, on delete cascade, on delete setNull',
  'on update noAction, on update restrict, on update cascade',
  'a foreign key that is not deferrable, a deferrable foreign key, a deferred foreign key, a self-reference',
  'replace among others, merge among others, skip among others, leave among others',
].flatMap((line) => line.split(', '));

/** The kinds of a case; all are of `kinds`. */
export const kindsOf = ({ live, mixed }: Case): Set<string> =>
  new Set([...live.tables.flatMap(kindsOfTable), ...Object.values(mixed.byTable).map((strategy) => `${strategy} among others`)]);

function kindsOfTable(table: TableShape): string[] {
  const { primaryKey, partitioned, uniques, checks, foreignKeys, columns } = table;
  return [
    primaryKey === null ? 'no primary key' : primaryKey.deferrable ? 'a deferrable primary key' : 'a primary key',
    partitioned === null ? 'not partitioned' : `partitioned by ${partitioned.by}`,
    ...uniques.map(
      ({ kind }) => ({ constraint: 'a unique constraint', index: 'a unique index', exclusion: 'an exclusion constraint' })[kind],
    ),
    ...(uniques.some(({ where }) => where !== null) ? ['a partial index'] : []),
    ...(uniques.some(({ deferrable }) => deferrable) ? ['a deferrable constraint'] : []),
    ...(uniques.some(({ nullsNotDistinct }) => nullsNotDistinct) ? ['NULLS NOT DISTINCT'] : []),
    ...uniques.flatMap(({ parts }) =>
      parts.flatMap(({ how }) => (how === 'lower' ? ['an index over lower(…)'] : how === 'overlap' ? ['an index over ranges'] : [])),
    ),
    ...checks.map(({ kind }) => (kind === 'isNot' ? 'a check of one column' : 'a check of two columns')),
    ...columns.flatMap(({ identity }) =>
      identity === null ? [] : [identity === 'always' ? 'an identity always' : 'an identity by default'],
    ),
    ...(columns.some(({ generated }) => generated !== null) ? ['a generated column'] : []),
    ...(table.droppedBefore === null ? [] : ['a dropped column']),
    ...foreignKeys.flatMap((key) => [
      `on delete ${key.onDelete}`,
      `on update ${key.onUpdate}`,
      { no: 'a foreign key that is not deferrable', immediate: 'a deferrable foreign key', deferred: 'a deferred foreign key' }[
        key.deferrable
      ],
      ...(key.parent === table.name ? ['a self-reference'] : []),
    ]),
  ];
}
