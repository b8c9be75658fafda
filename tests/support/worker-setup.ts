// Gives this worker its own server, so that what a test finds left behind there was left by its own file.
const servers = JSON.parse(process.env['HOWDAH_TEST_SERVERS'] ?? '[]') as Record<string, string>[];
const worker = Number(process.env['VITEST_POOL_ID'] ?? 1);
Object.assign(process.env, servers[(worker - 1) % Math.max(1, servers.length)]);
