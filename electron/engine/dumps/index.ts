// What the rest of the engine uses of dump reading.
export { walkArchive, readArchiveToc } from './archive.ts';
export type { ArchiveWalk } from './archive-data.ts';
export { unwrapped, type Wrapper } from './decompress.ts';
export { inspectDump, requireWhole, type InspectedDump, type InspectOptions } from './inspect.ts';
export { judgeMeta, type MetaVerdict } from './meta-commands.ts';
export { createOpenedFiles, type OpenedFiles } from './opened-files.ts';
export { readToEnd, type ReadOptions, type ReadResult } from './readable.ts';
export { recogniseDump, type RecognisedDump } from './recognise.ts';
export { selectTables, type TableSelection } from './select.ts';
export { splitSql, type SplitOptions, type SqlPiece } from './sql-lexer.ts';
export { reachOf, settingOf, type StatementReach } from './sql-statements.ts';
export type { Toc, TocEntry } from './toc.ts';
