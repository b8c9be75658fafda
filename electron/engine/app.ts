import { HowdahError } from '../../shared/errors.ts';
import type { EngineContext } from './context.ts';
import type { Implementer } from './implementer.ts';

/** `settled`: what this start found left behind and dealt with. */
export function appHandlers(os: Implementer, context: EngineContext, settled: () => string[]) {
  const { ports, events } = context;
  return os.app.router({
    info: os.app.info.handler(() => ({
      version: ports.host.version,
      host: ports.host.kind,
      platform: process.platform,
      homeDirectory: ports.homeDirectory,
      secrets: { store: ports.secrets.kind, warning: ports.secrets.warning },
      settled: settled(),
    })),
    events: os.app.events.handler(async function* ({ signal }) {
      yield* events.listen(signal);
    }),
    answerQuit: os.app.answerQuit.handler(({ input }) => {
      ports.host.answerQuit(input.answer);
      return { done: true as const };
    }),
    chooseDirectory: os.app.chooseDirectory.handler(async () => ({ path: await ports.host.chooseDirectory() })),
    chooseDumpFile: os.app.chooseDumpFile.handler(async () => {
      const path = await ports.host.chooseDumpFile();
      return { file: path === null ? null : await context.openedFiles.open(path) };
    }),
    showBackupFolder: os.app.showBackupFolder.handler(async ({ input }) => {
      const row = context.catalog
        .prepare<[string], { directory: string | null }>('select directory from backups where id = ?')
        .get(input.backupId);
      if (row === undefined || row.directory === null)
        throw new HowdahError('NOT_FOUND', `The backup ${input.backupId} has no folder.`, {
          hint: 'Only a backup that succeeded has one.',
        });
      return { shown: await ports.host.showFolder(row.directory) };
    }),
  });
}
