// A program that backs up and verifies until it is killed; started by kill.test.ts.
import { makeEngine } from '../../support/engine.ts';

const [home, profileId, format] = process.argv.slice(2);
if (home === undefined || profileId === undefined) throw new Error('home and profile are needed');
const { client, engine } = await makeEngine({ home });
process.stdout.write('ready\n');
for (;;) {
  const options = format === 'directory' ? { format: 'directory' as const, compression: 'gzip:1', deepVerify: true } : {};
  const { jobId, backupId } = await client.backups.start({ profileId, options });
  await engine.jobs.finished(jobId);
  const backup = await client.backups.get({ id: backupId });
  if (Math.random() < 0.3) await client.backups.remove({ id: backup.id, confirm: backup.id });
}
