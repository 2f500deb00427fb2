import { startJob } from '../site/jobs.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-job-floods',
  says: 'A Job that imports photographs reads and writes as fast as it can: the disk under the NAS is full, and all of NFS waits.',
  prepare: (world) => {
    startJob(world, {
      namespace: 'immich',
      name: 'library-import',
      node: 'k8s-node4',
      claims: ['immich-library'],
      flow: { readKBPerS: 21_000, writeKBPerS: 74_000 },
    });
  },
};
