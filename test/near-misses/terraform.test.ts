import { describe, expect, test } from 'vitest';
import applyTerraform from '../../runbooks/apply-terraform/index.ts';
import diagnoseCsi from '../../runbooks/diagnose-csi/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { labTargets, type World } from '../lab/site/index.ts';
import { PLANS } from '../lab/site/workstation.ts';
import { carriedOut, changesOf, codesOf, lookAt, worldIn } from './world.ts';

const diagnosis = (world: World) => lookAt(world, { runbook: diagnoseCsi, words: ['nfs'] });
const terraform = (world: World) => lookAt(world, { runbook: applyTerraform, words: ['nfs'] });

describe('a saved plan', () => {
  test('is not applied once somebody has planned anew in between', async () => {
    const world = worldIn('plan-waits');
    const look = await terraform(world);
    for (const [path, file] of world.workstation.plans)
      if (path.endsWith('.tfplan')) world.workstation.plans.set(path, { ...file, text: `${file.text}, planned anew` });
    expect(await carriedOut(world, look)).toEqual({ done: 0, stopped: 'no: The saved plan is the one that was read' });
    expect(world.workstation.pending).toHaveLength(1);
  });

  test('is compared once more on its own host, by the very line that applies it', async () => {
    const world = worldIn('plan-waits');
    const [step] = stepsOf((await terraform(world)).plan);
    for (const [path, file] of world.workstation.plans)
      if (path.endsWith('.tfplan')) world.workstation.plans.set(path, { ...file, text: 'another' });
    if (step === undefined) throw new Error('there is a step');
    expect(await labTargets(world).change(step.change.command)).toMatchObject({ exitCode: 3 });
    expect(world.workstation.pending).toHaveLength(1);
  });

  test('is not applied once its text names other resources, in the same number', async () => {
    const world = worldIn('plan-waits');
    const look = await terraform(world);
    for (const [path, file] of world.workstation.plans)
      if (path.endsWith('.txt'))
        world.workstation.plans.set(path, { ...file, text: file.text.replaceAll('csi_driver_nfs', 'another') });
    expect((await carriedOut(world, look)).stopped).toBe('no: It adds 0, changes 1 and destroys 0');
    expect(world.workstation.pending).toHaveLength(1);
  });

  test('is not applied while a plan of another commit is', async () => {
    const world = worldIn('plan-waits');
    const look = await terraform(world);
    const madeMs = world.time.nowMs;
    world.workstation.plans.set(`${PLANS}/stacks.nfs-csi-0123456789ab.applying`, { text: '', madeMs });
    expect((await carriedOut(world, look)).stopped).toBe('no: Nobody applies a plan of it, of whatever commit');
  });

  test('says before the approval that it takes back what others did', async () => {
    const [step] = stepsOf((await terraform(worldIn('commit-behind'))).plan);
    expect(step?.warnings?.[0]).toMatch(/^3 commits of the upstream are not checked out/);
  });

  test('is void once another commit is checked out', async () => {
    const world = worldIn('plan-waits');
    const look = await terraform(world);
    world.workstation.commit = 'a'.repeat(40);
    expect((await carriedOut(world, look)).stopped).toMatch(/^no: stacks\/nfs-csi is checked out at 9722db814f1c/);
    expect(codesOf(await terraform(world))).toEqual(['not-planned stacks/nfs-csi']);
  });

  test('that fails half-way is not applied again, and is a person’s', async () => {
    const world = worldIn('plan-waits');
    world.workstation.terragruntFails = 'Error: UPGRADE FAILED: timed out waiting for the condition';
    expect((await carriedOut(world, await terraform(world))).stopped).toBe('no: It was applied to its end');
    const look = await terraform(world);
    expect(codesOf(look)).toEqual(['apply-unfinished stacks/nfs-csi']);
    expect(changesOf(look)).toEqual([]);
  });

  test('is none that was made by a clock that went wrong: it would be fresh for ever', async () => {
    const world = worldIn('plan-waits');
    const madeMs = world.time.nowMs + 86_400_000;
    for (const [path, file] of world.workstation.plans) world.workstation.plans.set(path, { ...file, madeMs });
    expect(codesOf(await terraform(world))).toEqual(['not-planned stacks/nfs-csi']);
  });

  test('mends what the diagnosis found, once it is applied', async () => {
    const world = worldIn('limit-raised');
    expect(codesOf(await diagnosis(world))).toEqual(['memory-limit-low csi-nfs-node/nfs']);
    for (let round = 0; round < 2; round += 1)
      expect(await carriedOut(world, await terraform(world))).toEqual({ done: 1, stopped: undefined });
    expect(codesOf(await terraform(world))).toEqual([]);
    world.time.advance(300_000);
    expect(codesOf(await diagnosis(world))).toEqual([]);
  });
});
