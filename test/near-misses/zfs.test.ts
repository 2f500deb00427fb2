import { describe, expect, test } from 'vitest';
import diagnoseZfs from '../../runbooks/diagnose-zfs/index.ts';
import { pauseScrub, poolStatuses, scrub, stopScrub } from '../../src/commands/zfs-status.ts';
import type { Command } from '../../src/core/command.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { isFailure } from '../../src/core/output.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { readerOver } from '../../src/core/reading.ts';
import { DAY_MS, damageKnown, deviceOf, KNOWN_ERRORS, poolOf } from '../lab/scenarios/zfs-changes.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const NAS = { name: 'truenas', sudo: false };
const ask = (world: World, ...words: string[]) => lookAt(world, { runbook: diagnoseZfs, words });

/** A world to which this was done. */
function changed(change: (world: World) => void, flavour?: 'core' | 'scale' | 'debian'): World {
  const world = worldIn('all-well', flavour);
  change(world);
  return world;
}

describe('a pool', () => {
  test('that is 79 % full is not yet too full; 80 and 90 % are', async () => {
    const at = async (percent: number) =>
      codesOf(await ask(changed((world) => Object.assign(poolOf(world), { usedPercent: percent }))));
    expect(await at(79)).toEqual([]);
    expect(await at(80)).toEqual(['capacity-high main']);
    expect(await at(89)).toEqual(['capacity-high main']);
    expect(await at(90)).toEqual(['capacity-critical main']);
  });

  test('of which one device has new checksum errors is told from one of which all have', async () => {
    const grow = (indexes: readonly number[]) => (world: World) => {
      for (const index of indexes) deviceOf(world, index).checksum = '5';
    };
    expect(codesOf(await ask(changed(grow([0]))))).toContain('checksums-grow main');
    expect(codesOf(await ask(changed(grow([0, 1, 2, 3, 4, 5]))))).toContain('checksums-grow main');
    expect(codesOf(await ask(changed(grow([0, 1, 2, 3, 4, 5, 6]))))).toContain('all-devices-grow main');
  });

  test('whose only device has new checksum errors has them there, not below all', async () => {
    const world = changed((each) => Object.assign(poolOf(each, 'ssd').status.devices[0] ?? {}, { checksum: '5' }));
    expect(codesOf(await ask(world))).toContain('checksums-grow ssd');
  });

  test('whose counts began anew after a restart of the NAS is as well as before', async () => {
    const world = changed((each) => {
      damageKnown(each);
      deviceOf(each, 2).checksum = '0';
    });
    expect(verdictOf((await ask(world)).diagnosis)).toBe('well');
  });

  test('that has another error for one that is gone has a new error', async () => {
    const world = changed((each) => {
      damageKnown(each).errors.splice(0, 1, '/mnt/main/forgejo/other');
    });
    const { diagnosis } = await ask(world);
    const found = diagnosis.findings.find(({ code }) => code === 'new-errors');
    expect(found?.says).toBe(
      'Pool main lists 56 permanent errors, 1 more than known: /mnt/main/forgejo/other; known ones that are gone: main/iscsi/csi-pvc-7c1d0b52:<0x1>',
    );
  });

  test('is never called degraded for errors that are known', async () => {
    const { diagnosis } = await ask(changed((world) => void damageKnown(world)));
    const text = JSON.stringify(diagnosis.evidence.map(({ says }) => says));
    expect(text).toContain(`the ${KNOWN_ERRORS.length} permanent errors that are known, and no other`);
    expect(text).not.toMatch(/degraded/i);
  });

  test('that could not be opened is not whole, nothing is said of its errors and scrubs, and the other is seen as ever', async () => {
    const world = changed((each) => {
      poolOf(each, 'ssd').health = 'UNAVAIL';
      Object.assign(poolOf(each), { usedPercent: 85 });
    });
    expect(codesOf(await ask(world))).toEqual(['pool-not-whole ssd', 'capacity-high main']);
  });

  test.each([
    [79.9, 74.9, 'ok'],
    [80, 10, 'thin-pool-high pve/data'],
    [10, 75, 'thin-pool-high pve/data'],
    [89.9, 89.9, 'thin-pool-high pve/data'],
    [90, 10, 'thin-pool-exhausted pve/data'],
    [10, 90, 'thin-pool-exhausted pve/data'],
  ])('on a thin pool with %s %% of data and %s %% of metadata is: %s', async (dataPercent, metadataPercent, expected) => {
    const world = changed(({ hypervisor }) => void Object.assign(hypervisor.thinPool, { dataPercent, metadataPercent }));
    expect(codesOf(await ask(world)).join() || 'ok').toBe(expected);
  });

  test('on a thin pool of unknown health is on one that may have failed', async () => {
    const world = changed(({ hypervisor }) => void (hypervisor.thinPool.attributes = 'twi-XotzX-'));
    expect(codesOf(await ask(world))).toEqual(['thin-pool-exhausted pve/data']);
  });

  test('of that name that is nowhere is a slip; one that must be there is missing', async () => {
    await expect(ask(worldIn(), 'mian')).rejects.toThrow('The NAS has no pool mian; there are main, ssd.');
    await expect(ask(worldIn('all-well', 'debian'), 'main')).rejects.toThrow('The NAS has no pool main; there is none.');
    const gone = changed(({ nas }) => void nas.pools.splice(0));
    expect(codesOf(await ask(gone))).toEqual(['pool-missing main', 'pool-missing ssd']);
  });
});

describe('a scrub', () => {
  const scrubbed = (days: number) => (world: World) => {
    const scan = { is: 'finished', atMs: world.time.nowMs - days * DAY_MS, errors: 0 } as const;
    for (const { name } of world.nas.pools) poolOf(world, name).status.scan = scan;
  };

  test('is due after 35 days, and not on the 35th', async () => {
    expect(codesOf(await ask(changed(scrubbed(35))))).toEqual([]);
    expect(codesOf(await ask(changed(scrubbed(36))))).toEqual(['scrub-due main', 'scrub-due ssd']);
  });

  test('is due where a rebuild was the last scan: when the pool was scrubbed is not known', async () => {
    const world = changed((each) => {
      poolOf(each).status.scan = { is: 'finished', what: 'resilver', atMs: each.time.nowMs - DAY_MS, errors: 0 };
    });
    const look = await ask(world);
    expect(codesOf(look)).toEqual(['scrub-due main']);
    expect(look.diagnosis.findings[0]?.says).toMatch(/^Pool main was rebuilt on .*: when it was scrubbed is not known$/);
  });

  test('is planned for one pool at a time', async () => {
    expect(changesOf(await ask(changed(scrubbed(36))))).toEqual(['truenas$ zpool scrub main']);
    const world = changed((each) => {
      scrubbed(36)(each);
      poolOf(each, 'ssd').status.scan = { is: 'running', what: 'resilver', sinceMs: each.time.nowMs, percent: 3 };
    });
    const look = await ask(world);
    expect(codesOf(look)).toEqual(['scrub-due main']);
    expect(look.plan).toEqual({ stop: 'First the scrub or resilver of ssd must end: one at a time.' });
  });

  test('is planned by a site without a hypervisor as well', async () => {
    const world = changed(scrubbed(36));
    const { hypervisor: _none, ...site } = labSite(world);
    expect(changesOf(await lookAt(world, { runbook: diagnoseZfs, words: [], site }))).toEqual(['truenas$ zpool scrub main']);
  });

  test.each<[string, (world: World) => void, string]>([
    ['a backup runs', ({ store }) => void store.create(backup(1)), 'no'],
    ['a backup waits in its suspended Job', ({ store }) => void store.create(backup(0)), 'yes'],
    ['the thin pool is out of data', ({ hypervisor }) => void (hypervisor.thinPool.attributes = 'twi-aotzD-'), 'no'],
    ['the metadata of the thin pool is nearly full', ({ hypervisor }) => void (hypervisor.thinPool.metadataPercent = 90), 'no'],
    ['the disk is busy', ({ hypervisor }) => void (hypervisor.diskBusyPercent = 80), 'no'],
    ['the disk is less busy', ({ hypervisor }) => void (hypervisor.diskBusyPercent = 79.9), 'yes'],
    ['a resilver of the other pool runs', (world) => void (poolOf(world, 'ssd').status.scan = running(world)), 'no'],
    ['somebody else scrubs the pool', (world) => void (poolOf(world).status.scan = running(world)), 'no'],
    [
      'somebody has paused one of the same pool',
      (world) => {
        poolOf(world).status.scan = {
          is: 'paused',
          sinceMs: world.time.nowMs,
          startedMs: world.time.nowMs - 60_000,
          percent: 40,
        };
      },
      'no',
    ],
    ['the pool is gone', ({ nas }) => void nas.pools.splice(0, 1), 'no'],
    ['the pool is not ONLINE any more', (world) => void (poolOf(world).health = 'DEGRADED'), 'no'],
  ])('that was approved while %s is sent: %s', async (_what, change, answer) => {
    const world = changed(scrubbed(36));
    const [step] = stepsOf((await ask(world)).plan);
    if (step === undefined) throw new Error('nothing is planned');
    change(world);
    const read = readerOver(labTargets(world).read);
    const answers = await Promise.all(step.before.map((each) => each.holds(read)));
    expect(answers.every((each) => each.answer === 'yes') ? 'yes' : 'no').toBe(answer);
    expect(answers.map((each) => each.answer)).not.toContain('unknown');
  });
});

function backup(active: number) {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'nextcloud-backup-29588160', namespace: 'nextcloud' },
    spec: { template: { spec: { containers: [{ name: 'rsync' }] } } },
    status: { active },
  };
}

function running({ time }: World) {
  return { is: 'running', what: 'resilver', sinceMs: time.nowMs, percent: 12.5 } as const;
}

describe("the simulated site's zpool", () => {
  const send = async (world: World, { command }: { readonly command: Command }) => {
    const outcome = await labTargets(world).change(command);
    return isFailure(outcome) ? outcome.says : outcome.stderr.trim();
  };
  const scanIn = async (world: World) => {
    const seen = await readerOver(labTargets(world).read)(poolStatuses(NAS, world.nas.flavour));
    return seen.known ? seen.value[0]?.scan.is : seen.why.says;
  };

  test('starts, pauses, resumes and ends a scrub, and refuses what is not possible', async () => {
    const world = worldIn();
    expect(await send(world, pauseScrub(NAS, 'main'))).toBe('cannot pause scrubbing main: there is no active scrub');
    expect(await send(world, scrub(NAS, 'main'))).toBe('');
    expect(await scanIn(world)).toBe('running');
    expect(await send(world, scrub(NAS, 'main'))).toMatch(/^cannot scrub main: currently scrubbing; use 'zpool scrub -s'/);
    expect(await send(world, pauseScrub(NAS, 'main'))).toBe('');
    expect(await scanIn(world)).toBe('paused');
    expect(await send(world, pauseScrub(NAS, 'main'))).toMatch(/^cannot pause scrubbing main: scrub is paused/);
    expect(await send(world, scrub(NAS, 'main'))).toBe('');
    expect(await scanIn(world)).toBe('running');
    expect(await send(world, stopScrub(NAS, 'main'))).toBe('');
    expect(await scanIn(world)).toBe('canceled');
    expect(await send(world, stopScrub(NAS, 'main'))).toBe('cannot cancel scrubbing main: there is no active scrub');
    expect(await send(world, scrub(NAS, 'mian'))).toBe("cannot open 'mian': no such pool");
    poolOf(world).health = 'SUSPENDED';
    expect(await send(world, scrub(NAS, 'main'))).toBe('cannot scrub main: pool I/O is currently suspended');
  });
});
