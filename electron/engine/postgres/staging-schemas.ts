/** Every schema that Howdah may drop by itself is named like this; nothing else ever is. */
export const stagingPrefix = 'howdah_stage_';

/** SQL: whether a pg_namespace row is none that a preview works in. */
export const notStaging = (namespace: string): string => `${namespace}.nspname not like '${stagingPrefix.replaceAll('_', '\\_')}%'`;
