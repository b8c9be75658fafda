// Before each test file: its worker's own server, so that what a test finds left behind there was left by its own file.
// After it: its folders go, since a worker may run many files.
import { afterAll } from 'vitest';
import { removeTemporaryDirectories } from './home.ts';

const servers = JSON.parse(process.env['HOWDAH_TEST_SERVERS'] ?? '[]') as Record<string, string>[];
const worker = Number(process.env['VITEST_POOL_ID'] ?? 1);
Object.assign(process.env, servers[(worker - 1) % Math.max(1, servers.length)]);

afterAll(removeTemporaryDirectories);
