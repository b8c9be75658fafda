import type { Command } from 'commander';
import { previewRequest } from '../../shared/contract/previews.ts';
import { HowdahError } from '../../shared/errors.ts';
import { checked } from './checked.ts';
import { describePreview } from './describe-preview.ts';
import { parseNumber } from './numbers.ts';
import { addRowOptions, rowChoice, type RowArguments } from './row-choice.ts';
import { sourceOf } from './sources.ts';
import type { CommandTools } from './tools.ts';

type PreviewArguments = RowArguments & { into?: string; database?: string; stageOn?: string; sample?: string };

export function addPreviewCommand(program: Command, tools: CommandTools): void {
  const { output } = tools;
  const command = program
    .command('preview <id-or-path>')
    .description('what a restore would create, update and delete, row by row; touches nothing')
    .option('--into <profile>')
    .option('--database <name>', "another database than the profile's own")
    .option('--tables <list>', 'only these tables: a,schema.b,"odd name"');
  addRowOptions(command)
    .option('--stage-on <profile>', "hold the backup's rows on another server, where the role may not create a schema")
    .option('--sample <n>', 'show so many differing rows of each table')
    .action(async (idOrPath: string, args: PreviewArguments) => {
      if (args.into === undefined) {
        throw new HowdahError('BAD_INPUT', 'Name where it would be restored: preview ID|PATH --into PROFILE.', {
          hint: 'See "howdah preview --help".',
        });
      }
      const session = await tools.open();
      const profile = await session.profile(args.into);
      const source = await sourceOf(session, idOrPath);
      const choice = await rowChoice(args, async () => (await session.client.dumps.inspect({ source })).tables);
      const request = checked(previewRequest, {
        ...choice,
        source,
        profileId: profile.id,
        ...(args.database === undefined ? {} : { database: args.database }),
        ...(args.stageOn === undefined ? {} : { stageOn: (await session.profile(args.stageOn)).id }),
        // As text rows are shown where they were asked for; the document has a few in any case.
        ...(args.sample !== undefined ? { sample: parseNumber(args.sample, '--sample') } : output.json ? {} : { sample: 0 }),
      });
      const { jobId, previewId } = await session.client.previews.start(request);
      await session.follow(jobId);
      const state = await session.client.previews.get({ id: previewId });
      if (state.status !== 'ready') throw new Error(`the preview is ${state.status}`);
      const again = ['howdah restore', quoted(idOrPath), '--into', quoted(profile.name), ...optionsAgain(args)].join(' ');
      output.result({ preview: state.preview }, describePreview(state.preview, again));
    });
}

function optionsAgain(args: PreviewArguments): string[] {
  return [
    ...(args.database === undefined ? [] : ['--database', quoted(args.database)]),
    ...(args.tables === undefined ? [] : ['--tables', quoted(args.tables)]),
    ...(args.key ?? []).flatMap((one) => ['--key', quoted(one)]),
    ...(args.rows ?? []).flatMap((one) => ['--rows', quoted(one)]),
    ...(args.withReferenced === true ? ['--with-referenced'] : []),
  ];
}

/** For a POSIX shell. */
const quoted = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
