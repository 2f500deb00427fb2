import type { KubeObject } from '../kubernetes/store.ts';
import { silence } from '../scenarios/changes.ts';
import { fire, resolve } from './alerts.ts';
import { NAS_VMID } from './hypervisor.ts';
import { addVolume, addWorkload } from './populate.ts';
import { power, turnOff } from './power.ts';
import type { World } from './world.ts';

const APPS = 14;
const PODS_OF_AN_APP = 3;

/** More workloads on volumes of the NAS: 42 pods on all nodes but the first. */
export function addApps(world: World): void {
  const nodes = [...world.nodes.keys()].slice(1);
  for (let index = 0; index < APPS; index += 1) {
    const name = `app-${`${index + 1}`.padStart(2, '0')}`;
    addVolume(world, { namespace: name, name: `${name}-data`, path: `/mnt/main/${name}` });
    const its = Array.from({ length: PODS_OF_AN_APP }, (_, pod) => nodes[(index + pod) % nodes.length] ?? '');
    addWorkload(world, { namespace: name, kind: 'Deployment', name, nodes: its, claims: [`${name}-data`] });
  }
}

/** The pods of these workloads. */
export function podsOfApps({ cluster }: World): readonly KubeObject[] {
  return Array.from({ length: APPS }, (_, index) => `app-${`${index + 1}`.padStart(2, '0')}`).flatMap((name) =>
    cluster.podsOf(cluster.workload(name, name)),
  );
}

/** Its machine ends by itself: clients wait, and pods that need it are not ready. */
export function nasGoesDown(world: World): void {
  const vm = world.hypervisor.vms.get(NAS_VMID);
  if (vm === undefined) throw new Error('The lab has no machine of the NAS');
  turnOff(world, vm);
  for (const node of world.nodes.values()) silence(world, node);
  for (const pod of podsOfApps(world)) world.cluster.report(pod, 'not-ready');
}

/** Its machine is started, and a minute passes. */
export function nasComesBack(world: World): void {
  const vm = world.hypervisor.vms.get(NAS_VMID);
  if (vm === undefined) throw new Error('The lab has no machine of the NAS');
  power(world, vm, { action: 'start', user: 'root@pam' });
  world.time.advance(60_000);
  for (const pod of podsOfApps(world)) world.cluster.report(pod, 'ready');
}

/** What the site's rules say of that: nine names. */
export function fireForNas(world: World): void {
  const critical = { severity: 'critical' };
  const warning = { severity: 'warning' };
  fire(world, { alertname: 'NFSServerUnresponsive', ...critical }, 'NFS server is unresponsive');
  fire(world, { alertname: 'PodsStuckContainerCreating', node: 'k8s-master', ...warning }, 'Pods are stuck in ContainerCreating');
  for (const { name, address } of world.nodes.values()) {
    const instance = `${address}:9100`;
    fire(world, { alertname: 'NodeHighIOWait', instance, ...warning }, `High IO wait on ${instance}`);
    fire(world, { alertname: 'NFSHighRPCRetransmissions', instance, ...warning }, `RPC retransmissions on ${instance}`);
    fire(world, { alertname: 'NFSMountFailures', instance, node: name, ...warning }, `Mounts fail on ${instance}`);
  }
  podsOfApps(world).forEach(({ metadata: { namespace = '', name } }, index) => {
    const [alertname = ''] = ['KubePodNotReady', 'PodCrashLooping', 'ScrapeTargetDown'].slice(index % 3);
    fire(world, { alertname, namespace, pod: name, ...warning }, `${name} does not work`);
  });
  for (const namespace of new Set(podsOfApps(world).map(({ metadata }) => metadata.namespace ?? '')))
    fire(
      world,
      { alertname: 'DeploymentReplicasMismatch', namespace, deployment: namespace, ...warning },
      'Replicas are missing',
    );
}

/** All but the alert that always fires. */
export function resolveAll(world: World): void {
  const names = new Set(world.alerting.alerts.map(({ labels }) => labels['alertname'] ?? ''));
  for (const alertname of names) if (alertname !== 'Watchdog') resolve(world, { alertname });
}
