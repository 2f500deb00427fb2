import diagnoseCapacity from '../../runbooks/diagnose-capacity/index.ts';
import type { Step } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { lookAt, worldIn } from './world.ts';

export const NOVEL_ID = 'novelapp/novelapp-data-proxmox';

export const look = (world: World, ...words: string[]) => lookAt(world, { runbook: diagnoseCapacity, words });

export function changed(change: (world: World) => void): World {
  const world = worldIn('all-well');
  change(world);
  return world;
}

/** What the step's preconditions answer now. */
export async function answersOf(step: Step | undefined, world: World): Promise<string[]> {
  const read = readerOver(labTargets(world).read);
  return Promise.all((step?.before ?? []).map(async ({ holds }) => (await holds(read)).answer));
}
