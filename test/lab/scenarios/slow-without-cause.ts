import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-without-cause',
  says: 'The NFS server answers slowly, and nothing that can be seen tells why.',
  prepare: ({ load }) => {
    load.serverDelayMs = 70;
  },
};
