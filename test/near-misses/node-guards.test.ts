import { describe, expect, test } from 'vitest';
import { verdictOf } from '../../src/core/finding.ts';
import { labSite } from '../lab/site/index.ts';
import { writeTask } from '../lab/site/vm-tasks.ts';
import { ask, changed, machineOf, patchNode } from './node-world.ts';
import { changesOf, codesOf, worldIn } from './world.ts';

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
