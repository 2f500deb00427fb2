import { describe, expect, test } from 'vitest';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { labSite, type World } from '../lab/site/index.ts';
import { writeTask } from '../lab/site/vm-tasks.ts';
import { ask, changed, machineOf, patchNode } from './node-world.ts';
import { carriedOut, changesOf, codesOf, worldIn } from './world.ts';

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

  test.each(['node-off', 'node-crashed', 'node-stalled'])('while Proxmox still works on it: %s', async (scenario) => {
    for (const type of ['qmrestore', 'qmrollback', 'qmigrate', 'qmdelsnapshot']) {
      const look = await ask(
        changed(scenario, (world) => void writeTask(world, { vmid: 203 }, { type, user: 'root@pam', status: 'RUNNING' })),
      );
      expect({ codes: codesOf(look), changes: changesOf(look) }).toEqual({ codes: ['machine-locked k8s-node3'], changes: [] });
    }
  });

  test('but when somebody only watches its console, or the block driver waits for it', async () => {
    const expected = changesOf(await ask(worldIn('node-stalled')));
    for (const type of ['vncproxy', 'qmconfig']) {
      const look = await ask(
        changed('node-stalled', (world) => void writeTask(world, { vmid: 203 }, { type, user: 'root@pam', status: 'RUNNING' })),
      );
      expect(changesOf(look)).toEqual(expected);
    }
  });

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

describe('an alert', () => {
  const announcing = (scenario: string, ...alertnames: readonly string[]) =>
    changed(scenario, ({ monitoring }) => {
      for (const alertname of alertnames) monitoring.firing.push({ alertname, instance: '10.0.20.103:9100' });
    });
  const warned = async (world: World) => {
    const look = await ask(world);
    return { changes: changesOf(look).length, warns: stepsOf(look.plan).every(({ warnings = [] }) => warnings.some(isOfAlerts)) };
  };
  const isOfAlerts = (text: string) => text.includes('see yourself that no maintenance is announced');

  test.each([
    'node-off',
    'node-turned-off',
    'node-paused',
    'node-io-error',
    'node-stalled',
    'node-fenced',
    'node-kubelet-silent',
  ])('of maintenance or a power outage holds everything back, and one of the lost node itself nothing: %s', async (scenario) => {
    const expected = changesOf(await ask(worldIn(scenario)));
    expect(changesOf(await ask(announcing(scenario, 'NodeDown')))).toEqual(expected);
    for (const alert of ['NodeMaintenance', 'NodeMaintenanceInProgress', 'PowerOutage']) {
      const look = await ask(announcing(scenario, 'NodeDown', alert));
      expect(look.plan).toEqual({ stop: expect.stringContaining(`${alert} (instance 10.0.20.103:9100) fires`) });
    }
  });

  test('that comes between the plan and its step holds the step back', async () => {
    const world = worldIn('node-crashed');
    const look = await ask(world);
    world.monitoring.firing.push({ alertname: 'PowerOutage' });
    expect(await carriedOut(world, look)).toEqual({
      done: 0,
      stopped: 'no: No alert announces maintenance or a power outage',
    });
  });

  test('that could not be asked for is a warning and no obstacle: Prometheus may run on the very node', async () => {
    expect(await warned(worldIn('node-crashed'))).toEqual({ changes: 2, warns: false });
    const down = changed('node-crashed', ({ monitoring }) => Object.assign(monitoring, { up: false }));
    expect(await warned(down)).toEqual({ changes: 2, warns: true });
    expect((await carriedOut(down, await ask(down))).done).toBe(2);
    const young = changed('node-crashed', ({ monitoring }) => Object.assign(monitoring, { upS: 899 }));
    expect(await warned(young)).toEqual({ changes: 2, warns: true });
    const grown = changed('node-crashed', ({ monitoring }) => Object.assign(monitoring, { upS: 900 }));
    expect(await warned(grown)).toEqual({ changes: 2, warns: false });
  });
});

describe('a backup', () => {
  const backedUp = (scenario: string) =>
    changed(scenario, (world) => void writeTask(world, { vmid: '' }, { type: 'vzdump', user: 'root@pam', status: 'RUNNING' }));
  const unit = (scenario: string, name: string) =>
    changed(scenario, ({ longWork, time }) => {
      longWork.units.set(`pve/${name}`, {
        beganMs: time.nowMs - 20_000,
        runsMs: 600_000,
        limitMs: 3_600_000,
        exitCode: 0,
        says: '',
      });
    });

  test.each(['node-crashed', 'node-stalled', 'node-paused-sharing-a-disk'])(
    'that runs means to wait with a stop: %s',
    async (scenario) => {
      const worlds = [backedUp(scenario), unit(scenario, 'lvm-pvc-snapshot.service'), unit(scenario, 'daily-backup.service')];
      for (const world of worlds) expect((await ask(world)).plan).toEqual({ stop: expect.stringContaining('wait for its end') });
    },
  );

  test('that is over or failed is none, and no other job is one', async () => {
    const expected = changesOf(await ask(worldIn('node-crashed')));
    const over = changed('node-crashed', (world) => {
      writeTask(world, { vmid: '' }, { type: 'vzdump', user: 'root@pam', status: 'OK' });
      writeTask(world, { vmid: 203 }, { type: 'vzdump', user: 'root@pam', status: 'job errors' });
    });
    for (const world of [over, unit('node-crashed', 'nightly.service')]) expect(changesOf(await ask(world))).toEqual(expected);
  });

  test.each(['node-off', 'node-paused', 'node-turned-off'])(
    'is no reason to keep waiting what is off or stands still: %s',
    async (scenario) => {
      const expected = changesOf(await ask(worldIn(scenario)));
      expect(changesOf(await ask(unit(scenario, 'daily-backup.service')))).toEqual(expected);
    },
  );

  test('that begins between the plan and its step holds the step back', async () => {
    const world = worldIn('node-stalled');
    const look = await ask(world);
    writeTask(world, { vmid: 105 }, { type: 'vzdump', user: 'root@pam', status: 'RUNNING' });
    expect(await carriedOut(world, look)).toEqual({ done: 0, stopped: 'no: Proxmox backs up no machine' });
  });
});

test('a machine that had a hundred disks attached since it was started was still started by somebody', async () => {
  const busy = changed('node-off', (world) => {
    for (let count = 0; count < 100; count += 1)
      writeTask(world, machineOf(world), { type: 'qmconfig', user: 'csi@pve!csi-token', status: 'OK' });
  });
  expect(changesOf(await ask(busy))).toEqual(['proxmox$ pvesh create /nodes/pve/qemu/203/status/start']);
});
