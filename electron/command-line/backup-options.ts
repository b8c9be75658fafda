// The options of a backup, declared once for all commands that make or plan one.
import { InvalidArgumentError, type Command } from 'commander';
import { backupOptions, compression, dumpFormats, type BackupOptions } from '../../shared/contract/backups.ts';
import { checked } from './checked.ts';
import { parseNumber } from './numbers.ts';
import type { Session } from './session.ts';
import { parseTableList, resolveTables } from './table-names.ts';
import { collect } from './tools.ts';

export type BackupArguments = {
  format?: string;
  compress?: string;
  jobs?: string;
  quick?: boolean;
  excludeTableData?: string[];
  tables?: string;
  schemas?: string;
  globals?: boolean;
  label?: string;
  verify?: boolean;
};

export const addBackupOptions = (command: Command): Command =>
  command
    .option('--format <format>', dumpFormats.join(', '), oneOf(dumpFormats))
    .option('--compress <method>', 'auto, none, gzip[:n], lz4[:n], zstd[:n]', (value) => {
      if (!compression.safeParse(value).success) throw new InvalidArgumentError('auto, none, gzip[:n], lz4[:n] or zstd[:n]');
      return value;
    })
    .option('--jobs <n>', 'parallel workers (directory format)')
    .option('--quick', "leave out the rows of the profile's log-like tables")
    .option('--exclude-table-data <pattern>', 'leave out the rows of these tables (repeatable)', collect)
    .option('--tables <list>', 'only these tables: a,schema.b,"odd name"')
    .option('--schemas <list>', 'only these schemas: a,b')
    .option('--globals', 'add roles (without passwords) and tablespaces')
    .option('--label <text>')
    .option('--verify', 'also restore into a throw-away database and compare row counts');

/** What was typed. Tables are looked up at the server, in `database` (absent: the profile's own). Errors: BAD_INPUT, those of a connection. */
export async function readBackupOptions(
  session: Session,
  profileId: string,
  args: BackupArguments,
  database: string | undefined,
): Promise<BackupOptions> {
  const there =
    args.tables === undefined
      ? []
      : (await session.client.profiles.tables({ id: profileId, ...(database === undefined ? {} : { database }) })).tables;
  return checked(backupOptions, {
    ...(database === undefined ? {} : { database }),
    ...(args.format === undefined ? {} : { format: args.format }),
    compression: args.compress ?? 'auto',
    ...(args.jobs === undefined ? {} : { jobs: parseNumber(args.jobs, '--jobs') }),
    quick: args.quick ?? false,
    excludeTableData: args.excludeTableData ?? [],
    schemas: args.schemas?.split(',').filter(Boolean) ?? [],
    tables: args.tables === undefined ? [] : resolveTables(parseTableList(args.tables), there, 'the database'),
    globals: args.globals ?? false,
    label: args.label ?? '',
    deepVerify: args.verify ?? false,
  });
}

export function oneOf<T extends string>(allowed: readonly T[]) {
  return (value: string): T => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw new InvalidArgumentError(`one of ${allowed.join(', ')}`);
    return found;
  };
}
