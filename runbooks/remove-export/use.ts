import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { bad, isSome, knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import { isAtOrBelow } from '../../src/core/path.ts';
import type { NasUser } from '../../src/topology/nas-users.ts';
import { plainPath } from '../../src/topology/nas-users.ts';
import { namesOfNodes } from '../../src/topology/node-mounts.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

type Part = Diagnosis<Code>;

const CUTS_OFF = 'Do not take the export away under it: every call of its clients then gives "Stale file handle" at once.';

/** Everybody who would lose something with the export, each named. */
export function diagnoseUse(facts: Facts): Part {
  const { cluster, users, nodes, clients } = facts;
  const blind = [
    ...notSeen('Cluster', [...cluster.lists, cluster.nodes]),
    ...nodes.flatMap(({ node, mounts }) => notSeen(`Mounts of ${node}`, [mounts])),
    ...notSeen('Clients of the NAS', [clients]),
  ];
  const parts = [
    ...users.map(namedBy),
    ...seenFromAbove(facts),
    ...nodes.map((each) => mountedOn(facts, each)),
    mountedByClients(facts),
  ];
  const all = together([{ evidence: blind, findings: [] }, ...parts]);
  return all.findings.length > 0 ? all : { ...all, evidence: [...all.evidence, ...nobody(facts)] };
}

function nobody({ path, cluster, nodes, clients }: Facts): Evidence[] {
  const looks = [...cluster.lists, cluster.nodes, ...nodes.map(({ mounts }) => mounts), clients];
  const known = knownOf<unknown>(looks);
  if (known.length !== looks.length || !isSome(known)) return [];
  return [
    ok(`No volume, pod or workload names ${path} or a path below it, and none of ${nodes.length} nodes mounts it`, ...known),
  ];
}

function namedBy(user: NasUser): Part {
  const server = user.isOurs ? '' : `, on ${user.server}, which may be this NAS under another name`;
  const says = `${user.says} names ${user.path}${server}`;
  const isVolume = user.kind === 'volume';
  const finding: Finding<Code> = {
    code: isVolume ? 'volume-names-path' : 'pod-names-path',
    subject: user.name,
    says,
    remedy: isVolume
      ? 'Move or give up what is on the volume, then delete the claim and the PersistentVolume; a Released or Available one counts, because somebody may bind it again.'
      : 'Take the volume out of the workload (in its manifest, or it comes back).',
    doNot: CUTS_OFF,
    seen: user.seen,
  };
  return { evidence: [bad(says, ...user.seen)], findings: [finding] };
}

/** A client of NFSv4 goes from one file system into the next only while that is exported as well. */
function seenFromAbove({ above, nas: { datasets }, path }: Facts): Part[] {
  if (!datasets?.known) return [];
  return above.map(({ name, says: who, path: named, seen }) => {
    const says = `${who} names ${named}, and ${path} below it is a dataset of its own, which its clients see only while it is exported`;
    const remedy = `Look in a pod that mounts ${named} whether it uses ${path}; where none does, take the export away by hand.`;
    const doNot = 'Do not take it away before: its clients would find an empty directory, and write beside the data.';
    const proofs = [...seen, datasets] as const;
    const finding: Finding<Code> = { code: 'dataset-seen-from-above', subject: name, says, remedy, doNot, seen: proofs };
    return { evidence: [bad(says, ...proofs)], findings: [finding] };
  });
}

/** Also from a server of another name, which may be this one. */
function mountedOn({ path, site }: Facts, { node, mounts }: Facts['nodes'][number]): Part {
  if (!mounts.known) return { evidence: [], findings: [] };
  const held = mounts.value.filter(({ remotePath }) => isAtOrBelow(plainPath(remotePath), path));
  if (held.length === 0) return { evidence: [], findings: [] };
  const named = held.map(({ server, remotePath }) =>
    site.nas.nfsAddresses.includes(server) ? remotePath : `${remotePath} of ${server}, which may be this NAS under another name`,
  );
  const says = `${node} mounts ${[...new Set(named)].toSorted().join(', ')} (${held.length}×)`;
  const remedy = 'End the pods that hold these mounts, or unmount them on the node; then ask again.';
  const finding: Finding<Code> = { code: 'node-mounts-path', subject: node, says, remedy, doNot: CUTS_OFF, seen: [mounts] };
  return { evidence: [bad(says, mounts)], findings: [finding] };
}

function mountedByClients({ clients, path, cluster: { nodes } }: Facts): Part {
  if (!clients.known || !nodes.known) return { evidence: [], findings: [] };
  const own = namesOfNodes(nodes.value);
  const others = clients.value.filter((each) => isAtOrBelow(plainPath(each.path), path) && !own.includes(each.client));
  return together(
    others.map(({ client, path: mounted }) => {
      const says = `${client} told mountd that it mounts ${mounted}`;
      const remedy = `Look on ${client} itself: where it mounts nothing of the NAS any more, the entry is old, and mountd forgets it when the client unmounts or showmount's list is cleared by hand.`;
      const finding: Finding<Code> = {
        code: 'client-mounts-path',
        subject: client,
        says,
        remedy,
        doNot: CUTS_OFF,
        seen: [clients, nodes],
      };
      return { evidence: [bad(says, clients)], findings: [finding] };
    }),
  );
}
