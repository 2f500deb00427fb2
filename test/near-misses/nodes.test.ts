import { describe, expect, test } from 'vitest';
import diagnoseNode from '../../runbooks/diagnose-node/index.ts';
import { show } from '../../src/core/command.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { type Ask, readerOver } from '../../src/core/reading.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { writeTask } from '../lab/site/vm-tasks.ts';
import { kind } from '../lab/site/volumes.ts';
import { ask, changed, machineOf, patchNode } from './node-world.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

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

/** Its process goes on, and Proxmox lost the file with its number. */
function keepOpen(world: World): void {
  const vm = machineOf(world);
  const [volume = ''] = [...vm.config.values()].flatMap((text) => /^local-lvm:(vm-[\w-]+)/.exec(text)?.[1] ?? []);
  vm.runtime.drives.set('scsi2', { vg: 'pve', volume });
  for (const lv of world.hypervisor.volumes) if (lv.name === volume) lv.active = true;
  vm.status = 'running';
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
    keepOpen(world);
    expect(await open.holds(readerOver(labTargets(world).read))).toMatchObject({ answer: 'no' });
  });

  test.each(['node-off', 'node-fenced', 'node-stalled'])(
    'is not started while something at the hypervisor has its disks open, whatever Proxmox says of it: %s',
    async (scenario) => {
      const world = worldIn(scenario);
      const start = stepsOf((await ask(world)).plan).at(-1);
      if (start === undefined || !show(start.change.command).endsWith('status/start')) throw new Error('It is started');
      const isOpen = start.before.find(({ says }) => says.includes('has open'));
      expect(isOpen).toBeDefined();
      keepOpen(world);
      expect(await isOpen?.holds(readerOver(labTargets(world).read))).toMatchObject({ answer: 'no' });
    },
  );

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
