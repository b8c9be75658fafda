// Reads the schema that a dump defines, from any format.
import { readArchiveToc } from '../dumps/archive.ts';
import { unwrapped } from '../dumps/decompress.ts';
import { insertedTable } from '../dumps/inserted-rows.ts';
import type { RecognisedDump } from '../dumps/recognise.ts';
import { splitSql } from '../dumps/sql-lexer.ts';
import { nameParts, settingOf } from '../dumps/sql-statements.ts';
import type { JobRun } from '../jobs/jobs.ts';
import type { SchemaModel } from './model.ts';
import { nameOf, splitTopLevel, statementsOf, TokenReader, tokensOf } from './sql-tokens.ts';
import { statementReader, type StatementReader } from './statements.ts';

/** Entries of a table of contents that define nothing that is compared. */
const passedOver = new Set([
  'ENCODING',
  'STDSTRINGS',
  'SEARCHPATH',
  'DATABASE',
  'DATABASE PROPERTIES',
  'COMMENT',
  'ACL',
  'DEFAULT ACL',
  'SECURITY LABEL',
  'SEQUENCE SET',
  'BLOB',
  'BLOBS',
  'LARGE OBJECT',
  'BLOB METADATA',
  'STATISTICS DATA',
  'MATERIALIZED VIEW DATA',
]);

/** Errors: those of reading the dump. */
export async function readDumpModel(job: Pick<JobRun, 'signal'>, dump: RecognisedDump): Promise<SchemaModel> {
  return dump.format === 'plain' ? await readScript(job, dump) : await readArchive(dump);
}

async function readArchive(dump: RecognisedDump): Promise<SchemaModel> {
  const toc = await readArchiveToc(dump);
  const reader = statementReader();
  for (const entry of toc.entries) {
    if (entry.desc === 'TABLE DATA') readCopy(reader, entry.copyStmt, entry.namespace, entry.tag);
    if (passedOver.has(entry.desc) || entry.desc === 'TABLE DATA') continue;
    const statements = statementsOf(entry.defn);
    const drop = statements.length === 1 && /^DROP\s/.test(entry.dropStmt) ? entry.dropStmt.trim() : undefined;
    for (const { text, tokens } of statements) reader.read(text, tokens, entry.namespace || 'public', drop);
  }
  return reader.result({
    unqualified: writtenForPath(toc.dumpedBy),
    canonical: true,
    serverMajor: major(toc.serverVersion),
  });
}

async function readScript(job: Pick<JobRun, 'signal'>, dump: RecognisedDump): Promise<SchemaModel> {
  const reader = statementReader();
  const said = { dumpedBy: '', server: '' };
  let schema = 'public';
  let unqualified = false;
  const onComment = (text: string): void => {
    if (text.startsWith('Dumped by pg_dump version ')) said.dumpedBy ||= text.slice(26);
    else if (text.startsWith('Dumped from database version ')) said.server ||= text.slice(29);
  };
  for await (const piece of splitSql(unwrapped(dump.path, dump.wrapper), { onComment })) {
    job.signal.throwIfAborted();
    if (piece.kind === 'copyStart') readCopy(reader, piece.statement, piece.table.schema || schema, piece.table.table);
    if (piece.kind !== 'statement' || !/^(CREATE|ALTER|SET|SELECT)\b/i.test(piece.text) || insertedTable(piece.text) !== null) continue;
    const path = settingOf(piece.text, 'search_path');
    if (path !== null) {
      const [first = ''] = nameParts(path.replace(/^'([^']*)'/, '$1').split(',')[0] ?? '');
      if (first === '' || first === 'pg_catalog') continue;
      unqualified = true;
      schema = first;
    } else if (/^(CREATE|ALTER)\b/i.test(piece.text)) {
      const text = piece.text.replace(/;\s*$/, '');
      reader.read(text, tokensOf(text), schema);
    }
  }
  const canonical = said.dumpedBy !== '';
  return reader.result({ unqualified: unqualified || !canonical, canonical, serverMajor: major(said.server) });
}

/** Old programs set the search path in place of qualifying names: CVE-2018-1058 ended that in 10.3, 9.6.8 and so on. */
function writtenForPath(dumpedBy: string): boolean {
  const found = /^(\d+)\.(\d+)/.exec(dumpedBy);
  if (found === null) return false;
  const [, first = 0, second = 0] = found.map(Number);
  return first < 10 || (first === 10 && second < 3);
}

const major = (version: string): number | null => {
  const found = /^\d+/.exec(version);
  return found === null ? null : Number(found[0]);
};

/** `COPY app.t (a, b) FROM stdin;` names the columns. */
function readCopy(reader: StatementReader, statement: string, schema: string, table: string): void {
  const tokens = new TokenReader(tokensOf(statement));
  if (!tokens.take('copy') || tokens.name() === null) return;
  const columns = splitTopLevel(tokens.group() ?? []).flatMap(([token]) => (token === undefined ? [] : [nameOf(token)]));
  if (columns.length > 0) reader.rowsOf({ schema, table }, columns);
}
