import type { PersistentVolume, Pod } from '../../src/commands/cluster-objects.ts';
import { isTakenOver } from '../../src/commands/mount-options.ts';
import type { Mount } from '../../src/commands/nfs-client.ts';
import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { bad, ok, together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Facts, TunedVolume } from './facts.ts';
import { isTuned, lacking, mountFor, optionsThatAre } from './facts.ts';

type Part = Diagnosis<Code>;

/** The facts with those lists of which every conclusion needs one. */
export interface Seen {
  readonly facts: Facts;
  readonly pods: Known<readonly Pod[]>;
  readonly volumes: Known<readonly PersistentVolume[]>;
  readonly statefulSets: Extract<Facts['statefulSets'], { readonly known: true }>;
}

const ORDINARY = ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'Node'];

/** Made by an operator's own kind of object, or by a StatefulSet that an operator made. */
export function isOperators({ statefulSets }: Pick<Seen, 'statefulSets'>, { namespace, owner }: Pod): boolean {
  if (owner === undefined) return false;
  const set = statefulSets.value.find((each) => each.namespace === namespace && each.name === owner.name);
  return !ORDINARY.includes(owner.kind) || (owner.kind === 'StatefulSet' && set?.owner !== undefined);
}

/** The pod's mount of a volume, as its node's table shows it. */
function mountIn({ facts }: Seen, pod: Pod, { volume }: TunedVolume) {
  const mounts = facts.nodes.find(({ name }) => name === pod.node)?.mounts;
  const mount = mounts?.known ? mountFor(mounts.value, pod, volume) : undefined;
  return mounts?.known && mount !== undefined ? { mount, mounts } : undefined;
}

export function operatorOwned(seen: Seen, each: TunedVolume, pod: Pod): Part {
  const found = mountIn(seen, pod, each);
  const lacks = found === undefined ? [] : lacking(found.mount, found.mounts.value, each.target);
  const what = `Pod ${pod.namespace}/${pod.name} belongs to ${pod.owner?.kind} ${pod.owner?.name}, an operator's`;
  if (isTuned(each) && lacks.length === 0) return { evidence: [ok(`${what}, and has what is wanted`, seen.pods)], findings: [] };
  const says = `${what}, and its volume ${each.volume.persistentVolume} is not mounted as wanted`;
  const proofs = isTuned(each) && found !== undefined ? [found.mounts] : [];
  const finding: Finding<Code> = {
    code: 'operator-owned',
    subject: `${pod.namespace}/${pod.name}`,
    says,
    remedy:
      "Set the mount options in the operator's own object or in the volume's Terraform module, and let the operator restart its pods in its own order.",
    doNot:
      "Do not delete an operator's pods or restart its StatefulSets: on 2026-04-14 the MySQL operator lost its cluster over that.",
    seen: [seen.volumes, seen.pods, seen.statefulSets, ...proofs],
  };
  return { evidence: [bad(says, seen.volumes, seen.pods, seen.statefulSets)], findings: [finding] };
}

/** Pods whose volumes have the wanted options while they still hold the mounts from before; of each volume by its own proofs. */
export function diagnosePods(seen: Seen): Part {
  const tuned = seen.facts.volumes.filter((each) => isTuned(each) && !each.volume.backing.inline);
  const pods = new Map(tuned.flatMap((each) => each.pods.map((pod) => [pod.uid, pod])));
  const ordinary = [...pods.values()].filter((pod) => !isOperators(seen, pod)).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return together([{ evidence: asWanted(seen, tuned), findings: [] }, ...ordinary.map((pod) => diagnosePod(seen, pod, tuned))]);
}

/** How many mounts of each node show what their volume has, but for what the server lowered. */
function asWanted(seen: Seen, tuned: readonly TunedVolume[]): Evidence[] {
  const all = tuned.flatMap((each) => each.pods.flatMap((pod) => ({ each, found: mountIn(seen, pod, each) })));
  const good = all.flatMap(({ each, found }) =>
    found !== undefined && optionsThatAre('no', found.mount, each.target).length === 0 ? [found.mounts] : [],
  );
  return [...Map.groupBy(good, (mounts) => mounts)].map(([mounts, { length }]) =>
    ok(`${length} mount${length === 1 ? ' shows' : 's show'} what is wanted: ${mounts.asks}`, mounts),
  );
}

function keyOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}

interface OldMount {
  readonly each: TunedVolume;
  readonly lacks: readonly string[];
  readonly mount: Mount;
  readonly mounts: Known<readonly Mount[]>;
}

function diagnosePod(seen: Seen, pod: Pod, tuned: readonly TunedVolume[]): Part {
  const old = tuned.flatMap((each): OldMount[] => {
    const found = each.pods.includes(pod) ? mountIn(seen, pod, each) : undefined;
    const lacks = found === undefined ? [] : optionsThatAre('no', found.mount, each.target);
    return found === undefined || lacks.length === 0 ? [] : [{ each, lacks, ...found }];
  });
  const [first] = old;
  if (first === undefined) return { evidence: [], findings: [] };
  const what = old.map(({ each, lacks }) => `${each.volume.backing.path} without ${lacks.join(',')}`).join('; ');
  const says = `Pod ${keyOf(pod)} on ${pod.node} still has ${what}`;
  if (pod.owner?.kind === 'Job')
    return { evidence: [ok(`${says}, until its Job ends: the next one mounts anew`, first.mounts)], findings: [] };
  const finding = { ...kindOf(pod, old), subject: keyOf(pod), says, doNot: NO_REMOUNT } as const;
  const proofs = [seen.volumes, seen.pods, first.mounts] as const;
  return { evidence: [bad(says, ...proofs)], findings: [{ ...finding, seen: proofs }] };
}

const NO_REMOUNT = 'Do not remount: NFS ignores it. Do not recreate all pods at once.';

function kindOf({ owner }: Pod, old: readonly OldMount[]): Pick<Finding<Code>, 'code' | 'remedy'> {
  if (owner === undefined || owner.kind === 'Node') {
    return { code: 'no-owner', remedy: 'Recreate the pod by hand: nothing in the cluster makes another when it is deleted.' };
  }
  // A Deployment's new pod may mount before its old one has let go.
  const stays = old.every(({ mount, mounts, lacks, each }) =>
    owner.kind === 'StatefulSet' ? lacking(mount, mounts.value, each.target).length === 0 : lacks.every(isTakenOver),
  );
  if (!stays) return { code: 'mount-options', remedy: 'Recreate this pod: its owner starts another, which mounts anew.' };
  return {
    code: 'options-shared',
    remedy:
      'Nothing is done: the kernel compares no time-outs when it decides whether two mounts are one file system, so a new mount would take over the old ones. Scale all that mounts this file system on the node to zero and back in a window, or ask for another change with it that the kernel compares, such as nfsvers=4.1.',
  };
}
