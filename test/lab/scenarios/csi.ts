import { nodeOf } from '../site/world.ts';
import {
  cascade,
  controllersOnMaster,
  cutOff,
  encrypt,
  ended,
  fallIll,
  forgetDriver,
  iscsiRefused,
  killed,
  NFS,
  nfsKilled,
  noRoute,
  onlyNow,
  onNode,
  podsOf,
  refusePods,
  setLimits,
  tokenRefusedAtStart,
  useIscsi,
  withoutDriver,
} from './csi-changes.ts';
import type { Scenario } from './scenario.ts';

const row = (name: string, says: string, prepare: Scenario['prepare']): Scenario => ({ name, says, prepare });

const proxyKilled = killed({ workload: 'democratic-csi-iscsi-node', container: 'csi-proxy', says: [] });

/** What goes wrong with CSI drivers. */
export const csiScenarios: readonly Scenario[] = [
  row(
    'csi-network-down',
    'After a restart of k8s-node1 its network plug-in is not up, and the block driver cannot reach the API.',
    (world) => cutOff(world, 'k8s-node1'),
  ),
  row(
    'csi-driver-stalled',
    'The network of k8s-node1 and k8s-node2 is up again, and the block driver there still waits to be started again.',
    (world) => fallIll(world, noRoute(onlyNow(world, 'proxmox-csi-plugin-node', 'k8s-node1', 'k8s-node2'))),
  ),
  row(
    'csi-cascade',
    'Containers that nobody knows hold the ports of the NFS driver on all workers, and those of both its controllers.',
    cascade,
  ),
  row(
    'csi-port-forgotten',
    'Containers of a pod that the API forgot hold the ports of the NFS driver on the control plane.',
    (world) => forgetDriver(world, 'k8s-master'),
  ),
  row(
    'csi-chart-drift',
    'An upgrade of the chart put both controllers of the NFS driver on the control plane; its rollback left containers behind.',
    (world) => {
      controllersOnMaster(world);
      forgetDriver(world, 'k8s-master');
    },
  ),
  row('csi-port-of-host', 'A program of k8s-node3 itself has the port of the NFS driver.', (world) => {
    nodeOf(world, 'k8s-node3').listeners.push({ port: 29_653, pid: 3391, program: 'haproxy' });
    for (const pod of podsOf(world, 'csi-nfs-node', 'k8s-node3')) world.cluster.report(pod, 'crashing');
    withoutDriver(world, 'k8s-node3', NFS);
  }),
  row('csi-driver-starting', 'The pod of the NFS driver on k8s-node2 is just being started.', (world) => {
    for (const pod of podsOf(world, 'csi-nfs-node', 'k8s-node2')) world.cluster.report(pod, 'starting');
    withoutDriver(world, 'k8s-node2', NFS);
  }),
  row('csi-container-ending', 'A new version of the block driver ends at its start on k8s-node4.', (world) => {
    fallIll(
      world,
      ended(
        {
          workload: 'proxmox-csi-plugin-node',
          container: 'csi-node-driver-registrar',
          says: ['unknown flag: --enable-foo', 'Usage of /csi-node-driver-registrar:'],
          has: onNode(world, 'k8s-node4'),
        },
        2,
      ),
    );
  }),
  row('csi-limit-low', 'The NFS driver of two nodes is killed for memory at the limit of its chart.', (world) =>
    fallIll(world, nfsKilled(world)),
  ),
  row('csi-limit-low-lately', 'The NFS driver of a node was killed for memory an hour ago, and runs again.', (world) =>
    fallIll(world, { ...nfsKilled(world), onceMs: world.time.nowMs - 3_600_000 }),
  ),
  row('csi-killed-long-ago', 'The NFS driver of a node was killed for memory nine days ago, and runs since.', (world) =>
    fallIll(world, { ...nfsKilled(world), onceMs: world.time.nowMs - 9 * 86_400_000 }),
  ),
  row(
    'csi-limit-ignored',
    'The key of the limit of a probe is nested where the chart does not read it: 256Mi of the namespace is in force.',
    (world) => setLimits(world, 'proxmox-csi-plugin-node', { 'liveness-probe': undefined }, { replace: true }),
  ),
  row(
    'csi-proxy-ignored',
    'A pod still uses iSCSI, and csi-proxy is killed at 256Mi because its key is nested wrongly.',
    (world) => {
      useIscsi(world);
      setLimits(world, 'democratic-csi-iscsi-node', { 'csi-proxy': undefined }, { replace: true });
      fallIll(world, proxyKilled);
    },
  ),
  row('csi-limit-differs', 'The template of the block driver has a higher limit, and its pods are older than that.', (world) =>
    setLimits(world, 'proxmox-csi-plugin-node', { 'proxmox-csi-plugin-node': '128Mi' }, { replace: false }),
  ),
  row('csi-limits-of-nobody', 'A chart sets no limit at all, as its namespace gives one: nothing is wrong.', (world) =>
    setLimits(
      world,
      'proxmox-csi-plugin-controller',
      Object.fromEntries(
        ['csi-attacher', 'csi-provisioner', 'csi-resizer', 'liveness-probe', 'proxmox-csi-plugin-controller'].map((name) => [
          name,
          undefined,
        ]),
      ),
      { replace: true },
    ),
  ),
  row('csi-unlocking-killed', 'The block driver is killed at 64Mi while it unlocks an encrypted volume.', (world) => {
    encrypt(world);
    fallIll(
      world,
      killed({
        workload: 'proxmox-csi-plugin-node',
        container: 'proxmox-csi-plugin-node',
        says: ['NodeStageVolume: opening encrypted device'],
        has: onNode(world, 'k8s-node3'),
      }),
    );
  }),
  row(
    'csi-pods-refused',
    'A LimitRange refuses the pods of the block driver; the one of k8s-node4 is gone since its node restarted.',
    refusePods,
  ),
  row(
    'csi-controllers-together',
    'Both controllers of the NFS driver are on the control plane since an upgrade of the chart.',
    controllersOnMaster,
  ),
  row('csi-controller-down', 'Both controllers of the NFS driver end at their start; the pods of the nodes are well.', (world) =>
    fallIll(
      world,
      ended(
        { workload: 'csi-nfs-controller', container: 'csi-provisioner', says: ['F0403 error: unknown feature gate: Foo'] },
        255,
      ),
    ),
  ),
  row('csi-token-forbidden', 'The role of the block driver lost a permission.', ({ hypervisor }) => {
    hypervisor.driverToken = 'forbidden';
  }),
  row(
    'csi-token-refused-long-ago',
    'The token of the block driver was refused yesterday, and a person put that right.',
    (world) => {
      world.hypervisor.driverToken = 'forbidden';
      world.cluster.refusedMs = world.time.nowMs - 86_400_000;
    },
  ),
  row('csi-token-invalid', 'The token of the block driver was replaced in Proxmox.', ({ hypervisor }) => {
    hypervisor.driverToken = 'invalid';
  }),
  row(
    'csi-token-at-start',
    'The token of the block driver was taken away, and its controllers end at their start for it.',
    tokenRefusedAtStart,
  ),
  row('csi-unused-down', 'The controllers of the decommissioned iSCSI driver are down.', (world) =>
    fallIll(world, iscsiRefused()),
  ),
  row('csi-used-down', 'The controllers of the iSCSI driver are down, and a pod still uses it.', (world) => {
    useIscsi(world);
    fallIll(world, iscsiRefused());
  }),
  row('csi-blind-log', 'The logs of pods cannot be read, while the block driver cannot start on k8s-node1.', (world) => {
    cutOff(world, 'k8s-node1');
    world.api.forbidden.add('pods/log');
  }),
];
