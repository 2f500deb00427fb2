import { describe, expect, test } from 'vitest';
import type { Look } from '../../src/core/runbook.ts';
import { partsOf } from '../../src/slack/connection/parts.ts';
import { roundOf, viewOf } from '../../src/slack/fixtures/run-view.ts';
import { mountOf, mountsOf, notReady, SERVER_PODS } from '../lab/scenarios/changes.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import type { World } from '../lab/site/index.ts';
import { addWorkload } from '../lab/site/populate.ts';
import { nodeOf } from '../lab/site/world.ts';
import { validateMessage } from '../lab/slack/blocks.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const ALL = { words: ['all'] };
/** True of the lab in every state: a volume written into a pod has no mount options. */
const ALWAYS = 'hard-mount frigate/media';

function bigSite(change: (world: World) => void = () => undefined): World {
  const world = worldIn('big-site');
  change(world);
  return world;
}

function hang(world: World, node: string, how: 'killable' | 'unkillable' = 'killable'): void {
  for (const mount of nodeOf(world, node).mounts) mount.hangs = how;
}

function saysOf({ diagnosis }: Look, status: 'ok' | 'bad' | 'unknown'): string[] {
  return diagnosis.evidence.filter((each) => each.status === status).map(({ says }) => says);
}

describe('of a whole cluster', () => {
  test('mounts that answer are one sentence', async () => {
    const look = await lookAt(bigSite(), ALL);
    expect(codesOf(look)).toEqual([ALWAYS]);
    expect(saysOf(look, 'ok')).toContain('150 of 150 mounts answer');
    expect(look.diagnosis.evidence.length).toBeLessThan(20);
  });

  test('a dead server is one cause, not one for each of its paths, nodes and pods', async () => {
    const look = await lookAt(bigSite(scenarioNamed('nfsd-stopped').prepare), ALL);
    expect(codesOf(look)).toEqual(['nfsd-stopped truenas']);
    expect(changesOf(look)).toEqual(['truenas$ service nfsd onestart']);
  });

  test('each mount that does not answer is named, in few sentences', async () => {
    const world = bigSite(scenarioNamed('nfsd-stopped').prepare);
    const look = await lookAt(world, ALL);
    const bad = saysOf(look, 'bad');
    expect(bad.length).toBeLessThan(40);
    const pods = new Set(
      [...world.nodes.values()].flatMap(({ mounts }) => mounts).map(({ podUid }) => world.cluster.podNamed(podUid)),
    );
    const text = bad.join('\n');
    const nfsPods = [...pods].filter((name) => /^(app-|immich-server|forgejo)/.test(name));
    expect(nfsPods.length).toBeGreaterThan(43);
    expect(nfsPods.filter((name) => !text.includes(name))).toEqual([]);
  });

  test('messages hold what was found, however much it is', async () => {
    for (const scenario of ['nfsd-stopped', 'node-cut-off']) {
      const { diagnosis, plan } = await lookAt(bigSite(scenarioNamed(scenario).prepare), ALL);
      const view = viewOf({ rounds: [{ ...roundOf({}), diagnosis, plan }] });
      const refused = partsOf(view).filter((part) => part.kind === 'message' && !validateMessage(part.message.blocks).ok);
      expect(refused).toEqual([]);
    }
  });

  test('one path that is missing is that path; all below a root are the root', async () => {
    const one = await lookAt(bigSite(scenarioNamed('path-missing').prepare), ALL);
    expect(codesOf(one)).toContain('path-missing /mnt/main/immich/library');
    const all = bigSite(({ nas }) => {
      for (const { path } of nas.active) if (path.startsWith('/mnt/main/')) nas.disk.remove(path);
    });
    const look = await lookAt(all, ALL);
    expect(codesOf(look).filter((code) => code.startsWith('path-missing'))).toEqual(['path-missing /mnt/main']);
    expect(changesOf(look)).toEqual([]);
  });

  test('all but one path that are missing are each named: what holds them all is there', async () => {
    const world = bigSite(({ nas }) => {
      for (const { path } of nas.active) if (path.startsWith('/mnt/main/app-')) nas.disk.remove(path);
    });
    const missing = codesOf(await lookAt(world, ALL)).filter((code) => code.startsWith('path-missing'));
    expect(missing.length).toBe(77);
    expect(missing).not.toContain('path-missing /mnt/main');
  });

  test('a list of exports that is not in force is one cause and one reload', async () => {
    const look = await lookAt(
      bigSite(({ nas }) => void nas.active.splice(0)),
      ALL,
    );
    expect(codesOf(look)).toEqual(expect.arrayContaining(['export-not-loaded truenas']));
    expect(codesOf(look).filter((code) => code.startsWith('export'))).toHaveLength(1);
    expect(changesOf(look)).toEqual(['truenas$ service mountd onereload']);
  });

  test('a node that is cut off is that node; its pods and mounts are no causes of their own', async () => {
    const look = await lookAt(bigSite(scenarioNamed('node-cut-off').prepare), ALL);
    expect(codesOf(look)).toEqual(['node-cut-off k8s-node4', ALWAYS]);
  });

  test('one mount that hangs is that pod, and no other pod of its node', async () => {
    const world = bigSite((each) => void (mountOf(each, SERVER_PODS, 'immich-upload').hangs = 'killable'));
    const look = await lookAt(world, ALL);
    expect(codesOf(look)).toEqual(['frozen-mount immich/immich-server-f5hbc2q5m8-jznbp', ALWAYS]);
    expect(saysOf(look, 'ok')).toContain('149 of 150 mounts answer');
  });

  test('all pods of a node that hang are repaired one by one, as many as were asked for fresh mounts; the rest waits, and is named', async () => {
    const look = await lookAt(
      bigSite((world) => hang(world, 'k8s-node2')),
      ALL,
    );
    const frozen = codesOf(look).filter((code) => code.startsWith('frozen-mount'));
    expect(changesOf(look)).toHaveLength(frozen.length);
    expect(new Set(frozen).size).toBe(frozen.length);
    expect(saysOf(look, 'bad').filter((says) => /^\d+ more paths wait for a fresh mount on k8s-node2/.test(says))).toHaveLength(
      1,
    );
  });

  test('more pods than a person can approve with care are left to the next round, and that is said', async () => {
    const world = bigSite((each) => {
      for (let number = 1; number <= 12; number += 1) {
        const name = `small-${number}`;
        addWorkload(each, { namespace: 'forgejo', kind: 'Deployment', name, nodes: ['k8s-node3'], claims: ['forgejo-data'] });
        const [mount] = mountsOf(each, { namespace: 'forgejo', name }).mounts;
        if (mount !== undefined) mount.hangs = 'killable';
      }
    });
    const look = await lookAt(world, ALL);
    expect(codesOf(look).filter((code) => code.startsWith('frozen-mount'))).toHaveLength(12);
    expect(changesOf(look)).toHaveLength(10);
    expect(saysOf(look, 'bad')).toContain('frozen-mount: 12 of them; one round repairs 10, and the next ones the rest');
  });

  test('probes that cannot be ended hide no other mount, and nothing is planned for that node', async () => {
    const world = bigSite((each) => void (mountOf(each, SERVER_PODS, 'immich-upload').hangs = 'unkillable'));
    const look = await lookAt(world, ALL);
    expect(codesOf(look)).toEqual([ALWAYS]);
    expect(saysOf(look, 'ok')).toContain('149 of 150 mounts answer');
    expect(saysOf(look, 'unknown')).toEqual([expect.stringContaining('/mnt/main/immich/upload in pod immich/immich-server')]);
    expect(changesOf(look)).toEqual([]);
  });

  test('a fault of one service does not keep a pod of another from its repair', async () => {
    const world = bigSite((each) => {
      scenarioNamed('path-missing').prepare(each);
      const [mount] = mountsOf(each, { namespace: 'forgejo', name: 'forgejo' }).mounts;
      if (mount !== undefined) mount.hangs = 'killable';
    });
    const look = await lookAt(world, ALL);
    expect(codesOf(look)).toContain('path-missing /mnt/main/immich/library');
    expect(changesOf(look)).toEqual([expect.stringContaining('/namespaces/forgejo/pods/')]);
  });

  test('events are asked for in one request', async () => {
    const asked: string[] = [];
    const world = bigSite((each) => notReady(each, SERVER_PODS));
    await lookAt(world, { ...ALL, onAsk: (line) => asked.push(line) });
    expect(asked.filter((line) => line.includes('get events'))).toEqual([
      'cluster$ kubectl get events --all-namespaces --output=json',
    ]);
  });
});

describe('of one node', () => {
  test('its mounts alone are probed, while all nodes are compared', async () => {
    const asked: string[] = [];
    const look = await lookAt(bigSite(), { words: ['k8s-node3'], onAsk: (line) => asked.push(line) });
    expect(saysOf(look, 'ok')).toEqual(
      expect.arrayContaining(['30 of 30 mounts answer', '5 of 5 nodes reach 10.0.10.15 on the NFS port']),
    );
    expect(asked.filter((line) => line.includes(' stat ')).map((line) => line.split('$')[0])).toEqual(['k8s-node3']);
  });

  test('what hangs on another node is not its fault', async () => {
    const look = await lookAt(
      bigSite((world) => hang(world, 'k8s-node2')),
      { words: ['node', 'k8s-node3'] },
    );
    expect(codesOf(look)).toEqual([]);
  });

  test('being cut off is seen against its neighbours, and a dead server is no fault of the node', async () => {
    const cut = await lookAt(bigSite(scenarioNamed('node-cut-off').prepare), { words: ['k8s-node4'] });
    expect(codesOf(cut)).toEqual(['node-cut-off k8s-node4']);
    const dead = await lookAt(bigSite(scenarioNamed('nfsd-stopped').prepare), { words: ['k8s-node4'] });
    expect(codesOf(dead)).toEqual(['nfsd-stopped truenas']);
  });
});

describe('a name', () => {
  test('is first a node’s, and `service` before it a service’s', async () => {
    const world = worldIn();
    addWorkload(world, { namespace: 'k8s-node3', kind: 'Deployment', name: 'web', nodes: ['k8s-node1'] });
    addWorkload(world, { namespace: 'all', kind: 'Deployment', name: 'web', nodes: ['k8s-node1'] });
    const about = async (...words: string[]) => saysOf(await lookAt(world, { words }), 'ok')[0]?.split(' has ')[0];
    expect(await about('k8s-node3')).toBe('Node k8s-node3');
    expect(await about('service', 'k8s-node3')).toBe('namespace k8s-node3');
    expect(await about('all')).toBe('The whole cluster');
    expect(await about()).toBe('The whole cluster');
    expect(await about('service', 'all')).toBe('namespace all');
    expect(await about('immich')).toBe('namespace immich');
  });

  test.each([
    [['node', 'k8s-nod3'], 'The cluster has no node k8s-nod3. Did you mean'],
    [['k8s-node33'], 'k8s-node3'],
    [['service', 'k8s-node3'], 'No namespace, workload, claim or volume is named k8s-node3'],
  ])('%j that nothing has is refused with what is near', async (words, says) => {
    await expect(lookAt(worldIn(), { words })).rejects.toThrow(says);
  });

  test('that no service has is not refused while the nodes could not be seen', async () => {
    const world = worldIn();
    world.api.forbidden.add('nodes');
    const look = await lookAt(world, { words: ['k8s-node3'] });
    expect(codesOf(look)).toEqual([]);
    expect(saysOf(look, 'unknown').join('\n')).toContain('Objects of the cluster');
  });
});
