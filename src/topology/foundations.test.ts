import { describe, expect, test } from 'vitest';
import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { labSite } from '../../test/lab/site/config-text.ts';
import { labTargets, worldOf } from '../../test/lab/site/index.ts';
import { Pod } from '../commands/cluster-objects.ts';
import { readerOver } from '../core/reading.ts';
import type { Workload } from './cluster.ts';
import { FoundationsIndex, foundationsIndex, readFoundations } from './foundations.ts';

async function read(scenario: string): Promise<FoundationsIndex> {
  const world = worldOf({ scenario: scenarioNamed(scenario) });
  return await readFoundations(readerOver(labTargets(world).read), labSite(world));
}

const index = await read('all-well');

function on(all: FoundationsIndex['pods'], name: string): readonly string[] {
  return (all[name] ?? []).map(({ kind, name: each }) => `${kind} ${each}`);
}

const UNDER_NAS = ['hypervisor pve', 'network truenas', 'pool main', 'nas truenas'];

describe('the index of what stands on what', () => {
  test('is of every living pod, workload, claim and node', () => {
    const { pods, workloads, claims, nodes } = index;
    expect([pods, workloads, claims, nodes].map((each) => Object.keys(each).length)).toEqual([54, 34, 42, 5]);
  });

  test('has a share on the NAS, through its driver or by the kubelet alone', () => {
    expect(on(index.claims, 'forgejo/forgejo-data')).toEqual([
      ...UNDER_NAS,
      'driver nfs.csi.k8s.io',
      'claim forgejo/forgejo-data',
    ]);
    expect(on(index.claims, 'headscale/headscale-data')).toEqual([...UNDER_NAS, 'claim headscale/headscale-data']);
    expect(on(index.workloads, 'frigate/frigate')).toEqual([...UNDER_NAS, 'node k8s-node1', 'workload frigate/frigate']);
  });

  test('has a share of another server on that server, of which nothing more is known', () => {
    expect(on(index.claims, 'navidrome/navidrome-music')).toEqual([
      'nas 192.168.1.13',
      'driver nfs.csi.k8s.io',
      'claim navidrome/navidrome-music',
    ]);
  });

  test('has a disk of the hypervisor on its driver, and one over iSCSI on the NAS too', () => {
    expect(on(index.claims, 'novelapp/novelapp-data-proxmox')).toEqual([
      'hypervisor pve',
      'driver csi.proxmox.sinextra.dev',
      'claim novelapp/novelapp-data-proxmox',
    ]);
    expect(on(index.claims, 'novelapp/novelapp-data')).toEqual(
      expect.arrayContaining(['nas truenas', 'driver org.democratic-csi.iscsi']),
    );
  });

  test('knows pods that an operator made without a workload between', () => {
    const pod = Object.keys(index.pods).find((name) => name.startsWith('dbaas/pg-cluster-')) ?? '';
    expect(on(index.pods, pod)).toEqual(
      expect.arrayContaining(['database-server dbaas/pg-cluster', 'workload dbaas/pg-cluster']),
    );
  });

  test('has those who use a database server on it and on what is under it', () => {
    const server = on(index.workloads, 'immich/immich-server');
    expect(server).toEqual(expect.arrayContaining(['database-server redis/redis-node', 'driver csi.proxmox.sinextra.dev']));
    expect(server.filter((each) => each.startsWith('node '))).toEqual(['node k8s-node2']);
  });

  test('has what a CronJob will use, though it runs no pod now', () => {
    expect(on(index.workloads, 'dbaas/postgresql-backup')).toEqual(
      expect.arrayContaining(['nas truenas', 'claim dbaas/dbaas-postgresql-backup']),
    );
  });

  test('has of a namespace only what is shared, and of a node the shares that its pods mount', () => {
    expect(on(index.namespaces, 'forgejo')).toEqual([
      ...UNDER_NAS,
      'driver nfs.csi.k8s.io',
      'node k8s-node4',
      'namespace forgejo',
    ]);
    expect(on(index.nodes, 'k8s-master')).toEqual(['hypervisor pve', 'node k8s-master']);
    expect(on(index.nodes, 'k8s-node4')).toEqual([...UNDER_NAS, 'node k8s-node4']);
  });

  test('leaves out pods that have ended', () => {
    const pod = (name: string, phase: string) =>
      Pod.parse({ metadata: { namespace: 'a', name, uid: name }, spec: { containers: [] }, status: { phase } });
    const pods = [pod('runs', 'Running'), pod('done', 'Succeeded'), pod('failed', 'Failed')];
    const site = labSite(worldOf({ scenario: scenarioNamed('all-well') }));
    const small = foundationsIndex({ pods, claims: [], volumes: [], workloads: [], nodes: [] }, site);
    expect(small.pods).toEqual({
      'a/runs': [
        { kind: 'hypervisor', name: 'pve' },
        { kind: 'workload', name: 'a/runs' },
      ],
    });
    expect(Object.keys(small.workloads)).toEqual(['a/runs']);
  });

  test('keeps of a workload the node that it ran on while that is down, and no longer', () => {
    const site = labSite(worldOf({ scenario: scenarioNamed('all-well') }));
    const node = (name: string, ready: boolean) => ({
      name,
      ready,
      controlPlane: false,
      cordoned: false,
      internalIp: undefined,
      bootId: undefined,
    });
    const at = (nodeName: string) =>
      Pod.parse({
        metadata: { name: 'web-1', namespace: 'app', uid: nodeName, ownerReferences: [{ kind: 'ReplicaSet', name: 'web-1' }] },
        spec: { nodeName, volumes: [], containers: [] },
        status: { phase: 'Running' },
      });
    const workloads: readonly Workload[] = [
      { kind: 'Deployment', namespace: 'app', name: 'web', spec: { volumes: [], containers: [] }, claimTemplates: [] },
    ];
    const cluster = (pods: readonly Pod[], ready: boolean) => ({
      pods,
      claims: [],
      volumes: [],
      workloads,
      nodes: [node('node1', ready), node('node2', true)],
    });
    const nodesOf = (all: FoundationsIndex) => on(all.workloads, 'app/web').filter((each) => each.startsWith('node '));
    const before = foundationsIndex(cluster([at('node1')], true), site);
    const gone = foundationsIndex(cluster([at('node2')], false), site, before);
    expect(nodesOf(gone)).toEqual(['node node1', 'node node2']);
    expect(nodesOf(foundationsIndex(cluster([], false), site, gone))).toEqual(['node node1']);
    expect(nodesOf(foundationsIndex(cluster([at('node2')], true), site, gone))).toEqual(['node node2']);
  });

  test('is plain data that is read back as it was', () => {
    expect(FoundationsIndex.parse(JSON.parse(JSON.stringify(index)))).toEqual(index);
  });

  test('is not made of a cluster that could be read in part only', async () => {
    await expect(read('blind-kubernetes')).rejects.toThrow('the cluster could not be read');
  });
});
