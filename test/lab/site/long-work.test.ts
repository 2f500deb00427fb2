import { describe, expect, test } from 'vitest';
import { resetVm, startVm } from '../../../src/commands/proxmox-host.ts';
import { jobWork } from '../../../src/commands/work-job.ts';
import { taskSince, tasksOf } from '../../../src/commands/work-task.ts';
import { type StartedWork, unitWork } from '../../../src/commands/work-unit.ts';
import type { Read } from '../../../src/core/command.ts';
import type { WorkState } from '../../../src/core/plan.ts';
import { readerOver } from '../../../src/core/reading.ts';
import { labTargets } from './targets.ts';
import { newWorld, type World } from './world.ts';

const PVE = { name: 'pve', sudo: false };
const NODE = { name: 'k8s-node2', sudo: true };
const NAS = { name: 'truenas', sudo: false };

const unitOn = (host: typeof PVE) =>
  unitWork(host, { name: 'storagebot-1-copy', argv: ['sleep', '60'], deadlineS: 120, risk: 'high' });
const job = jobWork({
  namespace: 'immich',
  name: 'storagebot-1-copy',
  pod: { containers: [{ name: 'copy', image: 'example.net/copy:1' }] },
  deadlineS: 120,
  risk: 'high',
});

const kinds: readonly (readonly [kind: string, started: StartedWork, refusal: string])[] = [
  ['a unit on the hypervisor', unitOn(PVE), 'was already loaded'],
  ['a unit on a node', unitOn(NODE), 'was already loaded'],
  ['a unit on the NAS', unitOn(NAS), 'was already loaded'],
  ['a Job', job, '(AlreadyExists)'],
];

/** A site in which time passes only when a test says so. */
function site(work: Partial<Pick<World['longWork'], 'runsMs' | 'exitCode' | 'says'>> = {}) {
  const world = newWorld({ flavour: 'debian' });
  Object.assign(world.longWork, { runsMs: 60_000, ...work });
  const targets = labTargets(world, { settleMs: 0 });
  const read = async <T>(wanted: Read<T>): Promise<T> => {
    const seen = await readerOver(targets.read)(wanted);
    if (!seen.known) throw new Error(seen.why.says);
    return seen.value;
  };
  return {
    world,
    change: targets.change,
    read,
    stateAfter: async ({ work: { state } }: StartedWork, ms: number): Promise<WorkState> => {
      world.time.advance(ms);
      return read(state);
    },
  };
}

describe.each(kinds)('%s', (_kind, started, refusal) => {
  const { change: start, work } = started;

  test('is absent, runs, and has succeeded for good', async () => {
    const { change, stateAfter } = site();
    expect(await stateAfter(started, 0)).toEqual({ is: 'absent' });
    expect(await change(start.command)).toMatchObject({ exitCode: 0 });
    expect(await stateAfter(started, 5_000)).toMatchObject({
      is: 'running',
      progress: expect.stringMatching(/^running since .*2026/),
    });
    expect(await stateAfter(started, 60_000)).toEqual({ is: 'succeeded' });
    expect(await stateAfter(started, 300_000)).toEqual({ is: 'succeeded' });
  });

  test('fails by itself', async () => {
    const { change, stateAfter } = site({ exitCode: 3 });
    await change(start.command);
    expect(await stateAfter(started, 70_000)).toMatchObject({
      is: 'failed',
      says: expect.stringMatching(/exit code 3|backoff limit/),
    });
  });

  test('is ended by its target when its time is up', async () => {
    const { change, stateAfter } = site({ runsMs: 3_600_000 });
    await change(start.command);
    expect(await stateAfter(started, 110_000)).toMatchObject({ is: 'running' });
    expect(await stateAfter(started, 20_000)).toMatchObject({
      is: 'failed',
      says: expect.stringMatching(/time was up|DeadlineExceeded/),
    });
  });

  test('starts once: a second start is refused, while it runs and after', async () => {
    const { world, change, stateAfter } = site();
    await change(start.command);
    for (const ms of [5_000, 600_000]) {
      world.time.advance(ms);
      expect(await change(start.command)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(refusal) });
    }
    expect(await stateAfter(started, 0)).toEqual({ is: 'succeeded' });
  });

  test('is absent once it was stopped, and there is nothing to stop then', async () => {
    const { change, stateAfter } = site();
    await change(start.command);
    expect(await stateAfter(started, 5_000)).toMatchObject({ is: 'running' });
    expect(await change(work.stop.command)).toMatchObject({ exitCode: 0 });
    expect(await stateAfter(started, 10_000)).toEqual({ is: 'absent' });
    const again = await change(work.stop.command);
    expect(again).toMatchObject({ stderr: expect.stringMatching(/not loaded|NotFound/) });
    expect(again).not.toMatchObject({ exitCode: 0 });
  });
});

test('a Job that is being stopped is there until its pod has ended', async () => {
  const { change, stateAfter } = site();
  await change(job.change.command);
  await stateAfter(job, 5_000);
  await change(job.work.stop.command);
  expect(await stateAfter(job, 1_000)).toEqual({ is: 'running', progress: 'is being stopped' });
  expect(await stateAfter(job, 2_000)).toEqual({ is: 'absent' });
});

test('a unit says how far it is, and a name alone does not stop one that failed', async () => {
  const { change, stateAfter } = site({ says: '40 % of 12 GiB', exitCode: 1 });
  const started = unitOn(PVE);
  await change(started.change.command);
  expect(await stateAfter(started, 1_000)).toEqual({
    is: 'running',
    progress: 'running since Fri 2026-04-03 09:00:00 UTC: 40 % of 12 GiB',
  });
  await stateAfter(started, 60_000);
  expect(await change(started.work.stop.command)).toMatchObject({ exitCode: 0 });
  expect(await stateAfter(started, 0)).toEqual({ is: 'failed', says: 'It ended with exit code 1.' });
});

test('a machine that restarts forgets its units: absent does not prove that the work was never started', async () => {
  const { change, stateAfter } = site();
  const started = unitOn(NODE);
  await change(started.change.command);
  expect(await stateAfter(started, 5_000)).toMatchObject({ is: 'running' });
  await change(resetVm(PVE, 202).command);
  expect(await stateAfter(started, 60_000)).toEqual({ is: 'absent' });
});

test('only root starts and stops a unit, and anybody sees how far it is', async () => {
  const { change, stateAfter } = site();
  const { change: start, work } = unitOn({ ...NODE, sudo: false });
  const refused = { exitCode: 1, stderr: expect.stringContaining('Interactive authentication required') };
  expect(await change(start.command)).toMatchObject(refused);
  await change(unitOn(NODE).change.command);
  expect(await change(work.stop.command)).toMatchObject(refused);
  expect(await stateAfter({ change: start, work }, 1_000)).toMatchObject({ is: 'running' });
});

describe('the tasks of the hypervisor', () => {
  const reset = { vmid: 202, type: 'qmreset' } as const;

  test('tell a reset that was made from one that was not', async () => {
    const { change, read } = site();
    await change(resetVm(PVE, 202).command);
    const known = (await read(tasksOf(PVE, reset))).map(({ upid }) => upid);
    expect(known).toHaveLength(1);
    expect(await read(taskSince(PVE, { ...reset, known }))).toEqual({ is: 'absent' });
    await change(resetVm(PVE, 203).command);
    expect(await read(taskSince(PVE, { ...reset, known }))).toEqual({ is: 'absent' });
    await change(resetVm(PVE, 202).command);
    expect(await read(taskSince(PVE, { ...reset, known }))).toEqual({ is: 'succeeded' });
  });

  test('tell why a machine did not start', async () => {
    const { world, change, read } = site();
    const vm = world.hypervisor.vms.get(202);
    if (vm === undefined) throw new Error('no such machine');
    vm.status = 'stopped';
    vm.config.delete('scsi0');
    expect(await change(startVm(PVE, 202).command)).toMatchObject({ exitCode: 255 });
    expect(await read(taskSince(PVE, { vmid: 202, type: 'qmstart', known: [] }))).toEqual({
      is: 'failed',
      says: 'qmstart of 202 by root@pam at 2026-04-03T09:00:00Z: bootorder: disk scsi0 does not exist',
    });
  });
});
