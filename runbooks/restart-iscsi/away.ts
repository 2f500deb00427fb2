import { sinceAttached } from '../../src/commands/iscsi-node.ts';
import { HARDENED, SETTINGS } from '../../src/commands/iscsi-records.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { podsOfClaim, usersOfClaim } from '../../src/topology/claim-users.ts';
import type { NodeLook } from '../../src/topology/iscsi-look.ts';
import { isMeant } from '../../src/topology/iscsi-look.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import { found, NOTHING } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { behindTarget } from './obstacles.ts';
import { claimsOf, isStopped } from './situation.ts';

/** A target without session and record, whose writers the bot stopped. */
export interface Away {
  readonly iqn: string;
  readonly portal: string;
  readonly stopped: readonly User[];
  readonly proofs: readonly Known<unknown>[];
}

/** When its last pod is gone the driver itself logs out and deletes the record: the restart is half done then, and nobody runs. */
export function awayOf({ look, users, target }: Facts): Away | undefined {
  const { pods, volumes, cluster } = look.cluster;
  const own = (look.volumes ?? []).filter((each) => each.target && isMeant(each.target.iqn, target ?? ''));
  const [first, ...more] = own;
  const lists = users.filter((each) => each.known);
  if (first?.target === undefined || more.some((each) => each.target?.iqn !== first.target?.iqn)) return undefined;
  if (!pods.known || !volumes.known || cluster === undefined || !look.attachments.known || lists.length < users.length)
    return undefined;
  const claims = claimsOf(own);
  const all = lists.flatMap(({ value }) => value);
  const using = [...new Set(claims.flatMap((claim) => usersOfClaim(claim, all, cluster.workloads)))];
  const isUsed =
    claims.some((claim) => podsOfClaim(claim, pods.value).length > 0) || own.some((each) => each.attachments.length > 0);
  const stopped = using.filter(isStopped);
  if (stopped.length === 0 || isUsed) return undefined;
  return { ...first.target, stopped, proofs: [pods, volumes, look.attachments, ...lists] };
}

/** What is left is to start them; the driver makes record and session anew. */
export function diagnoseAway({ look }: Facts, away: Away): Diagnosis<Code> {
  const { nodes } = look;
  const { iqn, portal, stopped } = away;
  const portals = nodes.flatMap((node) => node.portals.filter((each) => each.portal === portal));
  const views = nodes.flatMap(({ initiator }) =>
    initiator === undefined
      ? []
      : [
          initiator.details,
          initiator.live,
          initiator.kernel,
          initiator.defaults,
          ...initiator.records.map(({ record }) => record),
        ],
  );
  const asked = portals.flatMap(({ state, listed }) => [state, ...(listed === undefined ? [] : [listed])]);
  const seen = knownOf<unknown>([...views, ...asked]);
  if (seen.length < views.length + asked.length) return NOTHING;
  const is = `No node that was looked at has a session to ${iqn} or a record of it: the driver logged out when the last pod was gone`;
  const isListed = portals.some(
    ({ listed }) =>
      listed?.known === true && listed.value.answer === 'listed' && listed.value.targets.some((each) => each.iqn === iqn),
  );
  const all = [...away.proofs, ...seen];
  if (!isSome(all)) return NOTHING;
  if (!isListed)
    return found<Code>({
      code: 'target-not-listed',
      subject: iqn,
      says: `${is}. ${portal} does not list it to any of them now: the driver could not log in again`,
      remedy: 'Bring the server or its target back first: /storage diagnose iscsi.',
      doNot: 'Do not log in by hand: a login to a target that the server does not have hangs for minutes.',
      seen: all,
    });
  const without = behindTarget(look, iqn, all);
  if (without.findings.length > 0) return without;
  const names = stopped.map(nameOf).join(', ');
  const broken = nodes.flatMap(brokenOn);
  if (broken.length > 0)
    return found<Code>({
      code: 'fsck-first',
      subject: iqn,
      says: `${is}. Before that the kernel gave up the file system of ${broken.join(', ')}, which may have been its disk; ${names} stay${stopped.length === 1 ? 's' : ''} stopped`,
      remedy:
        'A person attaches the volume, looks with e2fsck -n before anything mounts it, decides on the repair, and starts the writers.',
      doNot: 'Do not start the writers and do not mount it before that.',
      seen: all,
    });
  return found<Code>({
    code: 'to-start',
    subject: iqn,
    says: `${is}. ${names} ${stopped.length === 1 ? 'is' : 'are'} still stopped. The next login begins with ${howHard(nodes)} of iscsid.conf`,
    remedy: 'Let them run as they ran before: the driver logs in and makes the record anew.',
    doNot: 'Do not log in by hand: the driver would not know the session.',
    seen: all,
  });
}

/** Disks that gave up and were attached to nothing since. */
function brokenOn({ name, initiator }: NodeLook): readonly string[] {
  if (initiator?.kernel.known !== true) return [];
  const kernel = initiator.kernel.value;
  const disks = new Set(kernel.flatMap((fact) => (fact.is === 'aborted' ? [fact.disk] : [])));
  return [...disks].filter((disk) => sinceAttached(kernel, disk).includes('aborted')).map((disk) => `${disk} on ${name}`);
}

function howHard(nodes: readonly NodeLook[]): string {
  const isHard = nodes.every(
    ({ initiator }) =>
      initiator?.defaults.known === true &&
      SETTINGS.every((name) => initiator.defaults.known && initiator.defaults.value[name] === HARDENED[name]),
  );
  return isHard ? 'the hardened settings' : 'settings other than the hardened ones';
}
