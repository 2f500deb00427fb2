import { describe, expect, test } from 'vitest';
import { show } from '../../src/core/command.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { labSite } from '../lab/site/index.ts';
import { kind } from '../lab/site/volumes.ts';
import { nodeOf } from '../lab/site/world.ts';
import { carriedOut, changesOf, codesOf, lookAt, SERVER, worldIn } from './world.ts';

describe('a node', () => {
  test('that was cordoned before its restart stays cordoned after it', async () => {
    const world = worldIn('client-wedged');
    world.store.patch({ resource: kind('v1', 'nodes'), name: 'k8s-node2' }, { spec: { unschedulable: true } });
    const changes = changesOf(await lookAt(world));
    expect(changes).toContain('pve$ qm reset 202');
    expect(changes.filter((line) => line.includes('"unschedulable":false'))).toEqual([]);
  });

  test.each(['lvm-pvc-snapshot', 'daily-backup'])('is not reset while the hypervisor runs %s', async (job) => {
    const world = worldIn('client-wedged');
    const look = await lookAt(world);
    const begun = { beganMs: world.time.nowMs, runsMs: 3_000_000, limitMs: 3_600_000, exitCode: 0, says: '' };
    world.longWork.units.set(`pve/${job}.service`, begun);
    const { stopped } = await carriedOut(world, look);
    expect(stopped).toContain(`${job}.service does not run`);
  });

  test('is not reset for one mount.nfs that waits, while every mount of this NAS on it answers and no pod waits', async () => {
    const world = worldIn();
    const other = {
      state: 'D',
      pid: 31_337,
      waitsIn: 'rpc_wait_bit_killable',
      program: 'mount.nfs',
      beganMs: world.time.nowMs - 3_600_000,
    };
    nodeOf(world, 'k8s-node2').processes.push(other);
    expect(changesOf(await lookAt(world))).toEqual([]);
  });

  test('that alone could be asked does not prove that no node reaches the server', async () => {
    const world = worldIn();
    for (const node of world.nodes.values()) node.sshAnswers = node.name === 'k8s-master';
    nodeOf(world, 'k8s-master').cutFrom.add(SERVER);
    expect(codesOf(await lookAt(world))).toEqual([]);
  });
});

test('a neighbour that refuses the connection proves that its network is reached', async () => {
  const world = worldIn();
  for (const node of world.nodes.values()) node.cutFrom.add(SERVER);
  const site = labSite(world);
  const nasNeighbour = { address: site.nasNeighbour?.address ?? '', port: 9 };
  const look = await lookAt(world, { site: { ...site, nasNeighbour } });
  expect(codesOf(look)).not.toContain(`network-path-down ${SERVER}`);
});

test('a stopped NFS server is not mistaken for exports that were not loaded when no node can be asked', async () => {
  const world = worldIn('nfsd-stopped', 'debian');
  world.nas.active = [];
  for (const node of world.nodes.values()) node.sshAnswers = false;
  const look = await lookAt(world);
  expect(codesOf(look).filter((code) => code.startsWith('export-not-loaded'))).toEqual([]);
  expect(changesOf(look)).not.toContain('truenas$ exportfs -ra');
});

test('a change of the NFS settings says that the middleware restarts the NFS server for it', async () => {
  const steps = stepsOf((await lookAt(worldIn('owners-unmapped'))).plan);
  const updates = steps.filter(({ change }) => show(change.command).includes('nfs.update'));
  expect(updates.filter(({ warnings = [] }) => !/restart/.test(warnings.join(' ')))).toEqual([]);
});
