import type { Command } from 'commander';
import type { Dump } from '../../shared/contract/dumps.ts';
import type { TableName } from '../../shared/contract/common.ts';
import { restoreRequest, type RestorePlan } from '../../shared/contract/restores.ts';
import { HowdahError } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/format.ts';
import { checked } from './checked.ts';
import { effectWords } from './describe-preview.ts';
import { parseNumber } from './numbers.ts';
import { requireYes, table } from './output.ts';
import { collect, type CommandTools } from './tools.ts';
import { sourceOf } from './sources.ts';
import { addRowOptions, rowChoice, strategyOf, tableStrategies, type RowArguments } from './row-choice.ts';

type RestoreArguments = RowArguments & {
  into?: string;
  database?: string;
  create?: boolean;
  owner: boolean;
  safetyBackup: boolean;
  jobs?: string;
  yes?: boolean;
  strategy?: string;
  tableStrategy?: string[];
  fillEmptyStrings?: boolean;
  fingerprint?: string;
  dryRun?: boolean;
};

export function addRestoreCommands(program: Command, tools: CommandTools): void {
  const { output } = tools;

  program
    .command('inspect <id-or-path>')
    .description('what a dump holds, and what is wrong with it; runs nothing from it')
    .action(async (idOrPath: string) => {
      const session = await tools.open();
      const dump = await session.client.dumps.inspect({ source: await sourceOf(session, idOrPath) });
      output.result({ dump }, describeDump(dump));
    });

  const restore = program
    .command('restore [id-or-path]')
    .description('restore a backup or any dump file (also: restore undo ID, restore discard ID)')
    .option('--into <profile>')
    .option('--database <name>', "another database than the profile's own")
    .option('--create', 'create the database where it does not exist')
    .option('--tables <list>', 'only these tables: a,schema.b,"odd name"')
    .option('--no-owner', 'leave ownership and grants out')
    .option('--no-safety-backup', 'do not back up the target first')
    .option('--jobs <n>', 'parallel workers')
    .option('--strategy <strategy>', 'row by row: replace, merge or skip; see "howdah preview"')
    .option('--table-strategy <table=strategy>', 'another strategy for a table, or leave (may be repeated)', collect)
    .option('--fill-empty-strings', 'merge also fills empty strings')
    .option('--fingerprint <fingerprint>', 'of the preview: nothing is done where it does not hold any more')
    .option('--dry-run', 'do it all, then take it back; needs no --yes')
    .option('--yes', 'do it');
  addRowOptions(restore).action(async (idOrPath: string | undefined, args: RestoreArguments) => {
    if (idOrPath === undefined || args.into === undefined) {
      throw new HowdahError('BAD_INPUT', 'Name what to restore and where: restore ID|PATH --into PROFILE.', {
        hint: 'See "howdah restore --help".',
      });
    }
    const session = await tools.open();
    const profile = await session.profile(args.into);
    const source = await sourceOf(session, idOrPath);
    const there = async () => (await session.client.dumps.inspect({ source })).tables;
    const request = checked(restoreRequest, {
      ...(await strategyChoice(args, there)),
      source,
      profileId: profile.id,
      ...(args.database === undefined ? {} : { database: args.database }),
      create: args.create ?? false,
      noOwner: !args.owner,
      safetyBackup: args.safetyBackup,
      ...(args.jobs === undefined ? {} : { jobs: parseNumber(args.jobs, '--jobs') }),
    });
    const plan = await session.client.restores.plan(request);
    refuseBlocked(plan);
    for (const line of describePlan(plan)) output.note(line);
    requireYes(
      args.yes ?? args.dryRun,
      `${request.strategy !== undefined && request.strategy !== 'replace' ? `${request.strategy} rows of the backup into` : plan.mode === 'new' ? 'fill' : 'replace what is in'} the database "${plan.database}" on ${plan.server} (${plan.profile})`,
    );
    const { jobId, restoreId } = await session.client.restores.start({
      ...request,
      confirm: plan.database,
      ...(request.strategy === undefined
        ? { fingerprint: plan.fingerprint }
        : args.fingerprint === undefined
          ? {}
          : { fingerprint: args.fingerprint }),
    });
    await session.follow(jobId);
    const done = await session.client.restores.get({ id: restoreId });
    const effects = done.status === 'succeeded' && done.rows !== null ? ` ${effectWords(done.rows)}.` : '';
    const kept =
      done.previousDatabase === null
        ? ''
        : ` The old one is kept as "${done.previousDatabase}": howdah restore undo ${done.id} --yes, or restore discard ${done.id} --yes.`;
    const said = done.dryRun
      ? `Dry run into "${done.database}":${effects} All of it was taken back.`
      : `Restored into "${done.database}".${effects}${kept}${done.undo === 'possible' && kept === '' ? ` To go back: howdah restore undo ${done.id} --yes` : ''}`;
    output.result({ restore: done }, said);
  });

  restore
    .command('undo <id>')
    .option('--yes', 'do it')
    .action(async (id: string, _own: object, command: Command) => {
      const session = await tools.open();
      const found = await session.client.restores.get({ id });
      requireYes(command.optsWithGlobals<{ yes?: boolean }>().yes, `put "${found.database}" back to what it was before the restore ${id}`);
      const { jobId } = await session.client.restores.undo({ id, confirm: found.database });
      await session.follow(jobId);
      output.result({ restore: await session.client.restores.get({ id }) }, `"${found.database}" is back as it was.`);
    });

  restore
    .command('discard <id>')
    .option('--yes', 'do it')
    .action(async (id: string, _own: object, command: Command) => {
      const session = await tools.open();
      const found = await session.client.restores.get({ id });
      requireYes(
        command.optsWithGlobals<{ yes?: boolean }>().yes,
        `drop the database "${found.previousDatabase ?? ''}" that the restore ${id} kept aside`,
      );
      const { jobId } = await session.client.restores.discard({ id, confirm: found.previousDatabase ?? '' });
      await session.follow(jobId);
      output.result({ restore: await session.client.restores.get({ id }) }, `Dropped "${found.previousDatabase ?? ''}".`);
    });

  program
    .command('restores')
    .description('the history of restores')
    .command('list')
    .option('--search <text>')
    .option('--csv', 'as CSV')
    .action(async (args: { search?: string; csv?: boolean }) => {
      const session = await tools.open();
      if (args.csv) {
        const exported = await session.client.restores.export(args.search === undefined ? {} : { search: args.search });
        output.raw(exported.text, { csv: exported.text });
        return;
      }
      const { restores, total } = await session.client.restores.list({
        limit: 1000,
        ...(args.search === undefined ? {} : { search: args.search }),
      });
      const rows = restores.map((one) => [
        one.id,
        one.startedAt,
        one.profile,
        one.database,
        one.mode,
        one.status,
        one.undo,
        one.previousDatabase ?? '',
      ]);
      output.result(
        { restores, total },
        rows.length === 0 ? 'No restores.' : table(['ID', 'STARTED', 'PROFILE', 'DATABASE', 'MODE', 'STATUS', 'UNDO', 'KEPT ASIDE'], rows),
      );
    });
}

/** Errors: BAD_INPUT, also where an option makes sense with a strategy only. */
async function strategyChoice(args: RestoreArguments, there: () => Promise<TableName[]>) {
  const choice = await rowChoice(args, there);
  if (args.strategy !== undefined) {
    return {
      ...choice,
      strategy: strategyOf(args.strategy),
      tableStrategies: await tableStrategies(args.tableStrategy ?? [], there),
      fillEmptyStrings: args.fillEmptyStrings ?? false,
      dryRun: args.dryRun ?? false,
    };
  }
  const alone = Object.entries({
    '--table-strategy': args.tableStrategy,
    '--fill-empty-strings': args.fillEmptyStrings,
    '--fingerprint': args.fingerprint,
    '--key': args.key,
    '--rows': args.rows,
    '--with-referenced': args.withReferenced,
  }).find(([, value]) => value !== undefined);
  if (alone !== undefined)
    throw new HowdahError('BAD_INPUT', `${alone[0]} needs --strategy replace, merge or skip.`, { hint: 'See "howdah restore --help".' });
  return { tables: choice.tables, dryRun: args.dryRun ?? false };
}

/** A plan with a blocker is a failure with the blocker's own code. */
function refuseBlocked(plan: RestorePlan): void {
  const first = plan.blockers[0];
  if (first === undefined) return;
  const others = plan.blockers.slice(1).map((blocker) => `also: ${blocker.message} (${blocker.hint})`);
  const detail = [first.detail, ...others].filter((line) => line !== undefined).join('\n');
  throw new HowdahError(first.code, first.message, { hint: first.hint, ...(detail === '' ? {} : { detail }), command: first.command });
}

const describePlan = (plan: RestorePlan): string[] => [
  `Plan for "${plan.database}" on ${plan.server} (${plan.profile}${plan.environment === 'production' ? ', PRODUCTION' : ''}):`,
  ...plan.steps.map((step, index) => `  ${index + 1}. ${step}`),
  ...plan.warnings.map((warning) => `  warning: ${warning.message}`),
];

function describeDump(dump: Dump): string {
  const lines = [
    `${dump.name}: ${dump.format}, ${dump.compression === 'none' ? 'not compressed' : dump.compression}, ${formatBytes(dump.sizeBytes)}`,
    `of ${dump.database ?? 'an unnamed database'}, server ${dump.serverVersion ?? 'unknown'}, written by pg_dump ${dump.dumpedBy ?? 'unknown'}`,
    dump.complete === null ? 'not read to its end' : dump.complete ? 'complete' : 'NOT complete',
    `${dump.tables.length} tables, ${dump.objects.length} objects`,
    ...dump.problems.map(
      (problem) =>
        `${problem.severity}: ${problem.message}${problem.line === undefined ? '' : ` (line ${problem.line})`} [${problem.code}]`,
    ),
  ];
  return lines.join('\n');
}
