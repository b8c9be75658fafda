import type { Settings } from '../../../shared/contract/settings.ts';
import { HowdahError } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Implementer } from '../implementer.ts';
import { writeSettings } from './settings.ts';

export function settingsHandlers(os: Implementer, context: EngineContext) {
  const { startAtLogin } = context.ports.host;
  /** Asked each time: somebody may have changed it in the desktop's own settings. */
  const startsAtLogin = (): boolean => startAtLogin?.get() ?? false;
  const withLogin = (settings: Settings): Settings => ({ ...settings, startAtLogin: startsAtLogin() });
  const setStartAtLogin = async (on: boolean): Promise<void> => {
    if (startAtLogin !== null) return await startAtLogin.set(on);
    throw new HowdahError('BAD_INPUT', 'Only the desktop program can start itself at login.', {
      hint: 'Here, let the system start `howdah agent` at boot: it runs the schedules without a window.',
    });
  };
  return os.settings.router({
    get: os.settings.get.handler(() => withLogin(context.settings())),
    set: os.settings.set.handler(async ({ input }) => {
      const wanted = input.startAtLogin;
      if (wanted !== undefined && wanted !== startsAtLogin()) await setStartAtLogin(wanted);
      const { backupDirectory, jobsPerServer, jobsInAll, stuckAfterSeconds, colourScheme, closeToTray } = input;
      const all = { backupDirectory, jobsPerServer, jobsInAll, stuckAfterSeconds, colourScheme, closeToTray };
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      return withLogin(writeSettings(context.catalog, context.ports.homeDirectory, given));
    }),
  });
}
