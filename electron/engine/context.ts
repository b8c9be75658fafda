import type { Settings } from '../../shared/contract/settings.ts';
import type { Sqlite } from './catalog/open.ts';
import type { OpenedFiles } from './dumps/opened-files.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Leftovers } from './jobs/leftovers.ts';
import type { Messages } from './messages/told.ts';
import type { AppEvents, EnginePorts } from './ports.ts';
import type { OpenPreviews } from './previews/store.ts';
import type { Profiles } from './profiles/profiles.ts';
import type { Scheduler } from './schedules/scheduler.ts';

/** What every noun of the engine is handed. */
export type EngineContext = {
  ports: EnginePorts;
  catalog: Sqlite;
  /** This process's id in the catalog. */
  hostId: string;
  settings: () => Settings;
  events: AppEvents;
  jobs: Jobs;
  leftovers: Leftovers;
  profiles: Profiles;
  openedFiles: OpenedFiles;
  previews: OpenPreviews;
  messages: Messages;
  scheduler: Scheduler;
};
