import { describe, expect, test } from 'vitest';
import diagnoseCapacity from '../../runbooks/diagnose-capacity/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { readerOver } from '../../src/core/reading.ts';
import { diskOf, fill, NOVEL } from '../lab/scenarios/capacity-changes.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { changed, look, NOVEL_ID } from './capacity-world.ts';
import { codesOf, worldIn } from './world.ts';

const GIB = 2 ** 30;

describe('a claim', () => {
  test.each([
    [95, []],
    [95.2, [`claim-full ${NOVEL_ID}`]],
  ])('that is %d % full', async (percent, expected) => {
    expect(codesOf(await look(changed((world) => fill(world, NOVEL, percent))))).toEqual(expected);
  });

  test('whose last twentieth is kept for root is full before its bytes are, also where df is asked for it', async () => {
    const at = (usedPercent: number) =>
      changed((world) => {
        world.monitoring.unmeasured.add(NOVEL_ID);
        fill(world, NOVEL, usedPercent);
        const { fileSystem } = diskOf(world, NOVEL);
        fileSystem.reservedBytes = Math.floor(fileSystem.sizeBytes / 20);
      });
    expect(codesOf(await look(at(94)))).toEqual([`claim-full ${NOVEL_ID}`]);
    expect(codesOf(await look(at(89)))).toEqual([]);
  });

  test('that has inodes left is not without them', async () => {
    const world = changed((each) => Object.assign(diskOf(each, NOVEL).fileSystem, { inodesUsedPercent: 94 }));
    expect(codesOf(await look(world))).toEqual([]);
  });

  test('that fills, and has room for five days, is not going to be full soon', async () => {
    const at = (bytesPerDay: number) =>
      changed((world) => {
        fill(world, NOVEL, 50);
        world.monitoring.growth.set(NOVEL_ID, { bytesPerDay, sinceHours: 72 });
      });
    expect(codesOf(await look(at(GIB / 10)))).toEqual([]);
    expect(codesOf(await look(at(GIB / 7)))).toEqual([`claim-fills ${NOVEL_ID}`]);
  });

  test('that was written at once, hours ago, fills by the last day and not by the last hours', async () => {
    const world = changed((each) => {
      fill(each, NOVEL, 60);
      each.monitoring.growth.set(NOVEL_ID, { bytesPerDay: GIB, sinceHours: 2 });
    });
    const { diagnosis } = await look(world);
    expect(diagnosis.evidence.map(({ says }) => says).join('\n')).not.toContain('Infinity');
  });

  /** All that the kubelet says of the claim, from a node of this name: so much free so long ago, or nothing then. */
  function measuredFrom(node: string, freeAt: (agoH: number) => number | undefined) {
    return changed((world) => {
      const of = (name: string, at: (agoH: number) => number | undefined) => ({
        labels: {
          __name__: `kubelet_volume_stats_${name}`,
          namespace: NOVEL.namespace,
          persistentvolumeclaim: NOVEL.claim,
          node,
          job: 'kubelet',
        },
        at: (timeMs: number) => at((world.time.nowMs - timeMs) / 3_600_000),
      });
      const capacity = of('capacity_bytes', (agoH) => (freeAt(agoH) === undefined ? undefined : GIB));
      world.monitoring.more.push(of('available_bytes', freeAt), capacity);
    });
  }
  const says = async (world: World) => (await look(world)).diagnosis.evidence.map((each) => each.says).join('\n');

  test('that filled quickly on a node where it is not mounted any more has no forecast from there', async () => {
    const world = measuredFrom('k8s-node9', (agoH) => (agoH < 10 ? undefined : GIB / 100 + (agoH * GIB) / 30));
    expect(codesOf(await look(world))).toEqual([]);
  });

  test('that came from another node hours ago is measured for too short a time', async () => {
    const world = measuredFrom('k8s-node9', (agoH) => (agoH < 10 ? undefined : GIB / 2));
    world.monitoring.unmeasured.add(NOVEL_ID);
    const here = measuredFrom('k8s-node1', (agoH) => (agoH > 10 ? undefined : GIB / 4 + (agoH * GIB) / 40));
    world.monitoring.more.push(...here.monitoring.more);
    expect(codesOf(await look(world))).toEqual([]);
    expect(await says(world)).toMatch(/without a forecast: .*novelapp-data-proxmox/);
  });

  test('that was emptied or made anew within the day has no forecast from before', async () => {
    const world = measuredFrom('k8s-node1', (agoH) => (agoH < 2 ? GIB * 0.9 : Math.min(GIB, ((agoH - 2) * GIB) / 22)));
    world.monitoring.unmeasured.add(NOVEL_ID);
    const emptied = measuredFrom('k8s-node1', (agoH) => (agoH < 2 ? GIB * 0.9 : GIB / 10 + ((agoH - 2) * GIB) / 30));
    emptied.monitoring.unmeasured.add(NOVEL_ID);
    expect(codesOf(await look(emptied))).toEqual([]);
    expect(codesOf(await look(world))).toEqual([]);
  });

  test('whose pace is not known has no forecast, and that is said', async () => {
    const world = measuredFrom('k8s-node1', (agoH) => (agoH === 24 || agoH === 0 ? GIB / 2 : undefined));
    world.monitoring.unmeasured.add(NOVEL_ID);
    const slopeless = (line: string) => line.includes('deriv(');
    const { read } = labTargets(world);
    const found = await diagnoseCapacity.look(
      {},
      readerOver(async (command) => {
        const outcome = await read(command);
        if (command.via !== 'prometheus' || !slopeless(command.query) || !('stdout' in outcome)) return outcome;
        const data = JSON.parse(outcome.stdout);
        const result = data.result.filter(
          (one: { metric: Record<string, string> }) => one.metric['persistentvolumeclaim'] !== NOVEL.claim,
        );
        return { ...outcome, stdout: JSON.stringify({ ...data, result }) };
      }),
      labSite(world),
    );
    expect(codesOf(found)).toEqual([]);
    expect(found.diagnosis.evidence.map((each) => each.says).join('\n')).toMatch(/without a forecast: .*novelapp-data-proxmox/);
  });

  test('that is mounted and that nothing measures could not be looked at', async () => {
    const world = changed((each) => void each.monitoring.unmeasured.add(NOVEL_ID));
    const { read } = labTargets(world);
    const found = await diagnoseCapacity.look(
      {},
      readerOver(async (command) => {
        const outcome = await read(command);
        if (!('stdout' in outcome) || command.via !== 'ssh' || !command.argv.includes('df')) return outcome;
        return {
          ...outcome,
          stdout: outcome.stdout
            .split('\n')
            .filter((line) => !line.includes('pods'))
            .join('\n'),
        };
      }),
      labSite(world),
    );
    expect(verdictOf(found.diagnosis)).toBe('blind');
  });

  test('of another name than any is refused in words', async () => {
    await expect(look(worldIn(), 'novelapp/novel')).rejects.toThrow(
      /^novelapp has no claim novel; it has .*novelapp-data-proxmox/,
    );
    await expect(look(worldIn(), 'novel')).rejects.toThrow('No claim is in a namespace novel.');
  });
});
