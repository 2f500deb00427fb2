import type { Pod } from '../../../src/commands/cluster-objects.ts';
import type { Directory } from '../../../src/commands/nas.ts';
import type { Diagnosis, Finding } from '../../../src/core/finding.ts';
import { bad, notSeen } from '../../../src/core/finding.ts';
import { isAtOrBelow } from '../../../src/core/path.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Site } from '../../../src/core/site.ts';
import { mountedPaths } from '../../../src/topology/users.ts';
import type { NfsVolume } from '../../../src/topology/volumes.ts';
import type { Code } from '../codes.ts';
import type { Facts, MountFacts } from '../facts.ts';
import { isActive, NOBODY } from '../facts.ts';

type Part = Diagnosis<Code>;

export interface DeniedWriter {
  readonly pod: Pod;
  readonly volume: NfsVolume;
  readonly user: User;
  readonly owner: NonNullable<Directory['found']>;
}

/** Pods that fail and whose user may not write their directory, which nobody else uses. One that only reads may be meant so. */
export function deniedWriters({ nas: { directories }, cluster, site, volumes }: Facts): DeniedWriter[] {
  const { pods, volumes: persistent } = cluster;
  if (!directories?.known || !pods.known || !persistent.known) return [];
  const users = pods.value.filter(isActive).map((pod) => ({ pod, paths: mountedPaths(pod, persistent.value, site) }));
  const touches = (one: string, other: string) => isAtOrBelow(one, other) || isAtOrBelow(other, one);
  return volumes.flatMap((volume) => {
    const { path } = volume.backing;
    const owner = directories.value.find((each) => each.path === path)?.found;
    const active = users.filter(({ paths }) => paths.some((each) => touches(each, path))).map(({ pod }) => pod);
    const failing =
      active.length === 1 && isOurs(path, site)
        ? volume.pods.filter((pod) => active[0]?.uid === pod.uid && !pod.ready && pod.phase === 'Running')
        : [];
    return failing.flatMap((pod) => {
      const user = writerOf(pod, volume);
      const denied = user !== undefined && owner !== undefined && user.uid !== 0 && mayWrite(user, owner) === false;
      return denied ? [{ pod, volume, user, owner }] : [];
    });
  });
}

/** A volume may name any directory of the server; one that is not below a root of the site is not for its pods to own. */
function isOurs(path: string, { nas }: Site): boolean {
  return nas.roots.some((root) => path.startsWith(`${root}/`)) && !path.split('/').some((name) => name === '.' || name === '..');
}

export function rights(facts: Facts): Part {
  const { directories } = facts.nas;
  const { pods } = facts.cluster;
  if (!directories?.known || !pods.known) return { evidence: [], findings: [] };
  const findings = deniedWriters(facts).map((denied) => writeDenied(denied, [directories, pods]));
  return { evidence: findings.map((each) => bad(each.says, each.seen[0])), findings };
}

function writeDenied({ pod, volume, user, owner }: DeniedWriter, seen: [Known<unknown>, ...Known<unknown>[]]): Finding<Code> {
  const { path } = volume.backing;
  return {
    code: 'write-denied',
    subject: path,
    says: `${pod.namespace}/${pod.name} runs as uid ${user.uid}; ${path} is ${owner.mode} of ${owner.uid}:${owner.gid}: it may not write`,
    remedy: `Give the directory to uid ${user.uid} on the NAS (the directory itself; look at the files below by hand).`,
    doNot: 'This is no mount fault: do not delete pods in a loop, do not restart NFS.',
    seen,
  };
}

interface User {
  readonly uid: number;
  /** Those that the pod's specification names; the image may add others. */
  readonly gids: readonly number[];
}

/** The user of the first container that mounts the volume for writing; undefined where the image decides. */
export function writerOf({ spec }: Pod, { name, backing }: Pick<NfsVolume, 'name' | 'backing'>): User | undefined {
  const inPod = spec.volumes.find((each) =>
    backing.inline ? each.name === name && each.nfs !== undefined : each.persistentVolumeClaim?.claimName === name,
  );
  const readOnly = inPod?.persistentVolumeClaim?.readOnly ?? inPod?.nfs?.readOnly ?? false;
  const container = spec.containers.find(({ volumeMounts }) =>
    volumeMounts.some((mount) => mount.name === inPod?.name && mount.readOnly !== true),
  );
  const uid = container?.securityContext?.runAsUser ?? spec.securityContext?.runAsUser;
  if (container === undefined || uid === undefined || readOnly) return undefined;
  const { runAsGroup, fsGroup, supplementalGroups = [] } = spec.securityContext ?? {};
  const named = [container.securityContext?.runAsGroup ?? runAsGroup, fsGroup].filter((gid) => gid !== undefined);
  return { uid, gids: [...named, ...supplementalGroups] };
}

/** undefined where the mode does not tell: an access control list decides (`+`), or a group that the image may give. */
export function mayWrite({ uid, gids }: User, { mode, uid: owner, gid }: NonNullable<Directory['found']>): boolean | undefined {
  if (mode.endsWith('+')) return undefined;
  const [ofOwner, ofGroup, ofOthers] = [2, 5, 8].map((column) => mode[column] === 'w');
  if (uid === owner) return ofOwner;
  if (gids.includes(gid)) return ofGroup;
  if (ofOthers) return true;
  return ofGroup ? undefined : false;
}

export function owners({ nodes, nas, site }: Facts): Part {
  const probe = nodes.flatMap(({ probes }) => probes).find(isNobodys);
  if (probe === undefined || !probe.answer.known) return { evidence: [], findings: [] };
  const evidence = [bad(`${probe.mount.remotePath} seems to belong to ${NOBODY} on ${probe.node}`, probe.answer)];
  const { directories, mapping } = nas;
  const owner = directories?.known ? directories.value.find(({ path }) => path === probe.volume.backing.path)?.found : undefined;
  if (mapping !== undefined && !mapping.known)
    return { evidence: [...evidence, ...notSeen('NFS settings of the NAS', [mapping])], findings: [] };
  if (!directories?.known || owner === undefined || owner.uid === NOBODY || !mapping?.known || mapping.value.numericOwners) {
    return { evidence, findings: [] };
  }
  const finding: Finding<Code> = {
    code: 'owners-unmapped',
    subject: site.nas.host.name,
    says: `${probe.mount.remotePath} belongs to ${owner.uid} on the NAS and to ${NOBODY} over NFSv${probe.mount.version}: the NAS sends names (domain ${mapping.value.domain}) that the nodes do not know`,
    remedy:
      'In a maintenance window, let the NAS send numeric owners (v4_v3owner): TrueNAS restarts its NFS server for that. Then clear the caches of the nodes (nfsidmap -c).',
    doNot: 'Do not chown anything on the NAS: the real owners are right and would be lost.',
    seen: [probe.answer, directories, mapping],
  };
  return { evidence, findings: [finding] };
}

function isNobodys({ answer, mount }: MountFacts): boolean {
  return answer.known && answer.value.state === 'answers' && answer.value.uid === NOBODY && mount.version.startsWith('4');
}
