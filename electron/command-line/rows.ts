import type { Command } from 'commander';
import type { DumpRows } from '../../shared/contract/dumps.ts';
import { HowdahError } from '../../shared/errors.ts';
import { parseNumber } from './numbers.ts';
import { table } from './output.ts';
import { sourceOf } from './sources.ts';
import { parseTableList, resolveTables } from './table-names.ts';
import type { CommandTools } from './tools.ts';

type RowsArguments = { where?: string; limit?: string; offset?: string; on?: string };

export function addRowsCommand(program: Command, tools: CommandTools): void {
  const { output } = tools;

  program
    .command('rows <id-or-path> <table>')
    .description('rows of one table inside a dump; touches no server without --where')
    .option('--where <condition>', 'an SQL condition, judged by a PostgreSQL server that is thrown away afterwards')
    .option('--limit <n>', 'at most so many rows', '100')
    .option('--offset <n>', 'leave out so many first', '0')
    .option('--on <profile>', "use a throw-away database on this profile's server instead of a server of this machine")
    .action(async (idOrPath: string, name: string, args: RowsArguments) => {
      const wanted = parseTableList(name);
      if (wanted.length !== 1) throw new HowdahError('BAD_INPUT', 'Name one table.', { hint: 'Write schema.table.' });
      const session = await tools.open();
      const source = await sourceOf(session, idOrPath);
      const profile = args.on === undefined ? null : await session.profile(args.on);
      const there = (await session.client.dumps.inspect({ source })).tables;
      const [chosen] = resolveTables(wanted, there, 'the dump');
      if (chosen === undefined) throw new Error('a table was resolved to none');
      const found = await session.client.dumps.rows({
        source,
        table: chosen,
        limit: parseNumber(args.limit ?? '100', '--limit'),
        offset: parseNumber(args.offset ?? '0', '--offset'),
        ...(args.where === undefined ? {} : { where: args.where }),
        ...(profile === null ? {} : { profileId: profile.id }),
      });
      output.result(asDocument(found), asText(found));
    });
}

const asDocument = ({ columns, rows, more }: DumpRows) => ({
  columns,
  rows: rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))),
  more,
});

const nullSign = '∅';
const longestValue = 60;

function asText({ columns, rows, more }: DumpRows): string {
  if (rows.length === 0) return 'No rows.';
  const shown = rows.map((row) => row.map((value) => (value === null ? nullSign : shortened(value))));
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}${more ? ', and there are more: see --limit and --offset' : ''}`;
  const nulls = rows.some((row) => row.includes(null)) ? ` (${nullSign} is NULL)` : '';
  return `${table(columns.map(shortened), shown)}\n${count}${nulls}`;
}

/** On one line, and without what could steer a terminal. */
function shortened(value: string): string {
  const oneLine = value.replaceAll(/\r\n|\n|\r/g, '↵').replaceAll(/\p{C}/gu, (char) => (char === '\t' ? ' ' : '·'));
  const characters = Array.from(oneLine);
  return characters.length > longestValue ? `${characters.slice(0, longestValue - 1).join('')}…` : oneLine;
}
