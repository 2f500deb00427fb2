import { describe, expect, test } from 'vitest';
import restartIscsi from '../../runbooks/restart-iscsi/index.ts';
import { addClaim, BOOKS, deleteClaim, NOVEL, use } from '../lab/scenarios/iscsi-changes.ts';
import { poolOf } from '../lab/scenarios/zfs-changes.ts';
import { NAS_ADDRESS } from '../lab/site/addresses.ts';
import type { World } from '../lab/site/index.ts';
import { DEFAULTS, daemonSays } from '../lab/site/iscsi.ts';
import { addWorkload } from '../lab/site/populate.ts';
import { blockName } from '../lab/site/populate-block.ts';
import { nodeOf } from '../lab/site/world.ts';
import { changesOf, codesOf, lookAt, VOLUMES, worldIn } from './world.ts';

const restart = (world: World, ...words: string[]) => lookAt(world, { runbook: restartIscsi, words });
const kindsOf = (look: Awaited<ReturnType<typeof restart>>) => codesOf(look).map((code) => code.split(' ')[0]);

describe('a restart where two could be meant', () => {
  const twoPaths = (world: World) => {
    const { node, session, target } = use(world, { ...BOOKS, settings: DEFAULTS });
    return { node, session, target };
  };

  test('knows two sessions at one portal as two', async () => {
    const world = worldIn();
    const { node, session, target } = twoPaths(world);
    node.iscsi.sessions.push({ ...session, sid: session.sid + 1 });
    const look = await restart(world, 'k8s-node2', target.iqn);
    expect(kindsOf(look)).toEqual(['several-sessions']);
    expect(changesOf(look)).toEqual([]);
  });

  test('takes two targets whose names end alike for two, and the whole name for one', async () => {
    const world = worldIn();
    const { node, session, target } = twoPaths(world);
    const twin = { ...session, sid: session.sid + 1, iqn: `iqn.2020-01.net.example.ctl:${target.name}`, disks: [] };
    node.iscsi.sessions.push(twin);
    expect(kindsOf(await restart(world, 'k8s-node2', target.name))).toEqual(['several-sessions']);
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['writers-run']);
  });

  test('does not take a session to another target for a second one', async () => {
    const world = worldIn();
    const { target } = twoPaths(world);
    use(world, NOVEL);
    expect(kindsOf(await restart(world, 'k8s-node2', target.name))).toEqual(['writers-run']);
  });
});

describe('a restart of what is used elsewhere', () => {
  /** Its session with the defaults is on the second node; what is made on the third one may use it. */
  const used = (world: World) => use(world, { ...BOOKS, settings: DEFAULTS });

  test('does not take a pod that has ended there for a user', async () => {
    const world = worldIn();
    const { target } = used(world);
    podOn(world, { node: 'k8s-node3', claim: BOOKS.claim[1], phase: 'Succeeded' });
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['writers-run']);
  });

  test.each(['Running', 'Pending', 'Unknown'])('takes a pod that is %s there for one', async (phase) => {
    const world = worldIn();
    const { target } = used(world);
    podOn(world, { node: 'k8s-node3', claim: BOOKS.claim[1], phase });
    const look = await restart(world, 'k8s-node2', target.iqn);
    expect(kindsOf(look)).toContain('used-elsewhere');
    expect(changesOf(look)).toEqual([]);
  });

  test('does not take a pod of a claim whose name begins alike for a user', async () => {
    const world = worldIn();
    const { target } = used(world);
    podOn(world, { node: 'k8s-node3', claim: `${BOOKS.claim[1]}-2`, phase: 'Running' });
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['writers-run']);
  });

  test('knows an initiator that is no node of the cluster by the list of the server', async () => {
    const world = worldIn();
    const { target } = used(world);
    const stranger = use(world, { ...NOVEL, node: 'k8s-node3', workload: undefined });
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['writers-run']);
    stranger.node.iscsi.sessions.splice(0, 1, { ...stranger.session, iqn: target.iqn });
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['several-nodes']);
  });
});

describe('a restart without a record', () => {
  test('is refused where the record of another target alone is there', async () => {
    const world = worldIn();
    const { node, target } = use(world, { ...BOOKS, settings: DEFAULTS });
    use(world, NOVEL);
    node.iscsi.records.delete(target.iqn);
    const look = await restart(world, 'k8s-node2', target.iqn);
    expect(kindsOf(look)).toEqual(['no-record']);
    expect(changesOf(look)).toEqual([]);
  });

  test('is none where another target has lost its record', async () => {
    const world = worldIn();
    const { node, target } = use(world, { ...BOOKS, settings: DEFAULTS });
    node.iscsi.records.delete(use(world, NOVEL).target.iqn);
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['writers-run']);
  });
});

describe('a restart on a full pool', () => {
  test('stops nobody, although record and session have the defaults', async () => {
    const world = worldIn('iscsi-defaults');
    poolOf(world).usedPercent = 100;
    const look = await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? '');
    expect(kindsOf(look)).toEqual(['pool-full']);
    expect(changesOf(look)).toEqual([]);
  });

  test('starts nobody where the driver has logged out', async () => {
    const world = worldIn('iscsi-driver-logged-out');
    poolOf(world).usedPercent = 100;
    const look = await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? '');
    expect(kindsOf(look)).toEqual(['pool-full']);
    expect(changesOf(look)).toEqual([]);
  });

  test('of another pool goes on', async () => {
    const world = worldIn('iscsi-defaults');
    for (const pool of world.nas.pools) if (pool.name !== 'main') pool.usedPercent = 100;
    expect(kindsOf(await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? ''))).toEqual(['writers-run']);
  });
});

describe('digests', () => {
  test('that the live session does not have are a reason to restart', async () => {
    const world = worldIn('iscsi-digests-declined');
    expect(kindsOf(await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? ''))).toEqual(['writers-run']);
  });

  test('that were agreed are none', async () => {
    const world = worldIn();
    const { target } = use(world, BOOKS);
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual([]);
  });

  test('that a new login did not bring do not keep the writers stopped; pings that it did not bring do', async () => {
    const world = worldIn('iscsi-renewed-without-digests');
    const iqn = world.nas.iscsi.targets[0]?.iqn ?? '';
    expect(kindsOf(await restart(world, 'k8s-node2', iqn))).toEqual(['to-start']);
    const { sessions } = nodeOf(world, 'k8s-node2').iscsi;
    const [session] = sessions;
    if (session !== undefined) sessions.splice(0, 1, { ...session, pings: { afterS: 5, timeoutS: 5 } });
    expect(kindsOf(await restart(world, 'k8s-node2', iqn))).toEqual(['writers-stopped']);
  });
});

test('a refusal that does not name its target is of this one where it alone is dead', async () => {
  const world = worldIn('iscsi-session-failed');
  const says = 'conn 0 login rejected: initiator failed authorization with target';
  daemonSays(nodeOf(world, 'k8s-node2'), world.time.nowMs, says);
  expect(kindsOf(await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? ''))).toEqual(['login-refused']);
});

test('a refusal that does not name its target is of another one where this session works', async () => {
  const world = worldIn('iscsi-defaults');
  const says = 'conn 0 login rejected: initiator failed authorization with target';
  daemonSays(nodeOf(world, 'k8s-node2'), world.time.nowMs, says);
  expect(kindsOf(await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? ''))).toEqual(['writers-run']);
});

test('a target with two volumes: the writers of both are stopped before anything is logged out', async () => {
  const world = worldIn();
  const { target } = use(world, { ...BOOKS, settings: DEFAULTS });
  addClaim(world, 'ebooks', 'books-again');
  const name = blockName({ namespace: 'ebooks', claim: 'books-again' });
  world.store.patch({ resource: VOLUMES, name }, { spec: { csi: { volumeAttributes: { iqn: target.iqn } } } });
  addWorkload(world, { kind: 'Deployment', name: 'reader', namespace: 'ebooks', nodes: [BOOKS.node], claims: ['books-again'] });
  const lines = changesOf(await restart(world, 'k8s-node2', target.iqn));
  expect(new Set(lines.map((line) => /deployments\.apps\/(\S+)/.exec(line)?.[1]))).toEqual(new Set(['calibre-old', 'reader']));
  expect(lines).toHaveLength(2);
});

describe('a claim that somebody deleted', () => {
  test('goes with its last pod: nobody is stopped', async () => {
    const world = worldIn('iscsi-defaults');
    deleteClaim(world, BOOKS.claim);
    const look = await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? '');
    expect(kindsOf(look)).toEqual(['not-stoppable']);
    expect(changesOf(look)).toEqual([]);
  });

  test('of another volume keeps nobody', async () => {
    const world = worldIn('iscsi-defaults');
    deleteClaim(world, NOVEL.claim);
    expect(kindsOf(await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? ''))).toEqual(['writers-run']);
  });
});

describe('who holds a disk', () => {
  const used = (world: World) => {
    const { node, session, target } = use(world, { ...BOOKS, settings: DEFAULTS });
    return { node, disk: session.disks[0]?.name ?? '', iqn: target.iqn };
  };

  test('holds another one where its name only begins alike, or where the other target has it', async () => {
    const world = worldIn();
    const { node, disk, iqn } = used(world);
    node.ownMounts.push(`/dev/${disk}a /mnt/rescue ext4 rw,relatime 0 0`);
    use(world, NOVEL).session.disks[0]?.openers.push(4_711);
    expect(kindsOf(await restart(world, 'k8s-node2', iqn))).toEqual(['writers-run']);
  });

  test('holds it by one of its partitions', async () => {
    const world = worldIn();
    const { node, disk, iqn } = used(world);
    node.ownMounts.push(`/dev/${disk}1 /mnt/rescue ext4 rw,relatime 0 0`);
    expect(kindsOf(await restart(world, 'k8s-node2', iqn))).toEqual(['still-held']);
  });
});

describe('who writes', () => {
  test.each([
    ['nobody that would make it again', undefined, 'not-stoppable'],
    ['a Job', { kind: 'Job', name: 'import' }, 'not-stoppable'],
    ['an operator', { kind: 'Cluster', name: 'books-pg' }, 'operator-owned'],
  ])('beside the Deployment, a pod of %s: nobody is stopped', async (_whose, owner, code) => {
    const world = worldIn();
    const { target } = use(world, { ...BOOKS, settings: DEFAULTS });
    podOn(world, { node: BOOKS.node, claim: BOOKS.claim[1], phase: 'Running', ...(owner && { owner }) });
    const look = await restart(world, 'k8s-node2', target.iqn);
    expect(kindsOf(look)).toEqual([code]);
    expect(changesOf(look)).toEqual([]);
  });
});

describe('what is wrong with the server', () => {
  test('of another target keeps nobody: an extent that is gone, a login that is refused', async () => {
    const world = worldIn();
    const { node, target } = use(world, { ...BOOKS, settings: DEFAULTS });
    const other = use(world, NOVEL).target;
    other.hasDevice = false;
    daemonSays(node, world.time.nowMs, `Login failed to authenticate with target ${other.iqn}`);
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['writers-run']);
  });

  test('at this target keeps everybody: its extent is gone, although its session still works', async () => {
    const world = worldIn();
    const { target } = use(world, { ...BOOKS, settings: DEFAULTS });
    target.hasDevice = false;
    const look = await restart(world, 'k8s-node2', target.iqn);
    expect(kindsOf(look)).toEqual(['target-not-whole']);
    expect(changesOf(look)).toEqual([]);
  });

  test('is nothing while only another node does not reach it', async () => {
    const world = worldIn();
    const { target } = use(world, { ...BOOKS, settings: DEFAULTS });
    nodeOf(world, 'k8s-node4').cutFrom.add(NAS_ADDRESS);
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['writers-run']);
    nodeOf(world, 'k8s-node2').cutFrom.add(NAS_ADDRESS);
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['server-silent']);
  });
});

interface PodOn {
  readonly node: string;
  readonly claim: string;
  readonly phase: string;
  readonly owner?: { readonly kind: string; readonly name: string };
}

function podOn(world: World, { node: nodeName, claim: claimName, phase, owner }: PodOn): void {
  const ownerReferences = owner === undefined ? [] : [{ apiVersion: 'v1', uid: 'a1', ...owner }];
  world.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'book-import', namespace: BOOKS.claim[0], uid: '99999999-0000-4000-8000-000000000002', ownerReferences },
    spec: {
      nodeName,
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
      containers: [{ name: 'import', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    },
    status: { phase, conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }] },
  });
}
