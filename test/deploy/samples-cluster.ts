import { autoscalers } from '../../src/commands/autoscalers.ts';
import * as cluster from '../../src/commands/cluster.ts';
import * as clusterChanges from '../../src/commands/cluster-changes.ts';
import * as clusterJobs from '../../src/commands/cluster-jobs.ts';
import * as nodeState from '../../src/commands/node-state.ts';
import * as workJob from '../../src/commands/work-job.ts';
import * as workloadVolumes from '../../src/commands/workload-volumes.ts';
import { commandsOf, type Samples, work } from './sample-arguments.ts';

const userKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
const ownVolume = 'immich-library-storagebot-ssd';
const pod = { namespace: 'immich', name: 'immich-server-0', uid: '0d6f7f0a-3c1e-4f0e-9a54-1f6c7f9f0001' };

/** Of the cluster's objects, whatever host there is. */
export const ofCluster: Samples = {
  'cluster.ts': {
    nodes: [cluster.nodes()],
    pods: [cluster.pods()],
    persistentVolumes: [cluster.persistentVolumes()],
    persistentVolumeClaims: [cluster.persistentVolumeClaims()],
    csiNodes: [cluster.csiNodes()],
    storageClasses: [cluster.storageClasses()],
    deployments: [cluster.deployments()],
    statefulSets: [cluster.statefulSets()],
    daemonSets: [cluster.daemonSets()],
    cronJobs: [cluster.cronJobs()],
    events: [cluster.events()],
    eventsOf: [cluster.eventsOf('immich')],
    podsOfNamespace: [cluster.podsOfNamespace('immich')],
    nodeNamed: [cluster.nodeNamed('k8s-node2')],
  },
  'node-state.ts': {
    nodeStates: [nodeState.nodeStates()],
    setTaints: [nodeState.setTaints('k8s-node2', [nodeState.OUT_OF_SERVICE]), nodeState.setTaints('k8s-node2', [])],
  },
  'cluster-changes.ts': {
    deletePod: [clusterChanges.deletePod(pod), clusterChanges.deletePod(pod, 'high')],
    setMountOptions: [
      clusterChanges.setMountOptions('immich-library', ['soft', 'timeo=30']),
      clusterChanges.setMountOptions('immich-library', []),
    ],
    evictPod: [clusterChanges.evictPod(pod)],
    setCordon: [clusterChanges.setCordon('k8s-node2', true), clusterChanges.setCordon('k8s-node2', false)],
  },
  'autoscalers.ts': { autoscalers: [autoscalers()] },
  'cluster-jobs.ts': {
    jobs: [clusterJobs.jobs()],
    jobNamed: [clusterJobs.jobNamed('immich', 'library-import')],
    schedules: [clusterJobs.schedules()],
    suspendCronJob: [true, false].map((suspend) => clusterJobs.suspendCronJob({ namespace: 'dbaas', name: 'dump' }, suspend)),
    suspendJob: [true, false].map((suspend) => clusterJobs.suspendJob({ namespace: 'immich', name: 'library-import' }, suspend)),
  },
  'workload-volumes.ts': {
    usersOfKind: userKinds.map(workloadVolumes.usersOfKind),
    wholeVolumes: [workloadVolumes.wholeVolumes()],
    setUser: (['Deployment', 'StatefulSet', 'CronJob'] as const).flatMap((kind) => [
      workloadVolumes.setUser(
        { kind, namespace: 'immich', name: 'server' },
        { runs: 0, ranBefore: 2, stoppedFor: 'database dbaas/pg-cluster/immich' },
      ),
      workloadVolumes.setUser({ kind, namespace: 'immich', name: 'server' }, { runs: 2, volumes: [{ name: 'library' }] }),
    ]),
    createVolume: [workloadVolumes.createVolume(ownVolume, { capacity: { storage: '10Gi' } })],
    createClaim: [workloadVolumes.createClaim('immich', ownVolume, { volumeName: ownVolume })],
    deleteVolume: [workloadVolumes.deleteVolume(ownVolume)],
    deleteClaim: [workloadVolumes.deleteClaim('immich', ownVolume)],
  },
  'work-job.ts': {
    jobWork: commandsOf(workJob.jobWork({ ...work, namespace: 'immich', pod: { containers: [] } })),
    runOfCronJob: commandsOf(
      workJob.runOfCronJob({ ...work, namespace: 'dbaas', cronJob: 'postgresql-backup', template: { template: { spec: {} } } }),
    ),
  },
};
