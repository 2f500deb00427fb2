import { describe, expect, test } from 'vitest';
import diagnoseIscsi from '../../runbooks/diagnose-iscsi/index.ts';
import restartIscsi from '../../runbooks/restart-iscsi/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { addClaim, BOOKS, CLOUD, MINUTE_MS, NOVEL, removeTarget, use } from '../lab/scenarios/iscsi-changes.ts';
import { poolOf } from '../lab/scenarios/zfs-changes.ts';
import { NAS_ADDRESS } from '../lab/site/addresses.ts';
import type { World } from '../lab/site/index.ts';
import { abort, DEFAULTS, daemonSays, drop, HARD, recover } from '../lab/site/iscsi.ts';
import { kernelSays } from '../lab/site/node.ts';
import { blockName } from '../lab/site/populate-block.ts';
import { nodeOf } from '../lab/site/world.ts';
import { changesOf, codesOf, lookAt, VOLUMES, worldIn } from './world.ts';

const diagnose = (world: World, ...words: string[]) => lookAt(world, { runbook: diagnoseIscsi, words });
const restart = (world: World, ...words: string[]) => lookAt(world, { runbook: restartIscsi, words });
const kindsOf = (look: Awaited<ReturnType<typeof diagnose>>) => codesOf(look).map((code) => code.split(' ')[0]);
const since = (world: World, minutes: number) => ({ atMs: world.time.nowMs - minutes * MINUTE_MS, nowMs: world.time.nowMs });
const UNUSED = { ...BOOKS, workload: undefined };

describe('whether anything uses iSCSI', () => {
  test('a single session on one node, which nothing needs, is use of it', async () => {
    const world = worldIn();
    use(world, UNUSED);
    const look = await diagnose(world);
    expect(look.diagnosis.evidence.some(({ says }) => says.includes('is not in use'))).toBe(false);
    expect(look.diagnosis.evidence.some(({ says }) => says.includes('is noise'))).toBe(true);
  });

  test('is not said while one node does not answer', async () => {
    const { diagnosis } = await diagnose(worldIn('blind-node-ssh'));
    expect(diagnosis.evidence.some(({ says }) => says.includes('is not in use'))).toBe(false);
    expect(verdictOf(diagnosis)).toBe('blind');
  });

  test('claims that are bound and mounted by nobody are orphans, not users', async () => {
    const world = worldIn();
    addClaim(world, 'ebooks', 'one-more-orphan');
    const { diagnosis } = await diagnose(world);
    expect(diagnosis.evidence.find(({ says }) => says.startsWith('Orphans'))?.says).toContain('ebooks/one-more-orphan');
    expect(verdictOf(diagnosis)).toBe('well');
  });
});

describe('dead sessions', () => {
  test('of all nodes while the portal accepts connections are no outage of the server', async () => {
    const world = worldIn();
    for (const each of [BOOKS, CLOUD]) {
      const { node, session } = use(world, each);
      drop(node, session, since(world, 20));
    }
    expect(kindsOf(await diagnose(world))).toEqual(['session-failed', 'session-failed']);
  });

  test('one of two on a node is a matter of its target, not of the node', async () => {
    const world = worldIn();
    const { node, session } = use(world, BOOKS);
    use(world, NOVEL);
    drop(node, session, since(world, 20));
    expect(kindsOf(await diagnose(world))).toEqual(['session-failed']);
  });

  test('are not called leaked while the server is away, whatever needs them', async () => {
    const world = worldIn();
    const { node, session } = use(world, UNUSED);
    drop(node, session, since(world, 40));
    world.nas.iscsi.runs = false;
    const look = await diagnose(world);
    expect(kindsOf(look)).toEqual(['portal-down']);
    expect(changesOf(look)).toEqual([]);
  });

  test('are not called leaked from a node that cannot reach the server', async () => {
    const world = worldIn();
    const { node, session } = use(world, UNUSED);
    drop(node, session, since(world, 40));
    node.cutFrom.add(NAS_ADDRESS);
    const look = await diagnose(world);
    expect(kindsOf(look)).toEqual(['node-sessions-failed']);
    expect(changesOf(look)).toEqual([]);
  });

  test.each([
    [14, 'blind'],
    [16, 'ill'],
  ])('that nothing needs for %d minutes: %s', async (minutes, verdict) => {
    const world = worldIn();
    const { node, target, session } = use(world, UNUSED);
    removeTarget(world, target);
    drop(node, session, since(world, minutes));
    expect(verdictOf((await diagnose(world)).diagnosis)).toBe(verdict);
  });

  test('with a mount that no pod made are not leaked', async () => {
    const world = worldIn();
    const { node, target, session } = use(world, UNUSED);
    node.ownMounts.push(`/dev/${session.disks[0]?.name} /mnt/rescue ext4 rw,relatime 0 0`);
    removeTarget(world, target);
    drop(node, session, since(world, 40));
    expect(kindsOf(await diagnose(world))).toEqual(['target-vanished']);
  });

  test('with a device of the kernel on their disk are not leaked', async () => {
    const world = worldIn();
    const { node, target, session } = use(world, UNUSED);
    session.disks[0]?.holders.push('dm-0');
    removeTarget(world, target);
    drop(node, session, since(world, 40));
    expect(kindsOf(await diagnose(world))).toEqual(['target-vanished']);
  });

  test('that were refused and let in again since are no matter of CHAP', async () => {
    const world = worldIn();
    const { node, session, target } = use(world, BOOKS);
    const { nowMs } = world.time;
    daemonSays(node, nowMs - 30 * MINUTE_MS, `Login failed to authenticate with target ${target.iqn}`);
    daemonSays(
      node,
      nowMs - 29 * MINUTE_MS,
      `Connection1:0 to [target: ${target.iqn}, portal: ${NAS_ADDRESS},3260] through [iface: default] is operational now`,
    );
    drop(node, session, since(world, 20));
    expect(kindsOf(await diagnose(world))).toEqual(['session-failed']);
  });
});

describe('a session that looks leaked', () => {
  /** Dead for 40 minutes, with nothing that needs it. */
  const leaked = (world: World) => {
    const used = use(world, UNUSED);
    removeTarget(world, used.target);
    drop(used.node, used.session, since(world, 40));
    return used;
  };

  test('is left alone where the log does not tell how long it is dead', async () => {
    const world = worldIn();
    leaked(world).node.iscsi.log.length = 0;
    const look = await diagnose(world);
    expect(changesOf(look)).toEqual([]);
    expect(kindsOf(look)).not.toContain('leaked-session');
  });

  test.each(['swap', 'dm-3'])('is held by %s on its disk', async (holder) => {
    const world = worldIn();
    leaked(world).session.disks[0]?.holders.push(holder);
    expect(kindsOf(await diagnose(world))).not.toContain('leaked-session');
  });

  test('is held by a container that has its file system mounted', async () => {
    const world = worldIn();
    for (const disk of leaked(world).session.disks) disk.mountedElsewhere = true;
    expect(kindsOf(await diagnose(world))).not.toContain('leaked-session');
  });

  test('is not logged out where the node has a sound one to the same target', async () => {
    const world = worldIn();
    const { node, session } = leaked(world);
    node.iscsi.sessions.push({ ...session, sid: session.sid + 1, state: 'LOGGED_IN', disks: [] });
    expect(changesOf(await diagnose(world))).toEqual([]);
  });

  test('may be that of an attached volume which does not name its target', async () => {
    const world = worldIn();
    const { node } = leaked(world);
    const [namespace, claim] = NOVEL.claim;
    const volume = blockName({ namespace, claim });
    use(world, NOVEL);
    world.store.patch(
      { resource: VOLUMES, name: volume },
      {
        spec: {
          csi: { driver: 'org.democratic-csi.iscsi', volumeHandle: volume, volumeAttributes: { iqn: null, portal: null } },
        },
      },
    );
    expect(node.name).toBe(NOVEL.node);
    expect(kindsOf(await diagnose(world))).not.toContain('leaked-session');
  });
});

test('a volume whose portal is written without its port is known by its session', async () => {
  const world = worldIn('iscsi-defaults');
  const [namespace, claim] = BOOKS.claim;
  const volume = blockName({ namespace, claim });
  world.store.patch({ resource: VOLUMES, name: volume }, { spec: { csi: { volumeAttributes: { portal: NAS_ADDRESS } } } });
  const [target] = world.nas.iscsi.targets;
  expect(kindsOf(await restart(world, 'k8s-node2', target?.iqn ?? ''))).toEqual(['writers-run']);
});

test('a workload that names a claim and does not run now is a consumer: nothing is an orphan or noise', async () => {
  const world = worldIn();
  use(world, BOOKS);
  scale(world, 0);
  const node = nodeOf(world, BOOKS.node);
  node.iscsi.sessions.length = 0;
  const said = (await diagnose(world)).diagnosis.evidence.map(({ says }) => says).join('\n');
  expect(said).toContain('Deployment ebooks/calibre-old (claim ebooks-calibre-config-iscsi)');
  expect(said).not.toMatch(/is noise|not in use|Orphans/);
});

describe('errors of a disk', () => {
  const READ = (disk = '') => `I/O error, dev ${disk}, sector 2048 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2`;

  test('during a cut are those of the cut, not of the pool', async () => {
    const world = worldIn();
    const { node, session } = use(world, BOOKS);
    poolOf(world).usedPercent = 100;
    drop(node, session, since(world, 30));
    kernelSays(node, world.time.nowMs, READ(session.disks[0]?.name));
    recover(node, session, world.time.nowMs);
    expect(kindsOf(await diagnose(world))).toEqual([]);
  });

  test('whose cut the kernel has no line of any more are still those of the cut', async () => {
    const world = worldIn();
    const { node, session } = use(world, BOOKS);
    drop(node, session, since(world, 30));
    recover(node, session, world.time.nowMs);
    node.kernelLog.length = 0;
    kernelSays(node, world.time.nowMs, READ(session.disks[0]?.name));
    expect(kindsOf(await diagnose(world))).toEqual([]);
  });

  test('of a pool that still takes writes are not of a full pool', async () => {
    const world = worldIn();
    const { node, session } = use(world, BOOKS);
    poolOf(world).usedPercent = 90;
    kernelSays(node, world.time.nowMs, READ(session.disks[0]?.name));
    expect(kindsOf(await diagnose(world))).toEqual(['io-errors']);
  });

  test('of another disk of the node are none of the session', async () => {
    const world = worldIn();
    const { node } = use(world, BOOKS);
    kernelSays(node, world.time.nowMs, READ('sdb'));
    expect(kindsOf(await diagnose(world))).toEqual([]);
  });

  test('from before the disk was attached anew are over', async () => {
    const world = worldIn();
    const { node, session, target } = use(world, BOOKS);
    const disk = session.disks[0]?.name ?? '';
    abort(node, world.time.nowMs, disk, target);
    kernelSays(node, world.time.nowMs, `sd 6:0:0:0: [${disk}] Attached SCSI disk`);
    expect(kindsOf(await diagnose(world))).toEqual([]);
  });
});

describe('settings', () => {
  test('of one value alone are one step', async () => {
    const world = worldIn();
    use(world, { ...BOOKS, settings: { ...HARD, 'node.conn[0].timeo.noop_out_timeout': '5' } });
    const look = await diagnose(world);
    expect(kindsOf(look)).toEqual(['record-defaults', 'login-defaults']);
    expect(changesOf(look)).toHaveLength(1);
    expect(changesOf(look)[0]).toContain("-n 'node.conn[0].timeo.noop_out_timeout' -v 15");
  });

  test('are left alone while the portal is away', async () => {
    const world = worldIn();
    const { node, session } = use(world, { ...BOOKS, settings: DEFAULTS });
    use(world, { ...CLOUD, settings: DEFAULTS });
    world.nas.iscsi.runs = false;
    drop(node, session, since(world, 1));
    expect(changesOf(await diagnose(world))).toEqual([]);
  });
});

test('one disk mounted twice on one directory is a bind mount, not two disks', async () => {
  const world = worldIn();
  const { node, session } = use(world, BOOKS);
  const point = '/var/lib/kubelet/plugins/kubernetes.io/csi/org.democratic-csi.iscsi/5f0a6f0e3d0c/globalmount';
  for (let twice = 0; twice < 2; twice += 1) node.ownMounts.push(`/dev/${session.disks[0]?.name} ${point} ext4 rw,relatime 0 0`);
  expect(kindsOf(await diagnose(world))).toEqual([]);
});

/** As a person does: the bot's note stays. */
function scale(world: World, replicas: number): void {
  const resource = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true };
  world.store.patch({ resource, namespace: BOOKS.claim[0], name: BOOKS.workload.name }, { spec: { replicas } });
  world.time.advance(60_000);
}
