import { expect, test } from 'vitest';
import migratePvc from '../../runbooks/migrate-pvc/index.ts';
import { addGhosts, slotsTaken } from '../lab/scenarios/block-changes.ts';
import { labSite, type World } from '../lab/site/index.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const ID = 'uptime-kuma/uptime-kuma-data';
const NODES = ['k8s-node1', 'k8s-node2', 'k8s-node3', 'k8s-node4'];

const look = (world: World, site = labSite(world)) => lookAt(world, { runbook: migratePvc, words: [ID, 'proxmox-lvm'], site });

/** The machine of each node gets ghosts until so many of its slots are taken. */
function filledTo(counts: Readonly<Record<string, number>>): World {
  const world = worldIn('migrate-offered');
  for (const [node, count] of Object.entries(counts)) addGhosts(world, node, count - slotsTaken(world, node));
  return world;
}

const all = (count: number) => Object.fromEntries(NODES.map((node) => [node, count]));

test.each([
  ['19 in one machine, and 20 in each other', { ...all(20), 'k8s-node2': 19 }, [`not-migrated ${ID}`]],
  ['20 in each', all(20), ['slots-full nodes']],
])('disks that Kubernetes does not know of take slots: %s', async (_what, counts, codes) => {
  expect(codesOf(await look(filledTo(counts)))).toEqual(codes);
});

test('a disk that is on its way into a slot counts already', async () => {
  const world = filledTo({ ...all(20), 'k8s-node2': 19 });
  const spec = {
    attacher: 'csi.proxmox.sinextra.dev',
    nodeName: 'k8s-node2',
    source: { persistentVolumeName: 'pvc-on-its-way' },
  };
  const metadata = { name: 'csi-on-its-way', uid: 'u-va' };
  world.store.create({ apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata, spec, status: { attached: false } });
  expect(codesOf(await look(world))).toEqual(['slots-full nodes']);
});

test('a machine whose slots cannot be counted is not taken for an empty one', async () => {
  const world = worldIn('migrate-offered');
  const site = labSite(world);
  const { hypervisor } = site;
  if (hypervisor === undefined) throw new Error('the lab has a hypervisor');
  const { 'k8s-node3': _unknown, ...nodeVmids } = hypervisor.nodeVmids;
  const seen = await look(world, { ...site, hypervisor: { ...hypervisor, nodeVmids } });
  expect(seen.diagnosis.evidence.filter(({ status }) => status === 'unknown').map(({ says }) => says)).toEqual([
    expect.stringContaining('does not name the virtual machine of k8s-node3'),
  ]);
  expect(changesOf(seen)).toEqual([]);
});
