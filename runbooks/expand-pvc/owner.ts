import type { Claim } from '../../src/commands/claims.ts';
import type { Workload } from '../../src/commands/cluster-objects.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';

export interface Owned {
  readonly claim: Claim;
  readonly id: string;
  readonly size: string;
  readonly claims: Known<readonly Claim[]>;
  readonly sets: Known<readonly Workload[]>;
}

const MANAGED_BY = 'app.kubernetes.io/managed-by';

type Told = Pick<Finding<Code>, 'code' | 'says' | 'remedy' | 'seen' | 'doNot'>;

const DRIFT = 'Do not patch the claim beside its owner: the owner keeps the old size, and one of the two then fails.';

/** Who sets the size of this claim, and what has to be changed there; undefined where nobody does. */
export function ownerOf(owned: Owned): Finding<Code> | undefined {
  const told =
    byDatabase(owned) ??
    byTemplate(owned) ??
    byController(owned) ??
    byRelease(owned) ??
    byTerraform(owned) ??
    byGitOps(owned) ??
    byProgram(owned);
  return told === undefined ? undefined : { subject: owned.id, doNot: DRIFT, ...told };
}

function byDatabase({ claim, id, size, claims }: Owned): Told | undefined {
  const cluster = claim.labels['cnpg.io/cluster'] ?? (claim.owner?.kind === 'Cluster' ? claim.owner.name : undefined);
  if (cluster === undefined) return undefined;
  return {
    code: 'owned-by-cnpg',
    says: `${id} belongs to the cluster ${claim.namespace}/${cluster} of CloudNativePG`,
    remedy:
      `Where the Cluster ${cluster} is written, set "storage: { size: ${size} }" under spec: the operator lets all its claims grow. Where its ` +
      'phase is "Not enough disk space", the operator waits for the instance that the full disk keeps from starting: then a person lets the ' +
      'claim grow to that size first and sets the Cluster right after, and looks which replication slot or replica keeps pg_wal from shrinking.',
    doNot: `Do not leave the claim and the Cluster with two sizes, and do not delete files in pg_wal: they are the database.`,
    seen: [claims],
  };
}

/** A set names its claims `<template>-<set>-<ordinal>`, and may itself belong to an operator. */
function byTemplate({ claim, id, size, claims, sets }: Owned): Told | undefined {
  const set = sets.value.find(
    (each) =>
      each.namespace === claim.namespace &&
      each.claimTemplates.some((template) => {
        const start = `${template}-${each.name}-`;
        return claim.name.startsWith(start) && /^\d+$/.test(claim.name.slice(start.length));
      }),
  );
  if (set === undefined) return undefined;
  if (set.owner !== undefined) {
    return {
      code: 'owned-by-operator',
      says: `${id} was made for the StatefulSet ${set.name}, which belongs to ${set.owner.kind} ${set.owner.name}`,
      remedy: `Set "requests: { storage: ${size} }" where ${set.owner.kind} ${set.owner.name} is written, and read how its operator lets claims grow: the template of its StatefulSet cannot be changed.`,
      seen: [claims, sets],
    };
  }
  return {
    code: 'owned-by-stateful-set',
    says: `${id} was made from a template of the StatefulSet ${set.name}`,
    remedy:
      `Set "requests: { storage: ${size} }" in volumeClaimTemplates where ${set.name} is written; as the API refuses to change them, its ` +
      `owner deletes the set alone (kubectl delete statefulset ${set.name} --namespace=${set.namespace} --cascade=orphan), patches each claim and applies the set again.`,
    seen: [claims, sets],
  };
}

function byController({ claim: { owner }, id, size, claims }: Owned): Told | undefined {
  if (owner === undefined) return undefined;
  return {
    code: 'owned-by-operator',
    says: `${id} belongs to ${owner.kind} ${owner.name}`,
    remedy: `Set "storage: ${size}" where ${owner.kind} ${owner.name} is written: its operator sets the size of this claim.`,
    seen: [claims],
  };
}

function byRelease({ claim: { labels, annotations }, id, size, claims }: Owned): Told | undefined {
  const release = annotations['meta.helm.sh/release-name'];
  if (release === undefined && labels[MANAGED_BY] !== 'Helm') return undefined;
  return {
    code: 'owned-by-helm',
    says: `${id} belongs to the Helm release ${release ?? 'that made it'}`,
    remedy: `Set "persistence: { size: ${size} }", or what its chart calls that, in the values of the release, where Terraform or a person keeps them.`,
    seen: [claims],
  };
}

/** The provider's name as the API server notes it with each field that it sets. */
function byTerraform({ claim: { managers, labels, name }, id, size, claims }: Owned): Told | undefined {
  const manager = [...managers, labels[MANAGED_BY] ?? ''].find((each) => /terraform|hashicorp/i.test(each));
  if (manager === undefined) return undefined;
  return {
    code: 'owned-by-terraform',
    says: `${id} belongs to Terraform (it was set by ${manager})`,
    remedy:
      `In the resource "kubernetes_persistent_volume_claim" of ${name}, set 'requests = { storage = "${size}" }' under spec and resources, ` +
      'see that the plan says "update in-place" and not "must be replaced", and apply it.',
    seen: [claims],
  };
}

/** Marks of what applies manifests from a repository again and again. */
const GIT_OPS = [
  'argocd.argoproj.io/tracking-id',
  'argocd.argoproj.io/instance',
  'kustomize.toolkit.fluxcd.io/name',
  'helm.toolkit.fluxcd.io/name',
];

function byGitOps({ claim: { labels, annotations }, id, size, claims }: Owned): Told | undefined {
  const mark = GIT_OPS.find((each) => labels[each] !== undefined || annotations[each] !== undefined);
  if (mark === undefined) return undefined;
  return {
    code: 'owned-by-operator',
    says: `${id} is applied from a repository (${mark}: ${labels[mark] ?? annotations[mark]})`,
    remedy: `Set "storage: ${size}" in that repository.`,
    seen: [claims],
  };
}

/** What people use by hand, what makes the claims of StatefulSets, and the bot. */
const BY_HAND = /^(kubectl|kube-controller-manager|k9s|Mozilla|Lens|OpenLens|before-first-apply|storagebot)/;

function byProgram({ claim: { labels, sizedBy }, id, size, claims }: Owned): Told | undefined {
  const program = labels[MANAGED_BY] ?? sizedBy.find((each) => !BY_HAND.test(each));
  if (program === undefined) return undefined;
  return {
    code: 'owned-by-operator',
    says: `${id} belongs to ${program === '' ? 'a program without a name' : program}, which set its size or says that it manages it`,
    remedy: `Set "storage: ${size}" where ${program === '' ? 'that program' : program} has it from, or ask who runs it whether it does so only once.`,
    seen: [claims],
  };
}
