import leven from 'leven';
import type { Pod } from '../commands/cluster-objects.ts';
import { Refusal } from '../core/errors.ts';
import type { Cluster, Workload } from './cluster.ts';
import { keeps, made } from './cluster.ts';
import type { ServiceVolume } from './volumes.ts';
import { claimed, volumesOf } from './volumes.ts';

/** What an operator means by a name: pods and workloads, and the volumes they stand on. */
export interface Service {
  readonly name: string;
  /** How the name was understood: `namespace immich`, `Deployment immich/immich-server`, `claim immich/immich-upload`. */
  readonly is: string;
  readonly namespaces: readonly string[];
  readonly pods: readonly Pod[];
  readonly volumes: readonly ServiceVolume[];
  /** Claims in the same namespaces that nothing mounts: easily taken for the real ones. */
  readonly orphans: readonly ServiceVolume[];
}

type Claim = Pick<ServiceVolume, 'namespace' | 'name'>;

interface Candidate {
  readonly name: string;
  readonly is: string;
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
  readonly claims?: readonly ServiceVolume[];
}

/** Kinds of names in the order in which they count: a namespace before a workload before a claim before a volume. */
const KINDS = [namespaces, workloads, claims, volumes] as const;

/** Throws a Refusal that offers the nearest names, or the names it could be. `others` are names of what else could be meant. */
export function resolveService(cluster: Cluster, name: string, others: readonly string[] = []): Service {
  for (const kind of KINDS) {
    const matches = kind(cluster).filter((candidate) => candidate.name === name || candidate.is.endsWith(` ${name}`));
    if (matches.length > 1) throw ambiguous(name, matches);
    const [match] = matches;
    if (match !== undefined) return toService(cluster, match);
  }
  throw notFound(cluster, name, others);
}

function toService(cluster: Cluster, candidate: Candidate): Service {
  const used = volumesOf(cluster, candidate.pods, candidate.workloads);
  const spaces = [
    ...new Set([...candidate.pods, ...candidate.workloads, ...(candidate.claims ?? [])].map((each) => each.namespace)),
  ];
  const asked = candidate.claims?.map((claim) => used.find((volume) => sameClaim(volume, claim)) ?? claim);
  return {
    name: candidate.name,
    is: candidate.is,
    namespaces: spaces,
    pods: candidate.pods,
    volumes: asked ?? used,
    orphans: orphansOf(cluster, spaces),
  };
}

/** The claims of these namespaces that no pod and no workload mounts; `used` are the volumes that they mount. */
export function orphansOf(cluster: Cluster, spaces: readonly string[], used = usedIn(cluster, spaces)): ServiceVolume[] {
  return within(cluster.claims, spaces)
    .filter((claim) => !used.some((volume) => sameClaim(volume, claim)))
    .filter((claim) => !cluster.workloads.some((workload) => keeps(workload, claim)))
    .map((claim) => claimed(cluster, claim.namespace, claim.name));
}

function usedIn(cluster: Cluster, spaces: readonly string[]): ServiceVolume[] {
  return volumesOf(cluster, within(cluster.pods, spaces), within(cluster.workloads, spaces));
}

function within<T extends { readonly namespace: string }>(all: readonly T[], spaces: readonly string[]): T[] {
  return all.filter(({ namespace }) => spaces.includes(namespace));
}

function sameClaim(a: Claim, b: Claim): boolean {
  return a.name === b.name && a.namespace === b.namespace;
}

function namespaces({ pods, workloads: all, claims: bound }: Cluster): Candidate[] {
  const names = new Set([...pods, ...all, ...bound].map(({ namespace }) => namespace));
  return [...names].map((name) => ({
    name,
    is: `namespace ${name}`,
    pods: pods.filter(({ namespace }) => namespace === name),
    workloads: all.filter(({ namespace }) => namespace === name),
  }));
}

/** A Deployment and a CronJob of one name in one namespace are one service. */
function workloads(cluster: Cluster): Candidate[] {
  const byName = Map.groupBy(cluster.workloads, ({ namespace, name }) => `${namespace}/${name}`);
  return [...byName].map(([is, all]) => ({
    name: is.slice(is.indexOf('/') + 1),
    is: `${all.map(({ kind }) => kind).join('+')} ${is}`,
    pods: cluster.pods.filter((pod) => all.some((workload) => made(workload, pod))),
    workloads: all,
  }));
}

function claims(cluster: Cluster): Candidate[] {
  return cluster.claims.map(({ namespace, name }) =>
    candidateOf(cluster, `claim ${namespace}/${name}`, claimed(cluster, namespace, name)),
  );
}

function volumes(cluster: Cluster): Candidate[] {
  return cluster.volumes
    .filter(({ claimRef }) => claimRef !== undefined)
    .map(({ name, claimRef }) => {
      const claim = claimed(cluster, claimRef?.namespace ?? '', claimRef?.name ?? '');
      return { ...candidateOf(cluster, `PersistentVolume ${name}`, claim), name };
    });
}

/** A claim, with whoever in its namespace mounts it. */
function candidateOf(cluster: Cluster, is: string, claim: ServiceVolume): Candidate {
  const mounts = (spec: Pod['spec']) => spec.volumes.some((volume) => volume.persistentVolumeClaim?.claimName === claim.name);
  return {
    name: claim.name,
    is,
    pods: cluster.pods.filter((pod) => pod.namespace === claim.namespace && mounts(pod.spec)),
    workloads: cluster.workloads.filter((each) => each.namespace === claim.namespace && mounts(each.spec)),
    claims: [claim],
  };
}

function ambiguous(name: string, matches: readonly Candidate[]): Refusal {
  const choices = matches.map(({ is }) => is.slice(is.indexOf(' ') + 1)).toSorted();
  return new Refusal('ambiguous', `${name} could be any of: ${choices.join(', ')}. Write one of these.`);
}

function notFound(cluster: Cluster, name: string, others: readonly string[]): Refusal {
  const near = nearest(name, [...new Set([...others, ...KINDS.flatMap((kind) => kind(cluster)).map((each) => each.name)])]);
  const offer = near.length === 0 ? 'Nothing in the cluster has a similar name.' : `Did you mean ${near.join(', ')}?`;
  return new Refusal('not-found', `No namespace, workload, claim or volume is named ${name}. ${offer}`);
}

/** At most three names, nearest first: those a few letters away, and those that contain the name. */
export function nearest(name: string, names: readonly string[]): string[] {
  return names
    .map((each) => ({ each, distance: each.includes(name) && name.length > 2 ? 1 : leven(name, each) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.distance - b.distance || (a.each < b.each ? -1 : 1))
    .slice(0, 3)
    .map(({ each }) => each);
}
