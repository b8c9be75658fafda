import { appContract } from './app.ts';
import { backupsContract } from './backups.ts';
import { dumpsContract } from './dumps.ts';
import { jobsContract } from './jobs.ts';
import { messagesContract } from './messages.ts';
import { previewsContract } from './previews.ts';
import { profilesContract } from './profiles.ts';
import { restoresContract } from './restores.ts';
import { retentionContract } from './retention.ts';
import { sampleContract } from './sample.ts';
import { schedulesContract } from './schedules.ts';
import { settingsContract } from './settings.ts';

/** The whole API: what window, browser, REST and command line speak. Written out, so that its name stands for it in other types. */
export type Contract = {
  app: typeof appContract;
  profiles: typeof profilesContract;
  backups: typeof backupsContract;
  dumps: typeof dumpsContract;
  previews: typeof previewsContract;
  restores: typeof restoresContract;
  jobs: typeof jobsContract;
  settings: typeof settingsContract;
  sample: typeof sampleContract;
  schedules: typeof schedulesContract;
  retention: typeof retentionContract;
  messages: typeof messagesContract;
};

export const contract: Contract = {
  app: appContract,
  profiles: profilesContract,
  backups: backupsContract,
  dumps: dumpsContract,
  previews: previewsContract,
  restores: restoresContract,
  jobs: jobsContract,
  settings: settingsContract,
  sample: sampleContract,
  schedules: schedulesContract,
  retention: retentionContract,
  messages: messagesContract,
};
