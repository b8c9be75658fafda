// Options about tables and rows, as `preview` and `restore --strategy` take them.
import type { Command } from 'commander';
import type { TableName } from '../../shared/contract/common.ts';
import { strategies, tableStrategy, type PreviewRequest, type Strategy, type TableStrategy } from '../../shared/contract/previews.ts';
import { HowdahError } from '../../shared/errors.ts';
import { parseTableList, resolveTables } from './table-names.ts';
import { collect } from './tools.ts';

export type RowArguments = {
  tables?: string;
  key?: string[];
  rows?: string[];
  withReferenced?: boolean;
};

export const addRowOptions = (command: Command): Command =>
  command
    .option('--key <table=columns>', 'key columns for a table that has none: t=a,b (may be repeated)', collect)
    .option('--rows <table=condition>', 'only the rows that meet an SQL condition: t="id < 5" (may be repeated)', collect)
    .option('--with-referenced', 'also the rows that the chosen ones refer to');

type Chosen = Pick<PreviewRequest, 'tables' | 'rows' | 'keys' | 'withReferenced'>;

/** Names are looked up among the dump's tables. Errors: BAD_INPUT, TABLE_NOT_IN_DUMP. */
export function rowChoice(args: RowArguments, there: () => Promise<TableName[]>): Promise<Chosen> {
  return withTables(there, (resolve) => {
    const rows = (args.rows ?? []).map((text) => {
      const [name, where] = atEquals(text, '--rows');
      return { ...resolve(name), where };
    });
    return {
      tables: args.tables === undefined ? [] : parseTableList(args.tables).map(resolve),
      rows,
      keys: (args.key ?? []).map((text) => {
        const [name, columns] = atEquals(text, '--key');
        return { ...resolve(name), columns: columnsOf(columns) };
      }),
      withReferenced: args.withReferenced ?? false,
    };
  });
}

/** `T=S`, several times. Errors: BAD_INPUT, TABLE_NOT_IN_DUMP. */
export function tableStrategies(given: string[], there: () => Promise<TableName[]>): Promise<TableStrategy[]> {
  return withTables(there, (resolve) =>
    given.map((text) => {
      const [name, word] = atEquals(text, '--table-strategy');
      const strategy = tableStrategy.shape.strategy.safeParse(word);
      if (!strategy.success) throw bad('--table-strategy', text, 'TABLE=replace, merge, skip or leave');
      return { ...resolve(name), strategy: strategy.data };
    }),
  );
}

/** Errors: BAD_INPUT. */
export function strategyOf(word: string): Strategy {
  const found = strategies.find((one) => one === word);
  if (found === undefined) throw bad('--strategy', word, 'replace, merge or skip');
  return found;
}

type Named = ReturnType<typeof parseTableList>[number];

/** The dump is only looked into where a table is named. */
async function withTables<T>(there: () => Promise<TableName[]>, work: (resolve: (name: Named) => TableName) => T): Promise<T> {
  const names: Named[] = [];
  const placeholder = (name: Named): TableName => {
    names.push(name);
    return { schema: '', table: '' };
  };
  const empty = work(placeholder);
  if (names.length === 0) return empty;
  const tables = await there();
  return work((name) => {
    const [found] = resolveTables([name], tables, 'the dump');
    if (found === undefined) throw new Error('a name was resolved to nothing');
    return found;
  });
}

/** Cuts at the first `=` outside quotes. */
function atEquals(text: string, option: string): [Named, string] {
  const match = /^((?:"(?:[^"]|"")*"|[^"=])+)=(.+)$/s.exec(text);
  const names = match === null ? [] : parseTableList(match[1] ?? '');
  const [name] = names;
  if (match === null || name === undefined || names.length > 1) throw bad(option, text, 'TABLE=…');
  return [name, (match[2] ?? '').trim()];
}

function columnsOf(text: string): string[] {
  return parseTableList(text).map((part) => {
    if (part.schema !== null) throw bad('--key', text, 'TABLE=column,column');
    return part.table;
  });
}

const bad = (option: string, given: string, form: string): HowdahError =>
  new HowdahError('BAD_INPUT', `${option} takes ${form}, not "${given}".`, { hint: 'See the command with --help.' });
