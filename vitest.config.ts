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
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 20_000,
    // A condition that a test waits on is seldom slow because of the test.
    slowTestThreshold: 5_000,
  },
});
