import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { root } from './tree.ts';

export default defineConfig({
  root,
  test: {
    include: ['src/**/*.test.ts', 'runbooks/**/*.test.ts', 'handlers/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: Math.min(4, availableParallelism()),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    unstubEnvs: true,
    restoreMocks: true,
  },
});
