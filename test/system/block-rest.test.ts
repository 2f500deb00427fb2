import { describe, expect, it } from 'vitest';
import { cases } from '../../runbooks/diagnose-block/cases.ts';
import diagnoseBlock from '../../runbooks/diagnose-block/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { RunView } from '../../src/core/run.ts';
import type { Case } from '../contract.ts';
import { openWorkshop, shownLines, statuses, stepsSent } from './repair.ts';
import { NOT_WELL_AT_ONCE } from './repair-cases.ts';

/** What is left of each, once all that was offered has been approved. */
const REST: Readonly<Record<string, readonly string[]>> = {
  'block-ghost-disks': ['ghost-disks k8s-node3'],
  'block-ghost-in-use': ['ghost-disk-in-use k8s-node3/scsi7'],
  'block-ghost-as-device': ['ghost-disk-in-use k8s-node3/scsi7'],
  'block-slot-cap-ghosts': [
    'held-by-lost-node novelapp/novelapp-data-proxmox',
    'held-by-lost-node plotting-book/plotting-book-data-proxmox',
  ],
  'block-wedged-for-good': ['wedged-hotplug plotting-book/plotting-book-data-proxmox'],
};

const whole: readonly Case[] = cases;

function caseOf(scenario: string): Case {
  const found = whole.find((each) => each.scenario === scenario);
  if (found === undefined) throw new Error(`there is no case of ${scenario}`);
  return found;
}

function restOf({ rounds }: RunView): readonly string[] {
  return (rounds.at(-1)?.diagnosis.findings ?? []).map(({ code, subject }) => `${code} ${subject}`);
}

describe('what one run on disks does not make well', () => {
  it('is each of the cases that are not among the repairs', () => {
    expect(Object.keys(REST).toSorted()).toEqual([...NOT_WELL_AT_ONCE].toSorted());
  });

  it.each(Object.entries(REST))('is left to a person after %s, and nothing else was touched', async (scenario, rest) => {
    await using workshop = await openWorkshop(diagnoseBlock, caseOf(scenario));
    const { world } = workshop;
    const volumes = world.hypervisor.volumes.map(({ name }) => name);
    const damaged = () => world.hypervisor.volumes.filter(({ fileSystem }) => fileSystem?.destroyed).map(({ name }) => name);
    const run = await workshop.repair();
    expect(world.executed).toEqual(shownLines(stepsSent(run)));
    expect(world.executed.slice(0, caseOf(scenario).changes.length)).toEqual(caseOf(scenario).changes);
    expect(world.hypervisor.volumes.map(({ name }) => name)).toEqual(volumes);
    expect(damaged()).toEqual([]);
    expect(restOf(run)).toEqual(rest);
  });

  it('is, of ten ghosts, five: another run takes the other five, and none is left', async () => {
    await using workshop = await openWorkshop(diagnoseBlock, caseOf('block-ghost-disks'));
    const { world } = workshop;
    await workshop.repair();
    const emptied = () => world.executed.filter((line) => line.includes('--delete'));
    expect(emptied()).toHaveLength(5);
    const again = await workshop.repair();
    expect(new Set(statuses(again).map(([status]) => status))).toEqual(new Set(['done']));
    expect(new Set(emptied()).size).toBe(10);
    expect(restOf(again)).toEqual([]);
    expect((await workshop.repair()).rounds.map(({ plan }) => stepsOf(plan))).toEqual([[]]);
  });
});
