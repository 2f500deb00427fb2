import { describe, expect, test } from 'vitest';
import diagnoseBlock from '../../runbooks/diagnose-block/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import {
  addGhosts,
  attachmentOf,
  diskOf,
  movePod,
  PLOTTING,
  silenceNode,
  takeDown,
  VAULT,
  vmOf,
} from '../lab/scenarios/block-changes.ts';
import { slotValue } from '../lab/site/block.ts';
import { labSite, type World } from '../lab/site/index.ts';
import { power } from '../lab/site/power.ts';
import { stagingPath } from '../lab/site/stager.ts';
import { setSlot } from '../lab/site/vm-disks.ts';
import { kind } from '../lab/site/volumes.ts';
import { nodeOf } from '../lab/site/world.ts';
import { answersTo, changesOf, codesOf, lookAt, VOLUMES, worldIn } from './world.ts';

const ATTACHMENTS = kind('storage.k8s.io/v1', 'volumeattachments');
const NODE = 'k8s-node3';
const ask = (world: World, site = labSite(world)) => lookAt(world, { runbook: diagnoseBlock, words: ['all'], site });

/** Somebody takes the disk into a machine that is no node. */
function openAtWorkstation(world: World, workload: typeof VAULT): void {
  const vm = world.hypervisor.vms.get(102);
  if (vm === undefined) throw new Error('there is a workstation');
  setSlot(world, vm, { slot: 'scsi1', value: slotValue(diskOf(world, workload).volume, 1) });
}

/** The site as somebody wrote it who mistook one number for another. */
function siteWith(world: World, nodeVmids: Readonly<Record<string, number>>) {
  const site = labSite(world);
  if (site.hypervisor === undefined) throw new Error('the site has a hypervisor');
  return { ...site, hypervisor: { ...site.hypervisor, nodeVmids: { ...site.hypervisor.nodeVmids, ...nodeVmids } } };
}

describe('a node that is silent', () => {
  function prepared(): World {
    const world = worldIn('block-stale-attachment');
    silenceNode(world, 'k8s-node4');
    power(world, machineOf(world, 102), { action: 'stop', user: 'root@pam' });
    return world;
  }

  test('is not off because the inventory names a machine that is', async () => {
    const world = prepared();
    const look = await ask(world, siteWith(world, { 'k8s-node4': 102 }));
    expect(changesOf(look)).toEqual([]);
    expect(codesOf(look)).toContain('open-elsewhere vaultwarden/vaultwarden-data-proxmox');
  });
});

function machineOf({ hypervisor }: World, vmid: number) {
  const vm = hypervisor.vms.get(vmid);
  if (vm === undefined) throw new Error(`there is a machine ${vmid}`);
  return vm;
}

describe('a disk that its machine did not plug in', () => {
  test('is not plugged in again once something else has it open', async () => {
    const world = worldIn('block-wedged-hotplug');
    const [step] = stepsOf((await ask(world)).plan);
    if (step === undefined) throw new Error('a step was planned');
    openAtWorkstation(world, PLOTTING);
    expect(await answersTo(world, step)).toContain('no');
    const look = await ask(world);
    expect(codesOf(look)).toEqual(['open-elsewhere plotting-book/plotting-book-data-proxmox']);
    expect(changesOf(look)).toEqual([]);
  });

  test('is said not to be in the configuration where Proxmox never took it', async () => {
    const world = worldIn('block-wedged-hotplug');
    const { config } = vmOf(world, NODE);
    const { volume } = diskOf(world, PLOTTING);
    config.delete([...config].find(([, value]) => value.includes(volume.name))?.[0] ?? '');
    const [finding] = (await ask(world)).diagnosis.findings;
    expect(finding?.says).toMatch(
      /^Kubernetes has it attached to k8s-node3, and QEMU never plugged it in: machine 203 has it in no/,
    );
  });
});

describe('a disk without an attachment that cannot be told from another', () => {
  test('is named with the link that breaks, also where it is the only one', async () => {
    const look = await ask(worldIn('block-ghost-elsewhere'));
    expect(codesOf(look)).toContain('chain-broken k8s-node3/scsi7');
    const [broken] = look.diagnosis.findings.filter(({ code }) => code === 'chain-broken');
    expect(broken?.says).toContain("breaks at the machine's configuration: scsi7 of machine 203 has ssd:");
    expect(changesOf(look)).toEqual([]);
  });

  test('is no ghost where its volume is gone and its attachment is not', async () => {
    const world = worldIn();
    const { persistent } = diskOf(world, VAULT);
    movePod(world, VAULT, 'k8s-node2');
    world.cluster.abandoned.add(persistent);
    takeDown(world, VAULT);
    world.store.patch({ resource: VOLUMES, name: persistent }, { metadata: { finalizers: null } });
    world.store.delete({ resource: VOLUMES, name: persistent });
    const look = await ask(world);
    expect(codesOf(look)).toEqual(['chain-broken k8s-node2/scsi1']);
    expect(changesOf(look)).toEqual([]);
  });

  test('is told where the guest does not show what QEMU has, and nothing is planned', async () => {
    const world = worldIn();
    addGhosts(world, NODE, 1);
    const { drives } = vmOf(world, NODE).runtime;
    const [slot, drive] = [...drives].at(-1) ?? [];
    if (slot === undefined || drive === undefined) throw new Error('there is a ghost');
    drives.set(slot, { volume: drive.volume, vg: drive.vg });
    const look = await ask(world);
    expect(verdictOf(look.diagnosis)).toBe('blind');
    expect(look.diagnosis.evidence.map(({ says }) => says).join()).toContain('It is let alone. Nobody can see who uses it');
    expect(changesOf(look)).toEqual([]);
  });
});

describe('a chain of which one link is wrong', () => {
  test('is told once where the handle is of no known form', async () => {
    const world = worldIn();
    const { persistent, volume } = diskOf(world, VAULT);
    world.store.patch({ resource: VOLUMES, name: persistent }, { spec: { csi: { volumeHandle: `local-lvm:${volume.name}` } } });
    expect(codesOf(await ask(world))).toEqual(['chain-broken vaultwarden/vaultwarden-data-proxmox']);
  });

  test('is told where LVM does not have what the machine has', async () => {
    const world = worldIn();
    const { volumes } = world.hypervisor;
    volumes.splice(volumes.indexOf(diskOf(world, VAULT).volume), 1);
    expect(codesOf(await ask(world))).toEqual(['chain-broken vaultwarden/vaultwarden-data-proxmox']);
  });

  test('tells of a stale attachment what must be put in order first, also at a node that was not asked about', async () => {
    const world = worldIn('block-stale-attachment');
    const block = { volume: 'vm-9999-pvc-gone', gone: true };
    const staged = { volume: 'gone', mountPoint: stagingPath('gone'), device: '/dev/sdq', block, staysMounted: true };
    nodeOf(world, 'k8s-node4').staged.push(staged);
    const look = await lookAt(world, { runbook: diagnoseBlock, words: ['node', 'k8s-node2'] });
    expect(changesOf(look)).toEqual([]);
    expect(look.diagnosis.findings[0]?.remedy).toMatch(
      /^Not before this is over: k8s-node4 still has a disk mounted at .* Then: /,
    );
  });
});

describe('an attachment that is being taken back and does not go', () => {
  test('is told with the words of the driver, and is not deleted again', async () => {
    const world = worldIn('block-stale-attachment');
    const { name, uid, node } = attachmentOf(world, VAULT);
    vmOf(world, node).runtime.monitorHangs = true;
    world.store.delete({ resource: ATTACHMENTS, name }, { uid });
    world.time.advance(30_000);
    vmOf(world, node).runtime.monitorHangs = false;
    const look = await ask(world);
    expect(changesOf(look)).toEqual([]);
    expect(look.diagnosis.evidence.map(({ says }) => says).join()).toMatch(
      /is being taken back: rpc error: code = Internal desc = hotplug problem - VM 204 qmp command 'device_del' failed - got timeout/,
    );
  });

  test.each(["can't lock file '/var/lock/qemu-server/lock-204.conf' - got timeout", 'VM is locked (migrate)'])(
    'is one of a machine that Proxmox has locked: %s',
    async (message) => {
      const world = worldIn('block-stale-attachment');
      const { name } = attachmentOf(world, VAULT);
      const detachError = { message: `rpc error: code = Internal desc = ${message}`, time: '2026-04-03T09:00:00Z' };
      world.store.patch({ resource: ATTACHMENTS, name }, { status: { detachError } });
      const look = await ask(world);
      expect(codesOf(look)).toContain('machine-locked k8s-node4');
      expect(changesOf(look)).toEqual([]);
    },
  );
});
