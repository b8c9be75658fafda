// A program of its own for rows-crash.test.ts: starts one merge and waits for its end, which may not come.
import { restoreRequest } from '../../../shared/contract/restores.ts';
import { makeEngine } from '../../support/engine.ts';

const [home = '', profileId = '', backupId = '', database = ''] = process.argv.slice(2);
const { client, ended } = await makeEngine({ home });
const request = restoreRequest.parse({ source: { kind: 'backup', id: backupId }, profileId, database, strategy: 'merge' });
const { jobId } = await client.restores.start({ ...request, confirm: database });
process.stdout.write('started\n');
await ended(jobId);
process.stdout.write('ended\n');
process.exit(0);
