import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { backupStatuses, type Backup, type Verification } from '../../shared/contract/backups.ts';
import { formatBytes, formatDuration } from '../../shared/format.ts';
import { HowdahError } from '../../shared/errors.ts';
import { addBackupOptions, oneOf, readBackupOptions, type BackupArguments } from './backup-options.ts';
import { parseNumber } from './numbers.ts';
import { exitCodes, requireYes, table } from './output.ts';
import type { CommandTools } from './tools.ts';
import { sourceOf } from './sources.ts';

export function addBackupCommands(program: Command, tools: CommandTools): void {
  const { output } = tools;

  addBackupOptions(
    program
      .command('backup <profile>')
      .description('back up a database; succeeded means verified')
      .option('--database <name>', "another database of the profile's server"),
  ).action(async (name: string, args: BackupArguments & { database?: string }) => {
    const session = await tools.open();
    const profile = await session.profile(name);
    const options = await readBackupOptions(session, profile.id, args, args.database);
    const started = await session.client.backups.start({ profileId: profile.id, options });
    await session.follow(started.jobId);
    const backup = await session.client.backups.get({ id: started.backupId });
    await session.cleanups();
    output.result(
      { backup },
      backup.status === 'succeeded'
        ? `Backed up ${backup.database}: ${formatBytes(backup.sizeBytes)} in ${formatDuration(backup.durationMs)}, verified\n${backup.directory}`
        : backup.status,
    );
  });

  const backups = program.command('backups').description('the history of backups');

  backups
    .command('list')
    .option('--profile <name>')
    .option('--status <status>', backupStatuses.join(', '), oneOf(backupStatuses))
    .option('--search <text>')
    .option('--label <text>')
    .option('--limit <n>', 'at most so many', '1000')
    .option('--csv', 'as CSV')
    .action(
      async (args: {
        profile?: string;
        status?: (typeof backupStatuses)[number];
        search?: string;
        label?: string;
        limit: string;
        csv?: boolean;
      }) => {
        const session = await tools.open();
        const filter = {
          ...(args.profile === undefined ? {} : { profile: args.profile }),
          ...(args.status === undefined ? {} : { status: args.status }),
          ...(args.search === undefined ? {} : { search: args.search }),
          ...(args.label === undefined ? {} : { label: args.label }),
        };
        if (args.csv) {
          const exported = await session.client.backups.export({ as: 'csv', filter });
          output.raw(exported.text, { csv: exported.text });
          return;
        }
        const found = await session.client.backups.list({ ...filter, limit: parseNumber(args.limit, '--limit') });
        const rows = found.backups.map(backupRow);
        output.result(
          { backups: found.backups, total: found.total },
          rows.length === 0 ? 'No backups.' : table(['ID', 'STARTED', 'PROFILE', 'DATABASE', 'STATUS', 'SIZE', 'TOOK', 'LABEL'], rows),
        );
      },
    );

  backups.command('show <id>').action(async (id: string) => {
    const session = await tools.open();
    const backup = await session.client.backups.get({ id });
    output.result({ backup }, JSON.stringify(backup, null, 2));
  });

  backups.command('log <id>').action(async (id: string) => {
    const session = await tools.open();
    const { lines } = await session.client.backups.log({ id });
    output.result(
      { log: lines },
      lines.map((line) => `${line.at} ${line.level === 'info' ? '' : `${line.level}: `}${line.text}`).join('\n'),
    );
  });

  backups
    .command('verify <id-or-path>')
    .description('check hashes and read the archive to its end; any dump file will do')
    .option('--deep', 'restore into a throw-away database and compare row counts')
    .option('--on <profile>', 'whose server a deep check uses')
    .action(async (idOrPath: string, args: { deep?: boolean; on?: string }) => {
      const session = await tools.open();
      const source = await sourceOf(session, idOrPath);
      const on = args.on === undefined ? undefined : await session.profile(args.on);
      const { jobId } = await session.client.backups.verify({
        source,
        deep: args.deep ?? false,
        ...(on === undefined ? {} : { onProfileId: on.id }),
      });
      const verification = (await session.follow(jobId)) as Verification;
      output.result(
        { verification },
        verification.checks.map((check) => `${check.ok ? 'ok  ' : 'FAIL'} ${check.name}: ${check.detail}`).join('\n'),
      );
      if (!verification.ok) tools.exitWith(exitCodes.failed);
    });

  backups
    .command('delete <id>')
    .option('--yes', 'do it')
    .action(async (id: string, args: { yes?: boolean }) => {
      const session = await tools.open();
      const backup = await session.client.backups.get({ id });
      requireYes(args.yes, `delete the backup ${id} of ${backup.database} (${backup.startedAt}) for good`);
      const removed = await session.client.backups.remove({ id, confirm: id });
      output.result(removed, `Deleted ${id}: ${formatBytes(removed.freedBytes)} freed.`);
    });

  for (const pinned of [true, false]) {
    backups
      .command(`${pinned ? 'pin' : 'unpin'} <id>`)
      .description(pinned ? 'keep it for ever, whatever retention says' : 'let retention decide again')
      .action(async (id: string) => {
        const session = await tools.open();
        const backup = await session.client.backups.setPinned({ id, pinned });
        output.result({ backup }, pinned ? `${id} stays for ever.` : `${id} follows the rules again.`);
      });
  }

  backups
    .command('rescan <directory>')
    .description('rebuild the catalog from the backup folders below a directory')
    .action(async (directory: string) => {
      const session = await tools.open();
      const rescan = await session.client.backups.rescan({ directory: resolve(directory) });
      const problems = rescan.problems.map((problem) => `${problem.directory}: ${problem.error.message}`);
      output.result(
        { rescan },
        [`${rescan.found} found, ${rescan.added} added, ${rescan.unchanged} known already.`, ...problems].join('\n'),
      );
    });

  backups
    .command('export')
    .requiredOption('--log <file>', 'write the history as backup_log.json')
    .action(async (args: { log: string }) => {
      const session = await tools.open();
      const { text } = await session.client.backups.export({ as: 'log' });
      const file = resolve(args.log);
      try {
        writeFileSync(file, text, { mode: 0o600 });
      } catch (thrown) {
        throw new HowdahError('FOLDER_NOT_WRITABLE', `${file} cannot be written.`, {
          hint: 'Choose another place.',
          detail: thrown instanceof Error ? thrown.message : String(thrown),
          cause: thrown,
        });
      }
      output.result({ exported: { file } }, `Written to ${file}.`);
    });
}

const backupRow = (backup: Backup): string[] => [
  backup.id,
  backup.startedAt,
  backup.profile,
  backup.database,
  backup.status,
  backup.status === 'succeeded' ? formatBytes(backup.sizeBytes) : '',
  'durationMs' in backup ? formatDuration(backup.durationMs) : '',
  backup.label,
];
