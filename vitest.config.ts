import { defineConfig } from 'vitest/config';
import { workers } from './tests/support/global-setup.ts';
import { patience, testPatience } from './tests/support/patience.ts';
import { filesByProject, type ProjectName } from './tests/support/projects.ts';
import RunOrder from './tests/support/run-order.ts';

const files = filesByProject();

/** Files of a project share processes and loaded modules, unless they are isolated; see docs/testing.md. */
const project = (name: ProjectName, isolate: boolean) => ({
  extends: true as const,
  test: { name, isolate, include: files[name], globalSetup: name === 'pure' || name === 'alone' ? [] : ['tests/support/global-setup.ts'] },
});

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: workers,
    setupFiles: ['tests/support/worker-setup.ts'],
    sequence: { sequencer: RunOrder },
    testTimeout: testPatience,
    hookTimeout: testPatience,
    expect: { poll: { timeout: patience } },
    teardownTimeout: 20_000,
    // A condition that a test waits on is seldom slow because of the test.
    slowTestThreshold: 5_000,
    projects: [project('desktop', true), project('page', false), project('engine', false), project('alone', true), project('pure', false)],
  },
});
