import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { root } from './tree.ts';

/** Each file gets a process of its own, and what these compile of the same modules is kept for the next. */
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules/.cache/node');

/** Nothing of one file can reach the next, so that files of these folders share processes. */
const PURE = [
  'src/{approval,commands,config,core,redaction,repairs,slack,store,text,topology}/**/*.test.ts',
  '{handlers,runbooks,test/deploy,test/lab/site,test/near-misses}/**/*.test.ts',
];

/** Some tests wait for processes and deadlines. At full depth they may have their processors to themselves. */
const SPARE = process.env['STORAGEBOT_TEST_DEPTH'] === 'full' ? 0 : 2;

export default defineConfig({
  root,
  test: {
    pool: 'forks',
    maxWorkers: Math.min(4, availableParallelism() + SPARE),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    setupFiles: [join(root, 'test/usual-depth.ts')],
    // Node strips types by itself: nothing is compiled for the tests.
    experimental: { viteModuleRunner: false },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    unstubEnvs: true,
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['src/**/*.test.ts', 'handlers/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...PURE, '**/node_modules/**'],
        },
      },
    ],
  },
});
