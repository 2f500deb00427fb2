import { startJob } from '../site/jobs.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-backup-floods',
  says: 'A nightly dump of all databases floods the disk under the NAS.',
  prepare: (world) => {
    startJob(world, {
      namespace: 'dbaas',
      name: 'postgresql-backup-29586240',
      node: 'k8s-node3',
      claims: ['dbaas-postgresql-backup'],
      flow: { readKBPerS: 21_000, writeKBPerS: 74_000 },
      owner: { apiVersion: 'batch/v1', kind: 'CronJob', name: 'postgresql-backup' },
    });
  },
};
