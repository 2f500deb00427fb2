import { addMysql, crash, MYSQL_PODS, memberOf, patchStatus, recover } from '../site/databases/mysql.ts';
import { uidOf } from '../site/ids.ts';
import { kind } from '../site/volumes.ts';
import { nodeOf, type World } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

const PODS = kind('v1', 'pods');
const ZOMBIE = 'mysql-7c9d8f6b5-zx4kq';
const DBAAS = { resource: PODS, namespace: 'dbaas' };

function scenario(name: string, says: string, change: (world: World) => void): Scenario {
  return {
    name: `mysql-${name}`,
    says,
    prepare: (world) => {
      addMysql(world);
      change(world);
    },
  };
}

/** As after the loss of two nodes at once, with exit_state_action=OFFLINE_MODE. */
function loseQuorum(world: World): void {
  for (const pod of MYSQL_PODS)
    Object.assign(memberOf(world, pod), {
      state: 'OFFLINE',
      role: '',
      readOnly: true,
      offline: true,
      sees: { '': { state: 'OFFLINE', role: '' } },
    });
}

const LOCK_LINES = [
  '2026-04-03T08:58:11.207310Z 1 [System] [MY-013576] [InnoDB] InnoDB initialization has started.',
  '2026-04-03T08:58:11.214402Z 1 [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11',
  '2026-04-03T08:58:11.214431Z 1 [Note] [MY-012575] [InnoDB] Check that you do not already have another mysqld process using the same InnoDB data or log files.',
  '2026-04-03T08:59:52.118840Z 1 [ERROR] [MY-012592] [InnoDB] Operating system error number 11 in a file operation.',
  "2026-04-03T08:59:52.118866Z 1 [ERROR] [MY-012596] [InnoDB] Error number 11 means 'Resource temporarily unavailable'",
  "2026-04-03T08:59:52.118902Z 1 [ERROR] [MY-012215] [InnoDB] Cannot open datafile './ibdata1'",
  '2026-04-03T08:59:52.119041Z 1 [ERROR] [MY-012930] [InnoDB] Plugin initialization aborted with error Cannot open a file.',
  '2026-04-03T08:59:52.620512Z 0 [ERROR] [MY-010119] [Server] Aborting',
];

/** The pod of the claim on another node, of which kubelet lost sight. */
function leaveZombie(world: World): void {
  const { store } = world;
  const own = store.get({ ...DBAAS, name: 'mysql-cluster-2' });
  const terminated = {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    startedAt: null,
    finishedAt: null,
  };
  store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: ZOMBIE,
      namespace: 'dbaas',
      uid: uidOf('pod/mysql-zombie'),
      labels: { app: 'mysql' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'mysql-7c9d8f6b5', uid: uidOf('rs/mysql'), controller: true },
      ],
    },
    spec: { ...Object(own?.['spec']), nodeName: 'k8s-node2' },
    status: {
      phase: 'Failed',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [{ name: 'mysql', ready: false, restartCount: 0, state: { terminated } }],
    },
  });
  world.time.every(1_000, () => endZombie(world));
}

/** kubelet lets a dead pod go once it is deleted, and with it the lock. */
function endZombie(world: World): void {
  const zombie = world.store.find({ ...DBAAS, name: ZOMBIE });
  if (zombie !== undefined && zombie.metadata.deletionTimestamp === undefined) return;
  if (zombie !== undefined) world.cluster.forget(zombie);
  if (memberOf(world, 'mysql-cluster-2').stopped) recover(world, 'mysql-cluster-2');
}

function unscheduled(world: World): void {
  Object.assign(memberOf(world, 'mysql-cluster-1'), { state: 'UNREACHABLE', role: 'SECONDARY', stopped: true });
  world.store.patch({ ...DBAAS, name: 'mysql-cluster-1' }, { spec: { nodeName: null } });
  patchStatus(world, 'mysql-cluster-1', {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False' }],
    containerStatuses: [],
  });
}

export const mysqlScenarios: readonly Scenario[] = [
  scenario('well', 'MySQL has three members that work, and one of them is the primary.', () => {}),
  scenario('quorum-lost', 'Two nodes failed at once, and all servers of MySQL went to offline mode.', loseQuorum),
  scenario('quorum-lost-one-silent', 'MySQL has lost its majority, and one of its servers cannot be asked.', (world) => {
    loseQuorum(world);
    memberOf(world, 'mysql-cluster-2').stopped = true;
  }),
  scenario('two-primaries', 'Two servers of MySQL are each the primary of a group of their own.', (world) => {
    Object.assign(memberOf(world, 'mysql-cluster-1'), {
      role: 'PRIMARY',
      readOnly: false,
      sees: { 'mysql-cluster-1': { state: 'ONLINE', role: 'PRIMARY' } },
    });
    memberOf(world, 'mysql-cluster-0').sees = {
      'mysql-cluster-0': { state: 'ONLINE', role: 'PRIMARY' },
      'mysql-cluster-2': { state: 'ONLINE', role: 'SECONDARY' },
    };
  }),
  scenario('primary-read-only', 'Somebody left super_read_only on at the primary.', (world) => {
    memberOf(world, 'mysql-cluster-0').readOnly = true;
  }),
  scenario('recovering', 'A member of MySQL copies what it missed.', (world) => {
    memberOf(world, 'mysql-cluster-1').state = 'RECOVERING';
  }),
  scenario('member-error', 'A member of MySQL could not apply what the group wrote, and another is in no group.', (world) => {
    Object.assign(memberOf(world, 'mysql-cluster-1'), { state: 'ERROR' });
    memberOf(world, 'mysql-cluster-0').sees = {
      'mysql-cluster-0': { state: 'ONLINE', role: 'PRIMARY' },
      'mysql-cluster-1': { state: 'ERROR', role: 'SECONDARY' },
      'mysql-cluster-2': { state: 'ONLINE', role: 'SECONDARY' },
    };
  }),
  scenario('no-label', 'No pod has the label of the primary, and the service has no endpoint.', (world) => {
    world.store.patch({ ...DBAAS, name: 'mysql-cluster-0' }, { metadata: { labels: { 'mysql.oracle.com/cluster-role': null } } });
  }),
  scenario(
    'locked',
    'A server of MySQL cannot lock its data file, and a dead pod of the claim was left on another node.',
    (world) => {
      crash(world, 'mysql-cluster-2', LOCK_LINES);
      leaveZombie(world);
    },
  ),
  scenario(
    'lock-retried',
    'A server of MySQL runs and tries again and again to lock its data file, which a dead pod of the claim has had.',
    (world) => {
      memberOf(world, 'mysql-cluster-2').stopped = true;
      world.cluster.says.set('mysql-cluster-2/mysql', LOCK_LINES.slice(0, 3));
      leaveZombie(world);
    },
  ),
  scenario(
    'locked-alive',
    'A server of MySQL cannot lock its data file, and the old one still runs on another node.',
    (world) => {
      crash(world, 'mysql-cluster-2', LOCK_LINES);
      leaveZombie(world);
      const node = nodeOf(world, 'k8s-node2');
      node.processes.push({ state: 'S', pid: 30_412, beganMs: node.bootedMs, waitsIn: 'do_sys_poll', program: 'mysqld' });
    },
  ),
  scenario(
    'locked-attached',
    'A server of MySQL cannot lock its data file, and the volume is still attached where its dead pod was left.',
    (world) => {
      crash(world, 'mysql-cluster-2', LOCK_LINES);
      leaveZombie(world);
      const [claim] = world.store
        .list({ resource: kind('v1', 'persistentvolumeclaims'), namespace: 'dbaas' })
        .filter(({ metadata }) => metadata.name === 'datadir-mysql-cluster-2');
      const persistentVolumeName = Object(claim?.['spec']).volumeName;
      world.store.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: 'csi-0f1e2d3c', uid: uidOf('attachment/zombie'), creationTimestamp: '2026-04-02T08:00:00Z' },
        spec: { attacher: 'csi.proxmox.sinextra.dev', nodeName: 'k8s-node2', source: { persistentVolumeName } },
        status: { attached: true },
      });
    },
  ),
  scenario('no-node', 'A pod of MySQL finds no node, since each needs one of its own.', unscheduled),
  scenario('not-attached', 'A pod of MySQL waits for its volume on a node that it came to.', (world) => {
    Object.assign(memberOf(world, 'mysql-cluster-1'), { state: 'UNREACHABLE', role: 'SECONDARY', stopped: true });
    patchStatus(world, 'mysql-cluster-1', {
      phase: 'Pending',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [{ name: 'mysql', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }],
    });
  }),
  scenario('crashing', 'A server of MySQL ends at its start.', (world) => {
    crash(world, 'mysql-cluster-1', [
      "2026-04-03T08:58:11.207310Z 0 [ERROR] [MY-000067] [Server] unknown variable 'bind-adress=::'.",
    ]);
  }),
  scenario('no-space', 'The volume of a server of MySQL is full, and another one nearly.', (world) => {
    crash(world, 'mysql-cluster-1', [
      "2026-04-03T08:58:11.207310Z 0 [ERROR] [MY-012894] [InnoDB] Unable to open './#innodb_redo/#ib_redo582' (error: 1000): No space left on device",
    ]);
    memberOf(world, 'mysql-cluster-0').usedPercent = 97;
  }),
  scenario('connections', 'Nearly all connections of the primary are taken, and many of another server.', (world) => {
    memberOf(world, 'mysql-cluster-0').connections = 77;
    memberOf(world, 'mysql-cluster-1').connections = 52;
  }),
  scenario('no-operator', 'The operator of MySQL does not run.', (world) => {
    for (const { metadata } of world.store.list({ resource: PODS, namespace: 'mysql-operator' }))
      world.store.patch(
        { resource: PODS, namespace: 'mysql-operator', name: metadata.name },
        { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      );
  }),
  scenario('no-pods', 'The StatefulSet of MySQL has no pods.', (world) => {
    for (const pod of world.cluster.podsOf(world.cluster.workload('dbaas', 'mysql-cluster'))) world.cluster.forget(pod);
  }),
  scenario('silent', 'One server of MySQL cannot be asked.', (world) => {
    memberOf(world, 'mysql-cluster-1').stopped = true;
  }),
];
