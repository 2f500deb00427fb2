import type { FileSystemState } from '../../src/commands/iscsi-node.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { bad, isSome, knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import { isMeant } from '../../src/topology/iscsi-look.ts';
import { looksOf } from '../../src/topology/iscsi-sessions.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import { awayOf, diagnoseAway } from './away.ts';
import type { Code } from './codes.ts';
import type { Facts, Meant } from './facts.ts';
import { meantBy } from './facts.ts';
import { obstacles } from './obstacles.ts';
import type { Situation } from './situation.ts';
import { isStopped, situationOf } from './situation.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { look, users, disks } = facts;
  const unseen = {
    evidence: [
      ...looksOf(look).flatMap(([what, seen]) => notSeen(what, seen)),
      ...notSeen('Workloads', users),
      ...disks.flatMap(({ disk, openers, fileSystem }) =>
        notSeen(disk, fileSystem === undefined ? [openers] : [openers, fileSystem]),
      ),
    ],
    findings: [],
  };
  if (facts.target === undefined) return together([unseen, withoutTarget(facts)]);
  const meant = meantBy(facts);
  const away = meant.length === 0 ? awayOf(facts) : undefined;
  if (away !== undefined) return together([unseen, diagnoseAway(facts, away)]);
  if (meant.length !== 1) return together([unseen, notOne(facts)]);
  const situation = situationOf(facts);
  if (situation === undefined) return unseen;
  const inTheWay = obstacles(facts, situation);
  return together([unseen, inTheWay, inTheWay.findings.length > 0 ? NOTHING : progress(facts, situation)]);
}

/** The command of the books logs out of everything. */
function withoutTarget({ look, node }: Facts): Diagnosis<Code> {
  const sessions = look.nodes.map((each) => each.sessions).filter((each) => each.known);
  const rows = look.nodes.flatMap(({ name, sessions: seen }) =>
    seen.known ? seen.value.map(({ iqn }) => `${name} ${iqn}`) : [],
  );
  if (!isSome(sessions) || sessions.length < look.nodes.length) return NOTHING;
  const has = rows.length === 0 ? 'there is no session' : `sessions: ${rows.join(', ')}`;
  return found({
    code: 'all-targets',
    subject: node ?? 'all nodes',
    says: `No target was named; ${has}`,
    remedy: 'Name one target: /storage restart iscsi <node> <target>.',
    doNot:
      'Do not run iscsiadm -m node -u and -l: it logs the node out of every target, those of other databases included, and what is mounted loses its disk.',
    seen: sessions,
  });
}

function notOne(facts: Facts): Diagnosis<Code> {
  const { look, node, target = '' } = facts;
  const meant = meantBy(facts);
  const { volumes } = look.cluster;
  const records = look.nodes
    .flatMap(({ initiator }) => initiator?.records ?? [])
    .filter((each) => isMeant(each.target.iqn, target));
  const views = look.nodes.flatMap(({ sessions, initiator }) => [
    sessions,
    ...(initiator === undefined ? [] : [initiator.details, initiator.live]),
  ]);
  const all = [
    ...views,
    ...records.map(({ record }) => record),
    look.cluster.nodes,
    look.cluster.pods,
    volumes,
    look.attachments,
  ];
  const seen = knownOf<unknown>(all);
  if (!isSome(seen) || seen.length < all.length) return NOTHING;
  if (meant.length === 0)
    return found({
      code: 'no-such-target',
      subject: target,
      says: `${node ?? 'No node'} has ${node === undefined ? 'a' : 'no'} session to ${target}, ${records.length > 0 ? 'and no record of it' : 'and no volume of the driver names it'}`,
      remedy:
        'See which sessions there are: /storage diagnose iscsi. A driver makes record and session itself when a pod wants the volume.',
      doNot: 'Do not log in by hand to a target of which nothing is known.',
      seen,
    });
  const nodes = [...new Set(meant.map((each) => each.node.name))];
  if (nodes.length === 1) return several(target, meant, seen);
  return found({
    code: 'several-nodes',
    subject: target,
    says: `${nodes.join(' and ')} have ${target}`,
    remedy:
      'Name the node. If two nodes really use one volume of a single writer, find out which one writes, and stop the other first.',
    doNot: 'Do not log in again on the second node: two writers destroy an ext4 file system.',
    seen,
  });
}

/** Two paths to one target, or two targets whose names end alike. */
function several(subject: string, meant: readonly Meant[], seen: Finding['seen']): Diagnosis<Code> {
  const rows = meant.map(({ target: { iqn, portal } }) => `${iqn} at ${portal}`);
  return found({
    code: 'several-sessions',
    subject,
    says: `${meant[0]?.node.name} has ${rows.length} of what ${subject} could mean: ${rows.join(', ')}`,
    remedy:
      'Name the whole target where several end alike. A target with several sessions is restarted by a person, path by path, once nothing uses it.',
    doNot: 'Do not log out by the target alone: that ends all its sessions.',
    seen,
  });
}

/** How far the restart is. */
function progress(facts: Facts, situation: Situation): Diagnosis<Code> {
  const { target, node, users, pods, wrong, proofs, declined } = situation;
  const stopped = users.filter(isStopped);
  const running = users.filter(({ runs }) => runs > 0);
  const is = `${target.iqn} on ${node.name}`;
  const stage = (finding: Omit<Finding<Code>, 'subject' | 'seen'>) =>
    found<Code>({ ...finding, subject: target.iqn, seen: proofs });
  if (wrong.length > 0 && running.length + pods.length > 0)
    return stage({
      code: 'writers-run',
      says: `${is} needs a restart: ${wrong.join('; ')}. ${running.length > 0 ? `Its writers: ${running.map(nameOf).join(', ')}` : `Its writers are stopped, and ${pods.map(({ name }) => name).join(', ')} still end${pods.length === 1 ? 's' : ''}`}`,
      remedy:
        running.length > 0
          ? 'Stop the writers first, so that the file system is unmounted; then log out, set the record, log in, and start them again.'
          : 'Wait until the last pod is gone, and ask again.',
      doNot: 'Do not log out while the file system is mounted: its journal would be aborted.',
    });
  if (wrong.length > 0)
    return stage({
      code: 'writers-stopped',
      says: `Nothing uses ${is} now; ${wrong.join('; ')}`,
      remedy: 'Log out, set the record, log in.',
      doNot: 'Do not start the writers before the session is sound.',
    });
  if (stopped.length > 0) return toStart(facts, situation, stopped.map(nameOf));
  if (declined !== undefined)
    return told(
      bad(
        `${is} is sound and hardened, but for its digests: it logged in anew in the last two hours, and the server agreed to none. CRC32C must be allowed there`,
        ...proofs,
        declined,
      ),
    );
  return told(ok(`${is} is sound, its record and its live settings are hardened: nothing to restart`, ...proofs));
}

/** Whatever mounts it next repairs nothing by itself: what a person has to decide comes first. */
function toStart({ disks }: Facts, situation: Situation, stopped: readonly string[]): Diagnosis<Code> {
  const { target, node, proofs, volumes, declined } = situation;
  const states = disks.flatMap(({ fileSystem }) => (fileSystem === undefined ? [] : [fileSystem]));
  const known = states.filter((each) => each.known);
  if (known.length < states.length) return NOTHING;
  const dirty = known
    .map((each) => ({ seen: each, why: disorderOf(each.value.found, volumes) }))
    .find(({ why }) => why !== undefined);
  if (dirty !== undefined)
    return found<Code>({
      code: 'fsck-first',
      subject: target.iqn,
      says: `The file system on ${target.iqn} was not left in order: ${dirty.why}; ${stopped.join(', ')} stay${stopped.length === 1 ? 's' : ''} stopped`,
      remedy: `A person looks with e2fsck -n at the disk on ${node.name}, decides on the repair, and asks again: then the writers are started.`,
      doNot:
        'Do not start the writers and do not mount it before that; do not run fsck while it is mounted or attached elsewhere.',
      seen: [dirty.seen, ...proofs],
    });
  return found<Code>({
    code: 'to-start',
    subject: target.iqn,
    says: `${target.iqn} on ${node.name} is sound and hardened${declined === undefined ? '' : ', but for its digests: the server agreed to none at the last login'}; ${stopped.join(', ')} ${stopped.length === 1 ? 'is' : 'are'} still stopped`,
    remedy: 'Let them run as they ran before.',
    seen: [...proofs, ...known, ...(declined === undefined ? [] : [declined])],
  });
}

/** Where an ext file system is expected and none is found, a driver could take the disk for an empty one, and format it. */
function disorderOf(state: FileSystemState | undefined, volumes: Situation['volumes']): string | undefined {
  if (state?.needsRecovery === true) return 'its journal was not finished';
  if (state !== undefined) return state.isClean ? undefined : 'it counts errors';
  const types = volumes.map(({ volume: { csi } }) => csi?.fsType ?? 'ext4');
  return types.length > 0 && types.every((type) => !type.startsWith('ext'))
    ? undefined
    : 'no superblock of it is found on the disk';
}
