import diagnoseNode from '../../runbooks/diagnose-node/index.ts';
import type { Site } from '../../src/core/site.ts';
import { labSite, type World } from '../lab/site/index.ts';
import { kind } from '../lab/site/volumes.ts';
import { lookAt, worldIn } from './world.ts';

export const ask = (world: World, site: Site = labSite(world)) =>
  lookAt(world, { runbook: diagnoseNode, words: ['k8s-node3'], site });

/** A world of this scenario to which this was done as well. */
export function changed(scenario: string, change: (world: World) => void): World {
  const world = worldIn(scenario);
  change(world);
  return world;
}

export function machineOf({ hypervisor }: World) {
  const vm = hypervisor.vms.get(203);
  if (vm === undefined) throw new Error('The lab has no machine 203');
  return vm;
}

export function patchNode({ store }: World, patch: Record<string, unknown>): void {
  store.patch({ resource: kind('v1', 'nodes'), name: 'k8s-node3' }, patch);
}
