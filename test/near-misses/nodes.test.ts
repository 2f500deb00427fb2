import { describe, expect, test } from 'vitest';
import diagnoseNode from '../../runbooks/diagnose-node/index.ts';
import { show } from '../../src/core/command.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { type Ask, readerOver } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { writeTask } from '../lab/site/vm-tasks.ts';
import { kind } from '../lab/site/volumes.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const ask = (world: World, site: Site = labSite(world)) => lookAt(world, { runbook: diagnoseNode, words: ['k8s-node3'], site });

/** A world of this scenario to which this was done as well. */
function changed(scenario: string, change: (world: World) => void): World {
  const world = worldIn(scenario);
  change(world);
  return world;
}

function machineOf({ hypervisor }: World) {
  const vm = hypervisor.vms.get(203);
  if (vm === undefined) throw new Error('The lab has no machine 203');
  return vm;
}

function patchNode({ store }: World, patch: Record<string, unknown>): void {
  store.patch({ resource: kind('v1', 'nodes'), name: 'k8s-node3' }, patch);
}

const ATTACHMENTS = kind('storage.k8s.io/v1', 'volumeattachments');

const nodeIn = (attachment: object): unknown => Object(Object(attachment).spec).nodeName;

/** The cluster took it from a machine that did not answer, and gave it to another; the first one's QEMU still has it. */
function giveDiskAway(world: World): void {
  const vm = machineOf(world);
  const [slot, value] = [...vm.config].find(([, text]) => text.includes('vm-9999-')) ?? [];
  if (slot === undefined || value === undefined) throw new Error('The machine has no disk of the block driver');
  vm.config.delete(slot);
  world.hypervisor.vms.get(204)?.config.set('scsi21', value);
}

describe('a node that writes nothing', () => {
  const after = (minutes: number) =>
    changed('node-silent-and-writing', (world) => {
      machineOf(world).quietSinceMs = world.time.nowMs - minutes * 60_000;
      world.hypervisor.diskBusyPercent = 5;
    });

  test('for eight minutes may still write; for twelve it is stuck', async () => {
    expect(codesOf(await ask(after(8)))).toEqual(['still-writing k8s-node3']);
    expect(changesOf(await ask(after(8)))).toEqual([]);
    expect(codesOf(await ask(after(12)))).toEqual(['machine-stalled k8s-node3']);
  });

  test('is not called stuck while the disk under it is busy, or cannot be seen, or is not configured', async () => {
    const busy = changed('node-stalled', (world) => Object.assign(world.hypervisor, { diskBusyPercent: 81 }));
    const look = await ask(busy);
    expect({ codes: codesOf(look), verdict: verdictOf(look.diagnosis) }).toEqual({ codes: [], verdict: 'blind' });
    const world = worldIn('node-stalled');
    const { hypervisor, ...site } = labSite(world);
    if (hypervisor === undefined) throw new Error('The lab has a hypervisor');
    const { dataDisk: _unnamed, ...rest } = hypervisor;
    expect(codesOf(await ask(world, { ...site, hypervisor: rest }))).toEqual([]);
  });

  test('and is ready is well: it is no matter of this runbook', async () => {
    const world = changed('all-well', (one) => Object.assign(machineOf(one), { quietSinceMs: one.time.nowMs - 3_600_000 }));
    expect(verdictOf((await ask(world)).diagnosis)).toBe('well');
  });
});

describe('a machine is not touched', () => {
  test.each([
    'node-off',
    'node-turned-off',
    'node-off-without-boot-disk',
    'node-crashed',
    'node-paused',
    'node-io-error',
    'node-stalled',
    'node-fenced',
  ])('that has another name than its node, or another identity: %s', async (scenario) => {
    const named = await ask(changed(scenario, (world) => void machineOf(world).config.set('name', 'pfsense')));
    expect({ codes: codesOf(named), changes: changesOf(named) }).toEqual({ codes: ['another-machine k8s-node3'], changes: [] });
    expect(named.plan).toEqual({ stop: expect.stringContaining('site.hypervisor.nodeVmids') });
    const copied = await ask(
      changed(scenario, (world) => {
        machineOf(world).config.set('smbios1', 'uuid=11111111-1111-4111-8111-111111111111');
        patchNode(world, { status: { nodeInfo: { systemUUID: '22222222-2222-4222-8222-222222222222' } } });
      }),
    );
    expect(codesOf(copied)).toEqual(['another-machine k8s-node3']);
  });

  test('whose identity in the cluster is written in capitals is the same machine', async () => {
    const look = await ask(
      changed('node-off', (world) => {
        machineOf(world).config.set('smbios1', 'base64=1,uuid=AAAAAAAA-1111-4111-8111-111111111111');
        patchNode(world, { status: { nodeInfo: { systemUUID: 'aaaaaaaa-1111-4111-8111-111111111111' } } });
      }),
    );
    expect(codesOf(look)).toEqual(['machine-off k8s-node3']);
  });

  test.each(['node-off', 'node-turned-off', 'node-crashed', 'node-stalled', 'node-paused', 'node-kubelet-silent', 'node-fenced'])(
    'while somebody has set its node aside for work on it: %s',
    async (scenario) => {
      const look = await ask(changed(scenario, (world) => patchNode(world, { spec: { unschedulable: true } })));
      expect(changesOf(look)).toEqual([]);
      expect(look.plan).toEqual({ stop: expect.stringContaining('set k8s-node3 aside') });
    },
  );

  test.each(['node-turned-off', 'node-crashed', 'node-stalled', 'node-kubelet-silent'])(
    'while most other nodes are silent too: what they share is ill, not they: %s',
    async (scenario) => {
      const look = await ask(
        changed(scenario, ({ cluster, nodes }) => {
          for (const node of nodes.values()) if (node.name !== 'k8s-node1') cluster.setReady(node, 'Unknown');
        }),
      );
      expect(changesOf(look)).toEqual([]);
      expect(look.plan).toEqual({ stop: expect.stringContaining('Only 1 of 4 other nodes are ready') });
    },
  );

  test.each(['node-turned-off', 'node-crashed', 'node-stalled'])('that carries the control plane: %s', async (scenario) => {
    const labels = { 'node-role.kubernetes.io/control-plane': '' };
    const look = await ask(changed(scenario, (world) => patchNode(world, { metadata: { labels } })));
    expect(changesOf(look)).toEqual([]);
    expect(look.plan).toEqual({ stop: expect.stringContaining('control plane') });
  });

  test.each(['node-off', 'node-crashed', 'node-paused', 'node-stalled', 'node-fenced'])(
    'while somebody uses its power switch: %s',
    async (scenario) => {
      const look = await ask(
        changed(scenario, (world) => {
          writeTask(world, machineOf(world), { type: 'qmstop', user: 'root@pam', status: 'RUNNING' });
        }),
      );
      expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['machine-locked k8s-node3'], changes: [] });
    },
  );

  test.each(['node-off', 'node-paused', 'node-fenced'])(
    'of which no task tells who used its power switch last, as for a token that sees only its own: %s',
    async (scenario) => {
      const look = await ask(changed(scenario, ({ hypervisor }) => void hypervisor.tasks.splice(0)));
      expect(changesOf(look)).toEqual([]);
      expect(look.plan).toEqual({ stop: expect.stringContaining('Sys.Audit') });
    },
  );

  test('whose lock is held, whatever its state', async () => {
    for (const scenario of ['node-off', 'node-crashed', 'node-stalled', 'node-paused', 'node-io-error', 'node-fenced']) {
      const look = await ask(changed(scenario, (world) => Object.assign(machineOf(world), { lock: 'backup' })));
      expect({ scenario, codes: codesOf(look), changes: changesOf(look) }).toEqual({
        scenario,
        codes: ['machine-locked k8s-node3'],
        changes: [],
      });
    }
  });

  test('of which the API says nothing, for want of an answer, of a right or of a setting', async () => {
    for (const state of ['down', 'hangs', 'refuses-tokens'] as const) {
      const look = await ask(changed('node-stalled', (world) => Object.assign(world.hypervisor.api, { state })));
      expect({ state, codes: codesOf(look), verdict: verdictOf(look.diagnosis) }).toEqual({ state, codes: [], verdict: 'blind' });
    }
    const denied = await ask(changed('node-off', (world) => void world.hypervisor.api.forbidden.add('VM.Audit')));
    expect({ codes: codesOf(denied), verdict: verdictOf(denied.diagnosis) }).toEqual({ codes: [], verdict: 'blind' });
    const world = worldIn('node-off');
    const { hypervisor, ...site } = labSite(world);
    if (hypervisor === undefined) throw new Error('The lab has a hypervisor');
    const { api: _withheld, ...rest } = hypervisor;
    expect(codesOf(await ask(world, { ...site, hypervisor: rest }))).toEqual([]);
  });
});

describe('a node that stands still', () => {
  test('because somebody paused it is not let go on behind their back', async () => {
    for (const type of ['qmpause', 'qmsuspend']) {
      const look = await ask(
        changed('node-paused', (world) => {
          writeTask(world, machineOf(world), { type, user: 'root@pam', status: 'OK' });
        }),
      );
      expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['machine-paused k8s-node3'], changes: [] });
    }
  });

  test.each(['node-paused', 'node-io-error'])(
    'is not let go on where its QEMU still has a disk that is gone from its configuration and another machine has: %s',
    async (scenario) => {
      const look = await ask(changed(scenario, giveDiskAway));
      expect(changesOf(look).filter((line) => line.endsWith('status/resume'))).toEqual([]);
    },
  );

  test.each(['node-paused', 'node-io-error', 'node-off'])(
    'is not let go on where the cluster has given one of its volumes to a node that the configuration does not know: %s',
    async (scenario) => {
      const look = await ask(
        changed(scenario, (world) => {
          const [attachment] = world.store.list({ resource: ATTACHMENTS }).filter((one) => nodeIn(one) === 'k8s-node3');
          if (attachment === undefined) throw new Error('The node has no volume');
          const { name } = attachment.metadata;
          world.store.patch({ resource: ATTACHMENTS, name }, { spec: { nodeName: 'k8s-node9' } });
        }),
      );
      expect(changesOf(look).filter((line) => /status\/(resume|start)$/.test(line))).toEqual([]);
    },
  );

  test('is not called stuck where QEMU itself does not answer: Proxmox then writes down zeros', async () => {
    const look = await ask(changed('node-stalled', (world) => Object.assign(machineOf(world).runtime, { monitorHangs: true })));
    expect({ codes: codesOf(look), verdict: verdictOf(look.diagnosis) }).toEqual({ codes: [], verdict: 'blind' });
  });

  test('is not called stuck while it reads: it may be checking a file system', async () => {
    const look = await ask(changed('node-stalled', (world) => Object.assign(machineOf(world), { readsWhileQuiet: true })));
    expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['still-writing k8s-node3'], changes: [] });
  });

  test('is not called stuck where its system answers, and only refuses us', async () => {
    const world = worldIn('node-stalled');
    const { read } = labTargets(world);
    const refusing: Ask = async (command) =>
      show(command).startsWith('k8s-node3$ ')
        ? { failed: 'login-refused', says: 'It does not accept our key.', toDo: 'Give it the key.' }
        : read(command);
    const look = await diagnoseNode.look(diagnoseNode.fromWords(['k8s-node3']), readerOver(refusing), labSite(world));
    expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: [], changes: [] });
  });
});

describe('a mark', () => {
  test('is not taken away from a node of which only the cluster says, for some seconds more, that it is ready', async () => {
    const world = changed('node-tainted-though-up', ({ nodes }) => {
      Object.assign(nodes.get('k8s-node3') ?? {}, { isUp: false, sshAnswers: false });
    });
    const look = await ask(world);
    expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: [], changes: [] });
  });

  test('of a machine that is off stays, and the machine off, until its volumes are elsewhere', async () => {
    const world = changed('node-fenced', ({ store }) => {
      store.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: 'csi-late' },
        spec: {
          attacher: 'csi.proxmox.sinextra.dev',
          nodeName: 'k8s-node3',
          source: { persistentVolumeName: 'pvc-0f0f0f0f-0000-4000-8000-000000000001' },
        },
        status: { attached: true },
      });
    });
    const look = await ask(world);
    expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['fenced k8s-node3'], changes: [] });
    expect(look.plan).toEqual({ stop: expect.stringContaining('1 volume is still attached') });
  });
});

test('a control-plane node that the inventory does not name is no zombie', async () => {
  const world = changed('all-well', (one) =>
    patchNode(one, { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } }),
  );
  const { hypervisor, ...site } = labSite(world);
  if (hypervisor === undefined) throw new Error('The lab has a hypervisor');
  const { 'k8s-node3': _left, ...nodeVmids } = hypervisor.nodeVmids;
  expect(codesOf(await ask(world, { ...site, hypervisor: { ...hypervisor, nodeVmids } }))).toEqual([]);
});

describe('a node that is off', () => {
  test('because another program turned it off is not started behind its back', async () => {
    const look = await ask(
      changed('node-off', (world) => {
        writeTask(world, machineOf(world), { type: 'qmshutdown', user: 'terraform@pve!apply', status: 'OK' });
      }),
    );
    expect(codesOf(look)).toEqual(['machine-turned-off k8s-node3']);
    expect(changesOf(look).filter((line) => line.endsWith('status/start'))).toEqual([]);
  });

  test('whose disks something at the hypervisor still has open is not marked: it may still be written', async () => {
    const world = worldIn('node-turned-off');
    const look = await ask(world);
    const [step] = stepsOf(look.plan);
    const open = step?.before.find(({ says }) => says.includes('has open'));
    if (open === undefined) throw new Error('The step looks whether a disk is open');
    const read = readerOver(labTargets(world).read);
    expect(await open.holds(read)).toMatchObject({ answer: 'yes' });
    // Its process goes on, and Proxmox lost the file with its number.
    const vm = machineOf(world);
    const volume = [...vm.config.values()].find((text) => text.includes('vm-9999-'))?.match(/vm-9999-[\w-]+/)?.[0] ?? '';
    vm.runtime.drives.set('scsi2', { vg: 'pve', volume });
    for (const lv of world.hypervisor.volumes) if (lv.name === volume) lv.active = true;
    vm.status = 'running';
    expect(await open.holds(readerOver(labTargets(world).read))).toMatchObject({ answer: 'no' });
  });

  test('is ready for the cluster for some seconds more: nothing is concluded before the cluster misses it', async () => {
    const world = changed('node-off', ({ cluster, nodes }) => {
      const node = nodes.get('k8s-node3');
      if (node !== undefined) cluster.setReady(node, 'True');
    });
    expect(codesOf(await ask(world))).toEqual([]);
  });

  test('whose other machines cannot all be seen is not started: one could have its disk', async () => {
    const world = changed('node-off', ({ hypervisor }) => void Object(hypervisor.vms).delete(204));
    const look = await ask(world);
    expect(codesOf(look)).toEqual(['machine-off k8s-node3']);
    expect(look.plan).toEqual({ stop: 'Not started, because it could not be seen which disks virtual machine 204 has.' });
  });
});

test('a node that no list has is refused by name, with those that there are', async () => {
  const world = worldIn('all-well');
  await expect(lookAt(world, { runbook: diagnoseNode, words: ['k8s-node9'] })).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('it has k8s-master, k8s-node1'),
  });
});
