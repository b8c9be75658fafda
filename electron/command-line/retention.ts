import { Option, type Command } from 'commander';
import { retentionRule, type Doomed, type Kept, type RetentionRule, type RetentionScope } from '../../shared/contract/retention.ts';
import { HowdahError } from '../../shared/errors.ts';
import { formatBytes, formatNumber } from '../../shared/format.ts';
import { checked } from './checked.ts';
import { parseBytes, parseNumber } from './numbers.ts';
import { requireYes, table } from './output.ts';
import type { Session } from './session.ts';
import type { CommandTools } from './tools.ts';

type RuleArguments = Partial<
  Record<'last' | 'days' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly' | 'maxSize' | 'minKeep', string>
>;
type ScopeArguments = { as?: RetentionScope['kind'] };

export function addRetentionCommands(program: Command, tools: CommandTools): void {
  const { output } = tools;
  const retention = program.command('retention').description('which backups stay, and which go');
  const asOption = (): Option =>
    new Option('--as <kind>', 'what the name is, where several things have it').choices(['profile', 'schedule', 'safety']);

  retention
    .command('set <name>')
    .description("sets the whole rule of a profile's or a schedule's backups, or of `safety` backups: what any part wants stays")
    .option('--last <n>', 'the last n')
    .option('--days <n>', 'younger than n days')
    .option('--hourly <n>', 'one of each of the last n hours that have any')
    .option('--daily <n>', '… days')
    .option('--weekly <n>', '… weeks')
    .option('--monthly <n>', '… months')
    .option('--yearly <n>', '… years')
    .option('--max-size <size>', 'all together at most: 500MB, 50GB, 1.5TB, 20GiB')
    .option('--min-keep <n>', 'the newest n good ones stay whatever the rest says (1)')
    .addOption(asOption())
    .action(async (name: string, args: RuleArguments & ScopeArguments) => {
      const rule = ruleOf(args);
      const session = await tools.open();
      const policy = await session.client.retention.set({ scope: await scopeOf(session, name, args.as), rule });
      output.result({ policy }, `${policy.name}: ${policy.words}.`);
    });

  retention.command('list').action(async () => {
    const session = await tools.open();
    const policies = await session.client.retention.list();
    output.result(
      { policies },
      policies.length === 0
        ? 'No rules: every backup stays.'
        : table(
            ['OF', 'NAME', 'RULE'],
            policies.map((policy) => [policy.scope.kind, policy.name, policy.words]),
          ),
    );
  });

  retention
    .command('remove <name>')
    .description('removes a rule; no backup goes by it any more')
    .addOption(asOption())
    .action(async (name: string, args: ScopeArguments) => {
      const session = await tools.open();
      const result = await session.client.retention.remove({ scope: await scopeOf(session, name, args.as, true) });
      output.result(result, result.removed ? 'Removed.' : 'There was no such rule.');
    });

  retention
    .command('preview')
    .description('what would go now, and why each other stays')
    .option('--profile <name>')
    .action(async (args: { profile?: string }) => {
      const session = await tools.open();
      const preview = await session.client.retention.preview(await whereOf(session, args.profile));
      output.result(preview, previewText(preview));
    });

  retention
    .command('apply')
    .description('deletes what the preview lists')
    .option('--profile <name>')
    .option('--yes', 'do it')
    .action(async (args: { profile?: string; yes?: boolean }) => {
      const session = await tools.open();
      const where = await whereOf(session, args.profile);
      const preview = await session.client.retention.preview(where);
      const count = preview.delete.length;
      if (count > 0) {
        if (!args.yes && !output.json) output.note(doomedTable(preview.delete));
        requireYes(args.yes, `delete ${formatNumber(count, 'backup')} (${formatBytes(preview.deleteBytes)}) for good`);
      }
      const { jobId } = await session.client.retention.apply({ ...where, confirm: count });
      const done = (await session.follow(jobId)) as { removed: number; freedBytes: number };
      output.result(done, `Deleted ${formatNumber(done.removed, 'backup')}: ${formatBytes(done.freedBytes)} freed.`);
    });

  retention
    .command('deletions')
    .description('every backup that retention deleted, and why; newest first')
    .option('--limit <n>', 'at most so many', '200')
    .action(async (args: { limit: string }) => {
      const session = await tools.open();
      const found = await session.client.retention.deletions({ limit: parseNumber(args.limit, '--limit') });
      const rows = found.deletions.map((one) => [
        one.id,
        one.startedAt,
        one.profile,
        one.database,
        one.state,
        one.removedAt ?? one.markedAt,
        one.error?.message ?? `${one.reason}: ${one.rule}`,
      ]);
      output.result(
        found,
        rows.length === 0 ? 'Nothing was deleted yet.' : table(['ID', 'BACKUP OF', 'PROFILE', 'DATABASE', 'STATE', 'AT', 'WHY'], rows),
      );
    });
}

/** Errors: BAD_INPUT, also where nothing of a rule is named. */
function ruleOf(args: RuleArguments): RetentionRule {
  const { maxSize, minKeep, ...counts } = args;
  const number = (option: keyof typeof counts): number | null => {
    const text = counts[option];
    return text === undefined ? null : countOf(text, `--${option}`);
  };
  const rule = checked(retentionRule, {
    keepLast: number('last'),
    keepDays: number('days'),
    hourly: number('hourly'),
    daily: number('daily'),
    weekly: number('weekly'),
    monthly: number('monthly'),
    yearly: number('yearly'),
    maxBytes: maxSize === undefined ? null : parseBytes(maxSize, '--max-size'),
    ...(minKeep === undefined ? {} : { keepAtLeast: countOf(minKeep, '--min-keep') }),
  });
  const { keepAtLeast: _keepAtLeast, ...parts } = rule;
  if (Object.values(parts).some((part) => part !== null)) return rule;
  throw new HowdahError('BAD_INPUT', 'No part of a rule was named, so every backup would stay.', {
    hint: 'Name at least one of --last, --days, --hourly, --daily, --weekly, --monthly, --yearly, --max-size. "retention remove" removes a rule.',
  });
}

/** Errors: BAD_INPUT, in the words that were typed. */
function countOf(text: string, option: string): number {
  const count = parseNumber(text, option);
  if (count >= 1 && count <= 100_000) return count;
  throw new HowdahError('BAD_INPUT', `${option} takes a number from 1 to 100000, not ${text}.`, {
    hint: `Leave ${option} out where it is not wanted.`,
  });
}

/** `ruled`: also what is gone, where a rule of it is left. Errors: NOT_FOUND, BAD_INPUT (several things have the name). */
async function scopeOf(session: Session, name: string, as?: RetentionScope['kind'], ruled = false): Promise<RetentionScope> {
  const is = (one: { id: string; name: string }): boolean => one.id === name || one.name.toLowerCase() === name.toLowerCase();
  const asked = (kind: RetentionScope['kind']): boolean => as === undefined || as === kind;
  const found: RetentionScope[] = [
    ...(name.toLowerCase() === 'safety' ? [{ kind: 'safety' as const }] : []),
    ...(asked('profile') ? await session.client.profiles.list() : [])
      .filter(is)
      .map(({ id }) => ({ kind: 'profile' as const, profileId: id })),
    ...(asked('schedule') ? await session.client.schedules.list() : [])
      .filter(is)
      .map(({ id }) => ({ kind: 'schedule' as const, scheduleId: id })),
  ];
  if (found.length === 0 && ruled) {
    const left = await session.client.retention.list();
    found.push(...left.flatMap((policy) => (policy.name.toLowerCase() === name.toLowerCase() ? [policy.scope] : [])));
  }
  const fitting = found.filter((scope) => asked(scope.kind));
  const [only, ...others] = fitting;
  if (only === undefined) {
    throw new HowdahError('NOT_FOUND', `There is no ${as ?? 'profile or schedule'} "${name}".`, {
      hint: 'See "howdah profile list" and "howdah schedule list"; the rule of safety backups is that of "safety".',
    });
  }
  if (others.length === 0) return only;
  throw new HowdahError('BAD_INPUT', `"${name}" is the name of a ${fitting.map((scope) => scope.kind).join(' and of a ')}.`, {
    hint: `Say which: ${fitting.map((scope) => `--as ${scope.kind}`).join(' or ')}.`,
  });
}

const whereOf = async (session: Session, profile: string | undefined): Promise<{ profileId?: string }> =>
  profile === undefined ? {} : { profileId: (await session.profile(profile)).id };

function previewText(preview: { keep: Kept[]; delete: Doomed[]; keepBytes: number; deleteBytes: number }): string {
  const kept = table(
    ['STAYS', 'STARTED', 'PROFILE', 'DATABASE', 'SIZE', 'WHY'],
    preview.keep.map((one) => [...rowOf(one), one.reasons.join(', ')]),
  );
  const unruled = preview.delete.length === 0 && preview.keep.every((one) => one.reasons.includes('no-rule'));
  return [
    ...(unruled ? ['No rule is about these backups: every one stays. "howdah retention set" makes a rule.', ''] : []),
    ...(preview.keep.length === 0 ? [] : [kept, '']),
    ...(preview.delete.length === 0 ? [] : [doomedTable(preview.delete), '']),
    `${formatNumber(preview.keep.length, 'backup')} (${formatBytes(preview.keepBytes)}) would stay, ${preview.delete.length} (${formatBytes(preview.deleteBytes)}) would go.`,
  ].join('\n');
}

const doomedTable = (doomed: Doomed[]): string =>
  table(
    ['GOES', 'STARTED', 'PROFILE', 'DATABASE', 'SIZE', 'WHY'],
    doomed.map((one) => [...rowOf(one), one.reason]),
  );

const rowOf = (one: Kept | Doomed): string[] => [one.id, one.startedAt, one.profile, one.database, formatBytes(one.sizeBytes)];
