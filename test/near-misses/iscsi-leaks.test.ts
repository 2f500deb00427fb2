import { describe, expect, test } from 'vitest';
import diagnoseIscsi from '../../runbooks/diagnose-iscsi/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { ago, BOOKS, CLOUD, NOVEL, removeTarget, use } from '../lab/scenarios/iscsi-changes.ts';
import { NAS_ADDRESS } from '../lab/site/addresses.ts';
import type { World } from '../lab/site/index.ts';
import { daemonSays, drop, PORTAL } from '../lab/site/iscsi.ts';
import { nodeOf } from '../lab/site/world.ts';
import { changesOf, codesOf, lookAt, worldIn } from './world.ts';

const diagnose = (world: World, ...words: string[]) => lookAt(world, { runbook: diagnoseIscsi, words });
const kindsOf = (look: Awaited<ReturnType<typeof diagnose>>) => codesOf(look).map((code) => code.split(' ')[0]);
const saidBy = (look: Awaited<ReturnType<typeof diagnose>>) => look.diagnosis.evidence.map(({ says }) => says).join('\n');
const byName = (a = '', b = '') => a.localeCompare(b);
const UNUSED = { ...BOOKS, workload: undefined };
const MINUTE_MS = 60_000;

describe('a session without a disk', () => {
  const bare = (world: World, used = UNUSED) => {
    const { node, session, target } = use(world, used);
    session.disks.length = 0;
    return { node, session, target };
  };

  test('of which the log says nothing has no age, and is left alone', async () => {
    const world = worldIn();
    bare(world).node.iscsi.log.length = 0;
    const look = await diagnose(world);
    expect(kindsOf(look)).toEqual([]);
    expect(changesOf(look)).toEqual([]);
    expect(verdictOf(look.diagnosis)).toBe('blind');
  });

  test('that logged in ten minutes ago is left alone', async () => {
    const world = worldIn();
    const { node, target } = bare(world);
    const said = `Connection1:0 to [target: ${target.iqn}, portal: ${NAS_ADDRESS},3260] through [iface: default] is operational now`;
    daemonSays(node, world.time.nowMs - 10 * MINUTE_MS, said);
    expect(kindsOf(await diagnose(world))).toEqual([]);
  });

  test('whose pod runs is no leak', async () => {
    const world = worldIn();
    const { session } = use(world, BOOKS);
    session.disks.length = 0;
    expect(kindsOf(await diagnose(world))).not.toContain('session-without-disk');
  });
});

describe('a dead session that nothing needs', () => {
  const leaked = (world: World) => {
    const used = use(world, UNUSED);
    removeTarget(world, used.target);
    drop(used.node, used.session, ago(world, 40));
    return used;
  };

  test('is left alone for a while after its server was away: all sessions look like it then', async () => {
    const world = worldIn();
    daemonSays(leaked(world).node, world.time.nowMs - 3 * MINUTE_MS, `connect to ${PORTAL} failed (Connection refused)`);
    const look = await diagnose(world);
    expect(kindsOf(look)).toEqual([]);
    expect(saidBy(look)).toContain(`${PORTAL} did not answer less than 15 minutes ago`);
  });

  test('whose other server was away is leaked all the same', async () => {
    const world = worldIn();
    daemonSays(leaked(world).node, world.time.nowMs - 3 * MINUTE_MS, 'connect to 10.0.10.16:3260 failed (Connection refused)');
    expect(kindsOf(await diagnose(world))).toEqual(['leaked-session']);
  });

  test('whose disk the kernel still holds back for ever is not called leaked', async () => {
    const world = worldIn();
    const { node, session, target } = use(world, UNUSED);
    removeTarget(world, target);
    session.recoveryS = 'off';
    drop(node, session, ago(world, 100));
    const look = await diagnose(world);
    expect(kindsOf(look)).toEqual([]);
    expect(changesOf(look)).toEqual([]);
  });

  test('has a twin at the same portal, which iscsiadm lists below one line', async () => {
    const world = worldIn();
    const { node, session } = leaked(world);
    node.iscsi.sessions.push({ ...session, sid: 9, state: 'LOGGED_IN', disks: [] });
    expect(changesOf(await diagnose(world))).toEqual([]);
  });
});

describe('many dead sessions of one node', () => {
  /** All their targets are gone, as after volumes were deleted while the driver did not log out. */
  const leakedAll = (world: World, count: number) => {
    use(world, CLOUD);
    const { node, session, target } = use(world, UNUSED);
    removeTarget(world, target);
    node.iscsi.sessions.length = 0;
    for (let index = 0; index < count; index += 1) {
      const disk = { name: `sd${letter(index / 26)}${letter(index)}`, state: 'running' as const, holders: [], openers: [] };
      const own = { ...session, sid: 100 + index, iqn: `${target.iqn}-${index}`, disks: [disk] };
      node.iscsi.sessions.push(own);
      drop(node, own, ago(world, 40));
    }
    return { node, session };
  };
  const letter = (index: number) => String.fromCodePoint(97 + (Math.floor(index) % 26));

  test('whose targets are gone are each leaked, and no matter of its network; few are logged out at once', async () => {
    const world = worldIn();
    leakedAll(world, 240);
    const look = await diagnose(world);
    expect(new Set(kindsOf(look))).toEqual(new Set(['leaked-session']));
    expect(look.diagnosis.findings).toHaveLength(240);
    expect(changesOf(look)).toHaveLength(10);
    expect(new Set(changesOf(look)).size).toBe(10);
  });

  test('beside one whose target is there are no matter of its network either', async () => {
    const world = worldIn();
    const { node } = leakedAll(world, 2);
    const { session } = use(world, NOVEL);
    drop(node, session, ago(world, 20));
    expect(kindsOf(await diagnose(world)).toSorted(byName)).toEqual(['leaked-session', 'leaked-session', 'session-failed']);
  });

  test('of which two have their targets are a matter of the node, and the others are leaked', async () => {
    const world = worldIn('iscsi-node-sessions-failed');
    const node = nodeOf(world, 'k8s-node2');
    const [session] = node.iscsi.sessions;
    if (session === undefined) throw new Error('no session');
    const gone = {
      ...session,
      sid: 90,
      iqn: `${session.iqn}-gone`,
      disks: session.disks.map((disk) => ({ ...disk, name: 'sdaa' })),
    };
    node.iscsi.sessions.push(gone);
    drop(node, gone, ago(world, 40));
    const look = await diagnose(world);
    expect(kindsOf(look).toSorted(byName)).toEqual(['leaked-session', 'node-sessions-failed']);
    expect(changesOf(look)).toEqual([]);
  });
});
