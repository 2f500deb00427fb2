import { describe, expect, test } from 'vitest';
import diagnoseSqlite from '../../runbooks/diagnose-sqlite/index.ts';
import restoreSqlite from '../../runbooks/restore-sqlite/index.ts';
import { at } from '../lab/kubernetes/store.ts';
import { diskOf, VAULT, vmOf } from '../lab/scenarios/block-changes.ts';
import { labSite, type World } from '../lab/site/index.ts';
import { power } from '../lab/site/power.ts';
import { codesOf, lookAt, PODS, worldIn } from './world.ts';

const FROM = ['vaultwarden', 'from', '2026_04_03_06_00'];

function withRoom(scenario: string, bytes: number): World {
  const world = worldIn(`sqlite-restore-${scenario}`);
  const { fileSystem } = diskOf(world, VAULT);
  fileSystem.usedBytes = fileSystem.sizeBytes - (fileSystem.reservedBytes ?? 0) - bytes;
  return world;
}

const restore = (world: World, words: readonly string[]) => lookAt(world, { runbook: restoreSqlite, words });

describe('the room for a restore', () => {
  const backup = 4_308_992;

  test.each([
    [2 * backup, ['not-restored vaultwarden']],
    [2 * backup - 1, ['no-room vaultwarden/vaultwarden-data-proxmox']],
  ])('of %i bytes, for a backup of 4308992', async (bytes, codes) => {
    expect(codesOf(await restore(withRoom('damaged', bytes), FROM))).toEqual(codes);
  });

  test('is that for the database and its log where indexes are made anew', async () => {
    const ask = async (bytes: number) => codesOf(await restore(withRoom('indexes', bytes), ['vaultwarden', 'reindex']));
    expect(await ask(2 * backup)).toEqual(['no-room vaultwarden/vaultwarden-data-proxmox']);
    expect(await ask(100 * 1_048_576)).toEqual(['not-restored vaultwarden']);
  });

  test('is left to the Job once nobody has the volume mounted', async () => {
    expect(codesOf(await restore(withRoom('stopped', 1), FROM))).toEqual(['not-restored vaultwarden']);
  });
});

test('nobody is stopped for a restore whose Job would have no image', async () => {
  const world = worldIn('sqlite-restore-damaged');
  const { toolsImage: _none, ...site } = labSite(world);
  await expect(lookAt(world, { runbook: restoreSqlite, words: FROM, site })).rejects.toThrow('site.toolsImage');
});

describe('a pod whose node is silent, with its database on NFS', () => {
  async function askedOf(phase: string): Promise<{ readonly asked: readonly string[]; readonly says: readonly string[] }> {
    const world = worldIn('sqlite-well');
    const [pod] = world.store.list({ resource: PODS, namespace: 'headscale' });
    power(world, vmOf(world, `${at(pod?.spec, 'nodeName')}`), { action: 'stop', user: 'root@pam' });
    world.time.advance(60_000);
    world.store.patch({ resource: PODS, namespace: 'headscale', name: pod?.metadata.name ?? '' }, { status: { phase } });
    const asked: string[] = [];
    const { diagnosis } = await lookAt(world, {
      runbook: diagnoseSqlite,
      words: ['headscale'],
      onAsk: (line) => asked.push(line),
    });
    return { asked: asked.filter((line) => line.includes('check')), says: diagnosis.evidence.map(({ says }) => says) };
  }

  test.each(['Running', 'Pending', 'Unknown'])('in phase %s is not looked for on the NAS: it may be writing', async (phase) => {
    const { asked, says } = await askedOf(phase);
    expect(asked).toEqual([expect.stringContaining('k8s-node3$')]);
    expect(says.join('\n')).toContain('k8s-node3, which does not report to the cluster: it may still write');
  });

  test('is not asked where another one runs on a node that reports', async () => {
    const asked: string[] = [];
    const world = worldIn('sqlite-node-given-up-on-nfs');
    const { diagnosis } = await lookAt(world, {
      runbook: diagnoseSqlite,
      words: ['headscale'],
      onAsk: (line) => asked.push(line),
    });
    expect(asked.filter((line) => line.includes('check'))).toEqual([expect.stringContaining('k8s-node1$')]);
    expect(diagnosis.evidence.filter(({ status }) => status === 'unknown')).toEqual([]);
  });
});
