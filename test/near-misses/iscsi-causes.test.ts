import { describe, expect, test } from 'vitest';
import diagnoseIscsi from '../../runbooks/diagnose-iscsi/index.ts';
import { show } from '../../src/core/command.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { podOf } from '../lab/scenarios/changes.ts';
import { ago, BOOKS, CLOUD, claimWaits, NOVEL, use } from '../lab/scenarios/iscsi-changes.ts';
import { poolOf } from '../lab/scenarios/zfs-changes.ts';
import type { World } from '../lab/site/index.ts';
import { DEFAULTS, daemonSays, drop } from '../lab/site/iscsi.ts';
import { kernelSays } from '../lab/site/node.ts';
import { addWorkload } from '../lab/site/populate.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const diagnose = (world: World, ...words: string[]) => lookAt(world, { runbook: diagnoseIscsi, words });
const kindsOf = (look: Awaited<ReturnType<typeof diagnose>>) => codesOf(look).map((code) => code.split(' ')[0]);
const saidBy = (look: Awaited<ReturnType<typeof diagnose>>) => look.diagnosis.evidence.map(({ says }) => says).join('\n');
const UNUSED = { ...BOOKS, workload: undefined };
const MINUTE_MS = 60_000;

test('a session that stays in REOPEN while a pod needs it: nobody lets its recovery time run out, and nobody logs it out', async () => {
  const world = worldIn();
  const { node, session } = use(world, BOOKS);
  drop(node, session, ago(world, 3));
  const look = await diagnose(world);
  expect(kindsOf(look)).toEqual(['session-failed']);
  expect(changesOf(look)).toEqual([]);
});

test("a refusal without a name is nobody's where two sessions of the node are dead", async () => {
  const world = worldIn();
  const [books, novel] = [use(world, BOOKS), use(world, NOVEL)];
  for (const { node, session } of [books, novel]) drop(node, session, ago(world, 20));
  daemonSays(books.node, world.time.nowMs, 'conn 0 login rejected: initiator failed authorization with target');
  expect(kindsOf(await diagnose(world))).toEqual(['session-failed', 'session-failed']);
});

test('an extent that another target has lost is none of this session', async () => {
  const world = worldIn();
  const { node, session } = use(world, BOOKS);
  use(world, CLOUD).target.hasDevice = false;
  drop(node, session, ago(world, 20));
  expect(codesOf(await diagnose(world)).filter((code) => code.includes(BOOKS.node))).toEqual([
    `session-failed ${BOOKS.node} ${session.iqn}`,
  ]);
});

describe('writes that found no room', () => {
  const failing = (world: World) => {
    const { node, session, target } = use(world, BOOKS);
    const error = `critical space allocation error, dev ${session.disks[0]?.name}, sector 8 op 0x1:(WRITE) flags 0x800`;
    kernelSays(node, world.time.nowMs, error);
    return target;
  };

  test('in a pool that has room again are told as errors of the disk', async () => {
    const world = worldIn();
    failing(world);
    expect(kindsOf(await diagnose(world))).toEqual(['io-errors']);
  });

  test('in a full pool are one cause, and neither settings nor sessions are touched for it', async () => {
    const world = worldIn();
    failing(world);
    use(world, { ...CLOUD, settings: DEFAULTS });
    poolOf(world).usedPercent = 100;
    const look = await diagnose(world);
    expect(codesOf(look)[0]).toBe('pool-full main');
    expect(changesOf(look)).toEqual([]);
  });
});

describe('a lock of the driver', () => {
  const waiting = (world: World, locked: (volume: string) => string) => {
    const used = use(world, UNUSED);
    const { target } = used;
    target.hasDevice = false;
    used.node.iscsi.sessions.length = 0;
    const [namespace, claim] = BOOKS.claim;
    addWorkload(world, { ...BOOKS.workload, namespace, nodes: [BOOKS.node], claims: [claim] });
    const volume = target.name.slice('csi-'.length);
    const says = `rpc error: code = Aborted desc = operation locked due to in progress operation(s): ["volume_id_${locked(volume)}"]`;
    world.cluster.events.warn(podOf(world, { namespace, name: BOOKS.workload.name }), 'FailedMount', says);
  };

  test('on its volume is the cause', async () => {
    const world = worldIn();
    waiting(world, (volume) => volume);
    expect(kindsOf(await diagnose(world))).toContain('operation-locked');
  });

  test.each([
    ['a longer name', (volume: string) => `${volume}0`],
    ['a shorter name', (volume: string) => volume.slice(0, -1)],
  ])('on a volume of %s is not', async (_what, locked) => {
    const world = worldIn();
    waiting(world, locked);
    expect(kindsOf(await diagnose(world))).not.toContain('operation-locked');
  });
});

describe('the alert about the controller', () => {
  test('is no noise while a claim of its class waits for a volume', async () => {
    const world = worldIn('iscsi-claim-waits');
    const look = await diagnose(world);
    expect(kindsOf(look)).toEqual(['controller-down']);
    expect(saidBy(look)).not.toContain('is noise');
  });

  test('is noise while a claim of another class waits', async () => {
    const world = worldIn('iscsi-controller-decommissioned');
    claimWaits(world, 'proxmox-lvm');
    const look = await diagnose(world);
    expect(verdictOf(look.diagnosis)).toBe('well');
    expect(saidBy(look)).toContain('is noise');
  });
});

test('one controller of two that runs is enough', async () => {
  const world = worldIn('iscsi-used');
  const resource = { apiVersion: 'apps/v1', plural: 'deployments', namespaced: true };
  world.store.patch({ resource, namespace: 'iscsi-csi', name: 'democratic-csi-iscsi-controller' }, { spec: { replicas: 1 } });
  world.time.advance(MINUTE_MS);
  expect(kindsOf(await diagnose(world))).toEqual([]);
});

test('two disks on two directories are not stacked', async () => {
  const world = worldIn();
  const { node, session } = use(world, BOOKS);
  for (const [index, disk] of ['sdz', session.disks[0]?.name].entries())
    node.ownMounts.push(
      `/dev/${disk} /var/lib/kubelet/plugins/kubernetes.io/csi/org.democratic-csi.iscsi/${index}/globalmount ext4 rw 0 0`,
    );
  expect(kindsOf(await diagnose(world))).toEqual([]);
});

describe('live settings', () => {
  test('that never give the disk up are not such that give it up at once: the undo says off again', async () => {
    const world = worldIn();
    use(world, BOOKS).session.recoveryS = 'off';
    const look = await diagnose(world);
    expect(kindsOf(look)).toEqual(['live-defaults']);
    const [step] = stepsOf(look.plan);
    expect(step && show(step.change.command)).toMatch(/ 300$/);
    expect(step && 'change' in step.undo && show(step.undo.change.command)).toMatch(/ off$/);
  });

  test('of two sessions to one target are two steps, not four', async () => {
    const world = worldIn();
    const { node, session } = use(world, BOOKS);
    session.recoveryS = 120;
    node.iscsi.sessions.push({ ...session, sid: 9, portal: '10.0.10.16:3260' });
    expect(changesOf(await diagnose(world)).map((line) => / recovery (\d+) /.exec(line)?.[1])).toEqual(['1', '9']);
  });

  test.each([
    ['header', { header: false, data: true }],
    ['data', { header: true, data: false }],
  ])('without the %s digest are told', async (_which, digests) => {
    const world = worldIn();
    const { node, session } = use(world, BOOKS);
    node.iscsi.sessions.splice(0, 1, { ...session, digests });
    const look = await diagnose(world);
    expect(kindsOf(look)).toEqual(['login-defaults']);
    expect(look.diagnosis.findings[0]?.says).toMatch(/Digest = None/);
  });

  test('of the file alone concern no session: nothing is planned', async () => {
    const world = worldIn();
    use(world, BOOKS).node.iscsi.conf['node.conn[0].timeo.noop_out_interval'] = '5';
    const look = await diagnose(world);
    expect(codesOf(look)).toEqual([`conf-defaults ${BOOKS.node}`]);
    expect(changesOf(look)).toEqual([]);
  });
});
