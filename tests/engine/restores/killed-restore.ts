// A program of its own for tests that kill a restore: does one, and dies at the moment that it is told.
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { atEachStatement, atStatement } from '../../support/at-statement.ts';
import { makeEngine } from '../../support/engine.ts';
import type { Killed } from './kill-restore.ts';

const { home, dump, request, at } = JSON.parse(process.argv[2] ?? '') as Killed;
const { client, ended } = await makeEngine({ home });
const source = dump === undefined ? request.source : { kind: 'file', id: (await client.dumps.open({ path: dump })).id };
const order = restoreRequest.parse({ ...request, source });
const die = (): void => void process.kill(process.pid, 'SIGKILL');
if (typeof at === 'number') atEachStatement((number) => number === at && die());
else if (at !== null) atStatement(at, die);
let sent = 0;
if (at === null) atEachStatement((number) => (sent = number));
const { jobId } = await client.restores.start({ ...order, confirm: order.database ?? '' });
process.stdout.write('started\n');
await ended(jobId);
process.stdout.write(`ended after ${sent}\n`);
process.exit(0);
