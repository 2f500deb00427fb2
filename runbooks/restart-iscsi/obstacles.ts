import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { knownOf, together } from '../../src/core/finding.ts';
import { backingOfTarget, disksOf, fullUnder, isRefused } from '../../src/topology/iscsi-sessions.ts';
import { isPodOf, nameOf } from '../../src/topology/stopped-users.ts';
import { found, NOTHING } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import type { Situation } from './situation.ts';
import { claimsOf, isStopped } from './situation.ts';

/** What makes a restart impossible from the start: the writers must not be stopped for nothing. */
export function obstacles(facts: Facts, situation: Situation): Diagnosis<Code> {
  if (situation.wrong.length === 0 && !situation.users.some(isStopped)) return NOTHING;
  return together([
    elsewhere(facts, situation),
    noRecord(situation),
    going(facts, situation),
    writers(situation),
    holders(facts, situation),
    server(situation),
    behind(facts, situation),
  ]);
}

/** Its writers run where this session is not: stopping them would be for nothing. */
function elsewhere(facts: Facts, situation: Situation): Diagnosis<Code> {
  const { node, target, volumes, pods, proofs } = situation;
  const names = [...pods, ...volumes.flatMap(({ attachments }) => attachments)].flatMap((each) => each.node ?? []);
  const others = [...new Set(names)].filter((name) => name !== node.name);
  if (others.length === 0) return otherInitiators(facts, situation);
  return found<Code>({
    code: 'used-elsewhere',
    subject: target.iqn,
    says: `The volume of ${target.iqn} is used on ${others.join(', ')}, and this is its session on ${node.name}`,
    remedy: `Restart it there if it needs that. Whether the session on ${node.name} is left over: /storage diagnose iscsi ${node.name}`,
    doNot: `Do not stop the writers for the session on ${node.name}, and do not log in there again: two writers destroy an ext4 file system.`,
    seen: proofs,
  });
}

/** The server has a session of somebody else, whom the words did not name, or who is no node of this cluster. */
function otherInitiators({ look: { server } }: Facts, { target, session, proofs }: Situation): Diagnosis<Code> {
  const { sessions, targets } = server ?? {};
  if (session === undefined || sessions?.known !== true || targets?.known !== true) return NOTHING;
  const devices = targets.value.find(({ iqn }) => iqn === target.iqn)?.devices ?? [];
  const others = sessions.value.filter(
    ({ initiator, iqn, device }) =>
      initiator !== session.session.initiator &&
      (iqn === undefined ? device !== undefined && devices.includes(device) : iqn === target.iqn),
  );
  if (others.length === 0) return NOTHING;
  const names = [...new Set(others.map(({ initiator }) => initiator))].join(', ');
  return found<Code>({
    code: 'several-nodes',
    subject: target.iqn,
    says: `The server has a session of ${names} to ${target.iqn} as well`,
    remedy: 'Find out who that is and whether it writes, and let it log out in order; then ask again.',
    doNot: 'Do not log in again meanwhile: two writers destroy an ext4 file system.',
    seen: [sessions, targets, ...proofs],
  });
}

/** iscsiadm logs out and in by the record alone. */
function noRecord({ node, target, session, record, proofs }: Situation): Diagnosis<Code> {
  if (session === undefined || record !== undefined) return NOTHING;
  return found<Code>({
    code: 'no-record',
    subject: target.iqn,
    says: `${node.name} has a session to ${target.iqn} at ${target.portal} and no record of it: iscsiadm can neither log out of it nor in to it`,
    remedy: 'Find out who deleted the record. The driver makes one when it stages the volume for a pod that starts.',
    doNot: 'Do not log out by the number of the session: without a record nothing logs in again.',
    seen: proofs,
  });
}

/** Only the pods that use it keep a deleted claim: with the last of them it goes, and its volume as its class says. */
function going({ look }: Facts, { volumes, proofs }: Situation): Diagnosis<Code> {
  const own = claimsOf(volumes);
  const deleted = (look.cluster.cluster?.claims ?? []).filter(
    (claim) => claim.isGoing && own.some(({ namespace, name }) => namespace === claim.namespace && name === claim.name),
  );
  if (deleted.length === 0) return NOTHING;
  const names = deleted.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
  return found<Code>({
    code: 'not-stoppable',
    subject: volumes.map(({ volume }) => volume.name).join(', '),
    says: `Somebody deleted the claim ${names}: it goes with the last pod that uses it`,
    remedy:
      'Secure the data first, by its owner: a deletion cannot be called back. Its class decides what becomes of the volume.',
    doNot: 'Do not stop its pods before that.',
    seen: [...proofs, ...knownOf(look.cluster.lists).filter((list) => !proofs.includes(list))],
  });
}

function writers({ users, pods, proofs, volumes }: Situation): Diagnosis<Code> {
  const subject = volumes.map(({ volume }) => volume.name).join(', ') || 'its volume';
  const owned = users.flatMap((user) =>
    user.owner === undefined ? [] : [`${nameOf(user)} (${user.owner.kind} ${user.owner.name})`],
  );
  const others = pods.filter((pod) => !users.some((user) => isPodOf(user, pod)));
  const ofOperator = others.flatMap(({ namespace, name, owner }) =>
    owner === undefined || ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'Node'].includes(owner.kind)
      ? []
      : [`Pod ${namespace}/${name} (${owner.kind} ${owner.name})`],
  );
  const named = [...owned, ...ofOperator];
  if (named.length > 0)
    return found<Code>({
      code: 'operator-owned',
      subject,
      says: `${named.join(', ')} ${named.length === 1 ? 'writes' : 'write'} to it`,
      remedy:
        'Let the operator stop it: for CloudNativePG hibernate the cluster or fence the instance (kubectl cnpg), by whoever owns it; then ask again.',
      doNot: "Do not scale an operator's pods: it starts them again, in the middle of the restart.",
      seen: proofs,
    });
  const fixed = [
    ...users.filter(({ kind }) => kind === 'DaemonSet').map((user) => `${nameOf(user)} runs on every node`),
    ...others.map(
      ({ namespace, name, owner }) =>
        `Pod ${namespace}/${name} was made by ${owner === undefined ? 'nobody that would make it again' : `${owner.kind} ${owner.name}`}`,
    ),
    ...users.flatMap((user) =>
      user.kind === 'CronJob'
        ? pods.filter((pod) => isPodOf(user, pod)).map(({ name }) => `${nameOf(user)} runs now as ${name}`)
        : [],
    ),
  ];
  if (fixed.length === 0) return NOTHING;
  return found<Code>({
    code: 'not-stoppable',
    subject,
    says: fixed.join('; '),
    remedy: 'Let a Job end, and stop the rest by hand; then ask again.',
    doNot: 'Do not log out while it runs.',
    seen: proofs,
  });
}

/** What would still have the disk when no pod has it any more. */
function holders({ disks }: Facts, { session, pods, users, node, target, proofs }: Situation): Diagnosis<Code> {
  const { mounts } = node.initiator ?? {};
  if (session === undefined || mounts?.known !== true) return NOTHING;
  const own = mounts.value.filter(({ disk }) => disksOf(session).includes(disk));
  const isUsed = pods.length > 0 || users.some(({ runs }) => runs > 0);
  const hidden = (session.live?.disks ?? []).filter(
    ({ name, fileSystems }) => fileSystems.length > 0 && !own.some(({ disk }) => disk === name),
  );
  const strange = own.filter(({ mountPoint }) => !isUsed || !mountPoint.startsWith('/var/lib/kubelet/'));
  const onTop = session.live?.disks.flatMap((disk) => disk.holders.map((holder) => `${holder} on ${disk.name}`)) ?? [];
  const opened = disks.find(({ openers }) => openers.known && openers.value.length > 0);
  const openers = opened?.openers.known === true ? opened.openers : undefined;
  const what = [
    ...strange.map(({ disk, mountPoint }) => `${disk} is mounted at ${mountPoint}`),
    ...onTop,
    ...hidden.map(
      ({ name, fileSystems }) => `the ${fileSystems.join(', ')} of ${name} is mounted in the namespace of a container`,
    ),
    ...(openers === undefined ? [] : [`processes ${openers.value.join(', ')} have ${opened?.disk} open`]),
  ];
  if (what.length === 0) return NOTHING;
  return found<Code>({
    code: 'still-held',
    subject: target.iqn,
    says: `${what.join('; ')}: not by a pod that the bot could stop`,
    remedy: 'Find out who does that, and let it be unmounted or closed in order; then ask again.',
    doNot: 'Do not unmount by force, and do not log out meanwhile: what is mounted would lose its disk.',
    seen: openers === undefined ? proofs : [openers, ...proofs],
  });
}

/** A login to a server that does not answer, or to a target that it does not have, hangs. */
function server({ node, target, proofs }: Situation): Diagnosis<Code> {
  const portal = node.portals.find((each) => each.portal === target.portal);
  if (portal?.state.known !== true) return NOTHING;
  const { state, listed } = portal;
  const isSilent = state.value !== 'open' || (listed?.known === true && listed.value.answer !== 'listed');
  if (isSilent)
    return found<Code>({
      code: 'server-silent',
      subject: target.portal,
      says: `${target.portal} does not answer ${node.name}: after a logout there would be no login`,
      remedy: 'Bring the server or the way to it back first: /storage diagnose iscsi.',
      doNot: 'Do not log in: it hangs.',
      seen: [state, ...(listed?.known === true ? [listed] : []), ...proofs],
    });
  if (listed?.known !== true || listed.value.answer !== 'listed' || listed.value.targets.some(({ iqn }) => iqn === target.iqn))
    return NOTHING;
  return found<Code>({
    code: 'target-not-listed',
    subject: target.iqn,
    says: `The server does not list ${target.iqn} to ${node.name}`,
    remedy: 'Find out who removed the target, or who took this node off its list: /storage diagnose iscsi.',
    doNot: 'Do not log in: a login to a target that the server does not have hangs for minutes.',
    seen: [state, listed, ...proofs],
  });
}

/** What a login would find, or why there would be none. */
function behind({ look }: Facts, { node, target, proofs }: Situation): Diagnosis<Code> {
  const without = behindTarget(look, target.iqn, proofs);
  const log = node.initiator?.log;
  if (without.findings.length > 0 || log?.known !== true) return without;
  if (!isRefused(look, { node: node.name, log: log.value, iqn: target.iqn })) return NOTHING;
  return found<Code>({
    code: 'login-refused',
    subject: target.iqn,
    says: `The last login of ${node.name} to ${target.iqn} was refused`,
    remedy: "Put the target's authentication and the node's record right first, by hand.",
    doNot: 'Do not log out of a session that stands: there would be no login.',
    seen: [log, ...proofs],
  });
}

/** What is missing or full on the server, whoever logs in. */
export function behindTarget(look: Facts['look'], iqn: string, proofs: Finding['seen']): Diagnosis<Code> {
  const backing = backingOfTarget(look, iqn);
  if (backing?.is === 'device-missing' || backing?.is === 'volume-missing')
    return found<Code>({
      code: 'target-not-whole',
      subject: iqn,
      says: `The server offers ${iqn}, and ${backing.is === 'device-missing' ? 'no device stands behind it' : 'the volume that it names does not exist'}`,
      remedy: 'Bring the extent or the volume back first, by hand: /storage diagnose iscsi.',
      doNot: 'Do not make a new volume of that name: it would be empty, and be formatted.',
      seen: [...proofs, ...backing.proofs],
    });
  const full = fullUnder(look, iqn);
  if (full === undefined || backing === undefined) return NOTHING;
  return found<Code>({
    code: 'pool-full',
    subject: full.dataset,
    says: `Nothing more can be written to ${full.dataset}, in which the volume of ${iqn} lies`,
    remedy: `Free ${full.dataset} first: /storage diagnose zfs shows what takes the room.`,
    doNot:
      'Do not stop the writers, start them or log in again meanwhile: a file system that is unmounted or mounted there cannot write its journal.',
    seen: [...proofs, ...backing.proofs],
  });
}
