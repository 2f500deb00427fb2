import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-threads-busy',
  says: 'All threads of the NFS server compute, and calls wait for one.',
  prepare: ({ load }) => {
    load.busyThreads = 64;
    load.serverDelayMs = 90;
  },
};
