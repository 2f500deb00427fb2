import { describe, expect, it } from 'vitest';
import moveDataset from '../../runbooks/move-dataset/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { undoSteps } from '../../src/core/undo.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { labSite, labTargets, type World, worldOf } from '../lab/site/index.ts';

const SOURCE = 'main/immich/encoded-video';
const TARGET = 'ssd/immich-encoded-video';

function worldIn(scenario: string): World {
  return worldOf({ scenario: scenarioNamed(scenario), hangScale: 0.001 });
}

function look(world: World) {
  return moveDataset.look({ dataset: SOURCE, pool: 'ssd' }, readerOver(labTargets(world).read), labSite(world));
}

function datasetNamed({ nas }: World, wanted: string) {
  const found = nas.disk.datasets.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`The lab has no ${wanted}`);
  return found;
}

describe('the last step of a move', () => {
  const refused = async (change: (world: World) => void) => {
    const world = worldIn('move-mounted');
    const last = stepsOf((await look(world)).plan).at(-1);
    change(world);
    const reader = readerOver(labTargets(world).read);
    const answers = await Promise.all((last?.before ?? []).map(async ({ says, holds }) => ({ says, ...(await holds(reader)) })));
    return answers.filter(({ answer }) => answer === 'no').map(({ says }) => says);
  };

  it('starts nobody on a copy that is no longer mounted, where the files would lie below its place', async () => {
    const says = `${TARGET} is mounted at /mnt/${TARGET}`;
    expect(await refused(() => undefined)).not.toContain(says);
    expect(await refused((world) => void (datasetNamed(world, TARGET).mounted = false))).toContain(says);
  });

  it('starts nobody on the copy once somebody can write to the old dataset', async () => {
    const says = `${SOURCE} is read-only still`;
    expect(await refused(() => undefined)).not.toContain(says);
    expect(await refused((world) => void (datasetNamed(world, SOURCE).readOnly = false))).toContain(says);
  });

  it('tells whoever takes it back later that newer writes are lost', async () => {
    const [first] = undoSteps(stepsOf((await look(worldIn('move-mounted'))).plan));
    expect(first?.warnings).toEqual([expect.stringContaining('is lost for it: it stays in ssd/immich-encoded-video alone')]);
  });
});

it('a pool that is mounted at no path is refused before anything is copied or stopped', async () => {
  const world = worldIn('dataset-to-move');
  Object.assign(datasetNamed(world, 'ssd'), { mountPoint: 'none' });
  await expect(look(world)).rejects.toThrow('ssd is mounted at no path (none)');
});
