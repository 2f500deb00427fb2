import restorePvc from '../../runbooks/restore-pvc/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { volumeNamed } from '../lab/site/block.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { execute, machineNamed } from '../lab/site/run.ts';
import { kind } from '../lab/site/volumes.ts';
import { lookAt, worldIn } from './world.ts';

export const CLAIM = 'vaultwarden/vaultwarden-data-proxmox';
export const DISK = 'vm-9999-pvc-2bafd781-608b-4c6f-ab37-92f3643027cf';
export const SNAPSHOT = `${DISK}_snap_20260403_0300`;
export const FROM_SNAPSHOT = [CLAIM, 'snapshot', '20260403_0300'];
export const FROM_FILES = [CLAIM, 'files', '2026-14'];

export const APP = { resource: kind('apps/v1', 'deployments'), namespace: 'vaultwarden', name: 'vaultwarden' };

export const THE_CLAIM = {
  resource: kind('v1', 'persistentvolumeclaims'),
  namespace: 'vaultwarden',
  name: 'vaultwarden-data-proxmox',
};

export const look = (world: World, words: readonly string[] = FROM_SNAPSHOT) => lookAt(world, { runbook: restorePvc, words });

export function volume({ hypervisor }: World, name: string) {
  const found = volumeNamed(hypervisor, name);
  if (found === undefined) throw new Error(`The lab has no volume ${name}`);
  return found;
}

export function onHost(world: World, ...argv: string[]) {
  const machine = machineNamed(world, 'pve');
  if (machine === undefined) throw new Error('The lab has no hypervisor');
  return execute(world, machine, { argv });
}

/** Plans in this situation, lets something happen, and says which conditions of the first step do not hold any more. */
export async function refusedAfter(
  scenario: string,
  change: (world: World) => void,
  words: readonly string[] = FROM_SNAPSHOT,
): Promise<readonly string[]> {
  const world = worldIn(scenario);
  const [first] = stepsOf((await look(world, words)).plan);
  change(world);
  const reader = readerOver(labTargets(world).read);
  const answers = await Promise.all((first?.before ?? []).map(async ({ says, holds }) => ({ says, ...(await holds(reader)) })));
  return answers.filter(({ answer }) => answer !== 'yes').map(({ says, answer }) => `${answer}: ${says}`);
}
