import { startJob } from '../site/jobs.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  name: 'slow-operator-job-floods',
  says: 'A Job that the operator of a database made floods the disk under the NAS.',
  prepare: (world) => {
    startJob(world, {
      namespace: 'dbaas',
      name: 'pg-cluster-3-join',
      node: 'k8s-node3',
      claims: ['dbaas-postgresql-backup'],
      flow: { readKBPerS: 21_000, writeKBPerS: 74_000 },
      owner: { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'pg-cluster' },
    });
  },
};
