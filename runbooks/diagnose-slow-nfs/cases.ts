/** Quick, also where something that slows others goes on. */
const WELL = [
  { scenario: 'all-well' },
  { scenario: 'all-well', name: 'all-well-on-debian', nas: 'debian', words: ['immich'] },
  { scenario: 'all-well', name: 'all-well-on-scale', nas: 'scale' },
  { scenario: 'cache-swept-without-harm' },
  { scenario: 'loss-without-harm' },
  { scenario: 'scrub-without-harm' },
] as const;

/** Not everything could be seen, or what was seen proves no cause. */
const BLIND = [
  { scenario: 'blind-kubernetes' },
  { scenario: 'blind-nas-ssh' },
  { scenario: 'blind-node-ssh' },
  { scenario: 'client-wedged' },
  { scenario: 'nfsd-stopped' },
  { scenario: 'own-server-waited-for' },
  { scenario: 'slow-without-cause' },
] as const;

/** A cause that people remove. */
const ADVISED = [
  { scenario: 'ghost-client', findings: ['foreign-mount pve'] },
  { scenario: 'ghost-client-on-node', findings: ['foreign-mount k8s-node4'] },
  { scenario: 'machine-silent-on-busy-disk', findings: ['disk-saturated sdc of pve'] },
  { scenario: 'machine-stalled', findings: ['machine-stalled 102 devvm'] },
  { scenario: 'slow-cache-swept', findings: ['cache-swept truenas'] },
  { scenario: 'slow-client-queueing', findings: ['client-queueing k8s-node2'] },
  { scenario: 'slow-dataset-hot', findings: ['dataset-hot main/frigate'] },
  { scenario: 'slow-dataset-hot-no-room', findings: ['workload-floods frigate/frigate'] },
  { scenario: 'slow-disk-saturated', findings: ['disk-saturated sdc of pve'] },
  { scenario: 'slow-loss-everywhere', findings: ['network-loss 10.0.10.15'] },
  { scenario: 'slow-loss-on-one-node', findings: ['network-loss k8s-node3'] },
  { scenario: 'slow-machine-floods', findings: ['machine-floods 102 devvm'] },
  { scenario: 'slow-node', findings: ['node-slow k8s-node1'] },
  { scenario: 'slow-operator-job-floods', findings: ['job-floods dbaas/pg-cluster-3-join'] },
  { scenario: 'slow-pool-fragmented', findings: ['pool-fragmented main'] },
  { scenario: 'slow-pool-nearly-full', findings: ['pool-nearly-full main'] },
  { scenario: 'slow-resilver-running', findings: ['resilver-running main'] },
  { scenario: 'slow-threads-busy', findings: ['threads-busy truenas'] },
  { scenario: 'slow-working-set', findings: ['working-set-too-large truenas'] },
  { scenario: 'slow-workload-floods', findings: ['workload-floods immich/immich-server'] },
] as const;

/** A cause that a plan removes. */
const REPAIRED = [
  {
    scenario: 'slow-backup-floods',
    findings: ['job-floods dbaas/postgresql-backup-29586240'],
    changes: [
      `cluster$ kubectl patch jobs.batch/postgresql-backup-29586240 --namespace=dbaas --type=merge '--patch={"spec":{"suspend":true}}' --output=json`,
      `cluster$ kubectl patch cronjobs.batch/postgresql-backup --namespace=dbaas --type=merge '--patch={"spec":{"suspend":true}}' --output=json`,
    ],
  },
  {
    scenario: 'slow-backup-floods-alone',
    findings: ['job-floods dbaas/postgresql-backup-29586240'],
    changes: [
      `cluster$ kubectl patch jobs.batch/postgresql-backup-29586240 --namespace=dbaas --type=merge '--patch={"spec":{"suspend":true}}' --output=json`,
    ],
  },
  {
    scenario: 'slow-job-floods',
    words: ['immich'],
    findings: ['job-floods immich/library-import'],
    changes: [
      `cluster$ kubectl patch jobs.batch/library-import --namespace=immich --type=merge '--patch={"spec":{"suspend":true}}' --output=json`,
    ],
  },
  {
    scenario: 'slow-job-floods',
    name: 'slow-job-floods-on-debian',
    nas: 'debian',
    findings: ['job-floods immich/library-import'],
    changes: [
      `cluster$ kubectl patch jobs.batch/library-import --namespace=immich --type=merge '--patch={"spec":{"suspend":true}}' --output=json`,
    ],
  },
  {
    scenario: 'slow-scrub-running',
    findings: ['scrub-running main'],
    changes: ['truenas$ zpool scrub -p main'],
  },
  {
    scenario: 'slow-scrub-running',
    name: 'slow-scrub-running-on-scale',
    nas: 'scale',
    findings: ['scrub-running main'],
    changes: ['truenas$ zpool scrub -p main'],
  },
  {
    scenario: 'slow-workload-floods',
    name: 'slow-workload-floods-on-scale',
    nas: 'scale',
    findings: ['workload-floods immich/immich-server', 'server-drowning truenas'],
    changes: ['truenas$ rpc.nfsd 8'],
  },
] as const;

/** What each recorded situation must lead to: cause and exact commands. Scenarios are those of the simulated site. */
export const cases = [
  ...WELL.map((each) => ({ words: [], ...each, verdict: 'well', findings: [], changes: [] }) as const),
  ...BLIND.map((each) => ({ words: [], ...each, verdict: 'blind', findings: [], changes: [] }) as const),
  ...ADVISED.map((each) => ({ words: [], ...each, verdict: 'ill', changes: [] }) as const),
  ...REPAIRED.map((each) => ({ words: [], ...each, verdict: 'ill' }) as const),
];
