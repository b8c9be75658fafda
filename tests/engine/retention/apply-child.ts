// A program of its own for kill.test.ts: applies retention, and dies at the step of that number where one is named.
import { applyRetention } from '../../../electron/engine/retention/apply.ts';
import { openContext, testJob } from './catalog-of-backups.ts';

const [home = '', dieAt = '0'] = process.argv.slice(2);
const { context } = openContext(home);
let step = 0;
process.stdout.write('started\n');
await applyRetention(context, testJob(), {
  profileId: null,
  at() {
    step += 1;
    if (step === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write(`ended after ${step}\n`);
