import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { writeSettings } from './settings.ts';

export function settingsHandlers(os: Implementer, context: EngineContext) {
  return os.settings.router({
    get: os.settings.get.handler(() => context.settings()),
    set: os.settings.set.handler(({ input }) => {
      const { backupDirectory, jobsPerServer, jobsInAll, stuckAfterSeconds, colourScheme, closeToTray } = input;
      const all = { backupDirectory, jobsPerServer, jobsInAll, stuckAfterSeconds, colourScheme, closeToTray };
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      return writeSettings(context.catalog, context.ports.homeDirectory, given);
    }),
  });
}
