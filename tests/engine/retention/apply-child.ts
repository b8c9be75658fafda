// A program of its own for kill.test.ts: applies retention and says each step, or dies at the step of that number.
import { applyRetention } from '../../../electron/engine/retention/apply.ts';
import { openContext, testJob } from './catalog-of-backups.ts';

const [home = '', dieAt = '0', turns = '0'] = process.argv.slice(2);
const { context } = openContext(home);
const dieAfter = (left: number): void => {
  if (left === 0) process.kill(process.pid, 'SIGKILL');
  else setImmediate(() => dieAfter(left - 1));
};
let count = 0;
process.stdout.write('started\n');
await applyRetention(context, testJob(), {
  profileId: null,
  at(step) {
    count += 1;
    process.stdout.write(`${step}\n`);
    if (count === Number(dieAt)) dieAfter(Number(turns));
  },
});
process.stdout.write('ended\n');
