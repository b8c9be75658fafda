import { defineConfig } from 'vitest/config';
import { workers } from './tests/support/global-setup.ts';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'],
    globalSetup: ['tests/support/global-setup.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: workers,
    setupFiles: ['tests/support/worker-setup.ts'],
    // Limits that a slow machine keeps; what a page test waits for has a minute each (tests/e2e/session.ts).
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    teardownTimeout: 20_000,
    // A condition that a test waits on is seldom slow because of the test.
    slowTestThreshold: 5_000,
  },
});
