// A program of its own for crash.test.ts: starts one restore and waits for its end, which may not come.
import { makeEngine } from '../../support/engine.ts';
import { restoreRequest } from '../../../shared/contract/restores.ts';

const [home = '', profileId = '', dump = '', database = ''] = process.argv.slice(2);
const { client, ended } = await makeEngine({ home });
const file = await client.dumps.open({ path: dump });
const request = restoreRequest.parse({ source: { kind: 'file', id: file.id }, profileId, database });
const { jobId } = await client.restores.start({ ...request, confirm: database });
process.stdout.write('started\n');
await ended(jobId);
process.stdout.write('ended\n');
process.exit(0);
