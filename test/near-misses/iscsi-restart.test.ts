import { describe, expect, test } from 'vitest';
import restartIscsi from '../../runbooks/restart-iscsi/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { addTarget, BOOKS, NOVEL, removeTarget, use } from '../lab/scenarios/iscsi-changes.ts';
import type { World } from '../lab/site/index.ts';
import { abort, DEFAULTS } from '../lab/site/iscsi.ts';
import { blockName } from '../lab/site/populate-block.ts';
import { nodeOf } from '../lab/site/world.ts';
import { changesOf, codesOf, lookAt, VOLUMES, worldIn } from './world.ts';

const restart = (world: World, ...words: string[]) => lookAt(world, { runbook: restartIscsi, words });
const kindsOf = (look: Awaited<ReturnType<typeof restart>>) => codesOf(look).map((code) => code.split(' ')[0]);

describe('a restart', () => {
  test('never has a logout in the round in which the writers still run', async () => {
    const world = worldIn('iscsi-defaults');
    const [target] = world.nas.iscsi.targets;
    const look = await restart(world, 'k8s-node2', target?.iqn ?? '');
    expect(changesOf(look).join('\n')).not.toMatch(/iscsiadm/);
    expect(stepsOf(look.plan)).toHaveLength(1);
  });

  test('never logs in to what the server does not list, nor stops anybody for it', async () => {
    const world = worldIn('iscsi-restart-stopped');
    const [target] = world.nas.iscsi.targets;
    target?.hiddenFrom.add('k8s-node2');
    const look = await restart(world, 'k8s-node2', target?.iqn ?? '');
    expect(kindsOf(look)).toEqual(['target-not-listed']);
    expect(changesOf(look)).toEqual([]);
  });

  test('touches the named target alone where the node has two', async () => {
    const world = worldIn('iscsi-restart-stopped');
    use(world, { ...NOVEL, settings: DEFAULTS });
    const [named, other] = world.nas.iscsi.targets;
    const lines = changesOf(await restart(world, 'k8s-node2', named?.iqn ?? ''));
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.filter((line) => line.includes(other?.iqn ?? 'none') || !line.includes(`-T ${named?.iqn} -p `))).toEqual([]);
  });

  test('takes the end of a name for that target only, not for one that ends alike', async () => {
    const world = worldIn('iscsi-defaults');
    const [target] = world.nas.iscsi.targets;
    expect(kindsOf(await restart(world, 'k8s-node2', target?.iqn.slice(-12) ?? ''))).toEqual(['no-such-target']);
  });

  test('of a session that is not there where the record is: login alone, after the settings', async () => {
    const world = worldIn('iscsi-restart-stopped');
    const node = nodeOf(world, 'k8s-node2');
    node.iscsi.sessions.length = 0;
    const lines = changesOf(await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? ''));
    expect(lines.filter((line) => line.includes('--logout'))).toEqual([]);
    expect(lines.at(-1)).toMatch(/timeout -k 1 30 iscsiadm -m node -T \S+ -p \S+ --login$/);
  });

  test('starts nobody while the superblock counts errors', async () => {
    const world = worldIn('iscsi-checked');
    const [target] = world.nas.iscsi.targets;
    if (target !== undefined) target.fileSystem.hasErrors = true;
    expect(kindsOf(await restart(world, 'k8s-node2', target?.iqn ?? ''))).toEqual(['fsck-first']);
  });

  test('of a target that only the server knows is refused: nothing of the node or the cluster names it', async () => {
    const world = worldIn('iscsi-used');
    const stranger = addTarget(world, 'pvc-of-nobody');
    expect(kindsOf(await restart(world, 'k8s-node2', stranger.iqn))).toEqual(['no-such-target']);
  });

  test('leaves alone what somebody started otherwise while the note of an earlier stop was still at it', async () => {
    const world = worldIn('iscsi-checked');
    scale(world, 2);
    const [target] = world.nas.iscsi.targets;
    const look = await restart(world, 'k8s-node2', target?.iqn ?? '');
    expect(codesOf(look)).toEqual([]);
    expect(changesOf(look)).toEqual([]);
  });

  test('notes how it runs now, not what an old note says', async () => {
    const world = worldIn('iscsi-restart-stopped');
    scale(world, 2);
    const [target] = world.nas.iscsi.targets;
    const lines = changesOf(await restart(world, 'k8s-node2', target?.iqn ?? ''));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"storagebot/ran-before":"2"');
  });

  test('starts nobody on a disk on which no file system is found: a driver could format it', async () => {
    const world = worldIn('iscsi-checked');
    const [target] = world.nas.iscsi.targets;
    if (target !== undefined) target.fileSystem.isDestroyed = true;
    expect(kindsOf(await restart(world, 'k8s-node2', target?.iqn ?? ''))).toEqual(['fsck-first']);
  });

  test('whose session the driver ended starts nobody after the kernel gave up a file system', async () => {
    const world = worldIn('iscsi-driver-logged-out');
    abort(nodeOf(world, 'k8s-node2'), world.time.nowMs, 'sdq');
    const look = await restart(world, 'k8s-node2', world.nas.iscsi.targets[0]?.iqn ?? '');
    expect(kindsOf(look)).toEqual(['fsck-first']);
    expect(changesOf(look)).toEqual([]);
  });

  test('whose session the driver ended starts nobody for a target that is gone', async () => {
    const world = worldIn('iscsi-driver-logged-out');
    const [target] = world.nas.iscsi.targets;
    if (target === undefined) throw new Error('no target');
    removeTarget(world, target);
    expect(kindsOf(await restart(world, 'k8s-node2', target.iqn))).toEqual(['target-not-listed']);
  });

  test('takes the writers of the very target, not of one whose name ends alike', async () => {
    const world = worldIn('iscsi-restart-stopped');
    const [namespace, claim] = NOVEL.claim;
    const [target] = world.nas.iscsi.targets;
    const iqn = `iqn.2020-01.net.example.ctl:${target?.name}`;
    world.store.patch(
      { resource: VOLUMES, name: blockName({ namespace, claim }) },
      { spec: { csi: { volumeAttributes: { iqn } } } },
    );
    expect(kindsOf(await restart(world, 'k8s-node2', target?.name ?? ''))).toEqual(['writers-stopped']);
  });
});

/** As a person does: the bot's note stays. */
function scale(world: World, replicas: number): void {
  const resource = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true };
  world.store.patch({ resource, namespace: BOOKS.claim[0], name: BOOKS.workload.name }, { spec: { replicas } });
  world.time.advance(60_000);
}
