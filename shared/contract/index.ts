import { appContract } from './app.ts';
import { backupsContract } from './backups.ts';
import { dumpsContract } from './dumps.ts';
import { jobsContract } from './jobs.ts';
import { previewsContract } from './previews.ts';
import { profilesContract } from './profiles.ts';
import { restoresContract } from './restores.ts';
import { sampleContract } from './sample.ts';
import { settingsContract } from './settings.ts';

/** The whole API: what window, browser, REST and command line speak. */
export const contract = {
  app: appContract,
  profiles: profilesContract,
  backups: backupsContract,
  dumps: dumpsContract,
  previews: previewsContract,
  restores: restoresContract,
  jobs: jobsContract,
  settings: settingsContract,
  sample: sampleContract,
};
export type Contract = typeof contract;
