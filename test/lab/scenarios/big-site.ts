import type { LabNode } from '../site/node.ts';
import { addVolume, addWorkload } from '../site/populate.ts';
import type { World } from '../site/world.ts';
import type { Scenario } from './scenario.ts';

/** Of this NAS; each node has as many of its mounts as the next. */
const EXPORTS = 100;
const MOUNTS_OF_A_NODE = 30;
const CLAIMS_OF_A_POD = 3;

export const scenario: Scenario = {
  name: 'big-site',
  says: 'Nothing is the matter at a site of 5 nodes with 100 exports and 150 mounts.',
  prepare: (world) => {
    const added = [...Array.from({ length: EXPORTS - world.nas.active.length }).keys()].map((index) => volumeOf(index));
    for (const volume of added) addVolume(world, volume);
    const claims = [...Map.groupBy(added, ({ namespace }) => namespace)].map(([namespace, volumes]) => ({
      namespace,
      names: volumes.map(({ name }) => name),
    }));
    let next = 0;
    for (const node of world.nodes.values()) {
      for (let free = MOUNTS_OF_A_NODE - countOf(world, node); free > 0; free = MOUNTS_OF_A_NODE - countOf(world, node)) {
        const { namespace = '', names = [] } = claims[next % claims.length] ?? {};
        const name = `${namespace}-${Math.floor(next / claims.length) + 1}`;
        addWorkload(world, { namespace, kind: 'Deployment', name, nodes: [node.name], claims: names.slice(0, free) });
        next += 1;
      }
    }
  },
};

function volumeOf(index: number) {
  const namespace = `app-${`${Math.floor(index / CLAIMS_OF_A_POD) + 1}`.padStart(2, '0')}`;
  const directory = ['config', 'data', 'media'][index % CLAIMS_OF_A_POD] ?? '';
  return { namespace, name: `${namespace}-${directory}`, path: `/mnt/main/${namespace}/${directory}` };
}

function countOf({ nas }: World, node: LabNode): number {
  return node.mounts.filter(({ nfs }) => nfs?.server === nas.address).length;
}
