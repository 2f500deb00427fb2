import type { Foundation } from '../core/foundation.ts';
import type { Engine } from '../topology/foundation-names.ts';
import { databaseServers, hypervisorOf } from '../topology/foundation-names.ts';
import type { AlertAt, KnownAlert, KnownAlerts } from './known-alert.ts';
import { nodeOf, words } from './known-alert.ts';
import { labelOf } from './labels.ts';
import { ALERTMANAGER_UNREACHABLE, WATCHDOG_SILENT } from './watchdog.ts';

function serverDown(engine: Engine): KnownAlert {
  const server = ({ site }: AlertAt): Foundation | undefined => databaseServers(site)[engine][0];
  return {
    kind: 'unavailable',
    names: (at) => [server(at)].filter((each) => each !== undefined),
    subject: server,
    run: (at) => (server(at) === undefined ? undefined : ['diagnose', engine]),
    caveat:
      'Where Alertmanager holds it back while the NAS is called unresponsive, its silence says nothing: its data may be on block volumes.',
  };
}

const POSTGRES = serverDown('postgres');

/** The volume of its pod, which may be what keeps it down. */
function blockOfPod({ alert, site }: AlertAt): readonly (readonly string[])[] {
  const [pod, server] = [labelOf(alert, 'pod'), site.databases?.postgres];
  return pod === undefined || server === undefined ? [] : [['diagnose', 'block', `${server.namespace}/${pod}`]];
}

const NODE: KnownAlert = {
  kind: 'unavailable',
  about: 'node',
  names: (at) => (nodeOf(at) ?? []).map((name) => ({ kind: 'node', name })),
  run: (at) => {
    const node = nodeOf(at);
    return node && ['diagnose', 'node', ...node];
  },
};

const WORKLOAD: KnownAlert = { kind: 'unavailable' };

function inNamespace(name: string): KnownAlert {
  return { kind: 'unavailable', subject: () => ({ kind: 'namespace', name }), run: words('triage', name) };
}

const ALERTING: KnownAlert = { kind: 'unavailable', names: () => [{ kind: 'alerting', name: 'alertmanager' }] };

const HEARTBEAT: KnownAlert = {
  kind: 'own',
  ignore: () => 'it always fires: only its silence says something',
};

export const CLUSTER_ALERTS: KnownAlerts = {
  NodeDown: NODE,
  KubeNodeNotReady: NODE,
  KubeNodeUnreachable: NODE,
  NodeMaintenanceInProgress: {
    kind: 'own',
    ignore: () => 'somebody works on a node: it says why others fire',
  },
  PowerOutage: { kind: 'unavailable', names: ({ site }) => hypervisorOf(site), subject: ({ site }) => hypervisorOf(site)[0] },
  PodsStuckContainerCreating: {
    kind: 'unavailable',
    standsOn: 'all',
    caveat: ({ alert }) =>
      labelOf(alert, 'node') === undefined || labelOf(alert, 'pod') !== undefined
        ? undefined
        : 'Its label `node` is the node of kube-state-metrics, and not that of the pods.',
  },
  PodStuckPending: WORKLOAD,
  PodUnschedulable: WORKLOAD,
  PodCrashLooping: WORKLOAD,
  KubePodCrashLooping: WORKLOAD,
  KubePodNotReady: WORKLOAD,
  KubeContainerWaiting: WORKLOAD,
  ContainerNearOOM: { kind: 'own' },
  StatefulSetReplicasMismatch: WORKLOAD,
  DeploymentReplicasMismatch: WORKLOAD,
  DaemonSetMissingPods: WORKLOAD,
  KubeStatefulSetReplicasMismatch: WORKLOAD,
  KubeDeploymentReplicasMismatch: WORKLOAD,
  KubeDaemonSetRolloutStuck: WORKLOAD,
  KubeletImagePullErrors: {
    kind: 'own',
    caveat: 'Where Alertmanager holds back that pods are stuck while it fires, their silence says nothing.',
  },
  ScrapeTargetDown: WORKLOAD,
  TargetDown: WORKLOAD,
  PostgreSQLDown: { ...POSTGRES, about: 'pod', next: blockOfPod },
  MySQLDown: serverDown('mysql'),
  RedisDown: serverDown('redis'),
  VaultRaftLeaderStuck: inNamespace('vault'),
  VaultHAStatusUnavailable: inNamespace('vault'),
  AuthentikDown: inNamespace('authentik'),
  TraefikDown: inNamespace('traefik'),
  AlertmanagerDown: ALERTING,
  [WATCHDOG_SILENT]: ALERTING,
  [ALERTMANAGER_UNREACHABLE]: ALERTING,
  Watchdog: HEARTBEAT,
  DeadMansSwitch: HEARTBEAT,
  InfoInhibitor: HEARTBEAT,
};
