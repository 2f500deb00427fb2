import type { PersistentVolume } from '../../src/commands/cluster-objects.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, ok, together } from '../../src/core/finding.ts';
import { workAnnounced } from '../../src/repairs/preflight.ts';
import { dumpsInUse, usesDumps } from '../../src/topology/postgres-dumps.ts';
import { isClaimOf, isPodOfCluster } from '../../src/topology/postgres-volumes.ts';
import { knownStack, stackObstacle } from '../../src/topology/stack-look.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { nameOf } from './facts.ts';
import { dumpProblem } from './unfit.ts';
import { freeForAny, isKept, listed, ownVolumes } from './volumes.ts';

type Part = Diagnosis<Code>;

/** What is in the way of building a cluster anew that is given up, or gone. */
export function obstacles(facts: Facts): Part {
  return together<Code>([
    living(facts),
    claimed(facts),
    backups(facts),
    volumes(facts),
    free(facts),
    dumpProblem(facts),
    jobs(facts),
    work(facts),
    stack(facts),
  ]);
}

const NOT_LOST =
  'Find out first why it is not used: /storage diagnose postgres. As long as it is there, the data may be had without any loss.';
const KEEP = 'Do not delete the cluster, nor this: the newest copy of the data may be behind it.';

function living({ look: { clusters, pods }, postgres }: Facts): Part {
  if (!clusters.known || !pods.known) return NOTHING;
  const own = pods.value.filter((pod) => isPodOfCluster(postgres, pod));
  return together(
    own.map(({ namespace, name, phase }) =>
      found<Code>({
        code: 'data-within-reach',
        subject: `Pod ${namespace}/${name}`,
        says: `The pod ${namespace}/${name} of ${nameOf(postgres)} is still there (${phase})`,
        remedy: NOT_LOST,
        doNot: KEEP,
        seen: [clusters, pods],
      }),
    ),
  );
}

function claimed({ look: { clusters }, claims, postgres }: Facts): Part {
  if (!clusters.known || !claims.known) return NOTHING;
  const own = claims.value.filter((claim) => isClaimOf(postgres, claim));
  return together(
    own.map(({ namespace, name, volume, isGoing }) =>
      found<Code>({
        code: 'data-within-reach',
        subject: `PersistentVolumeClaim ${namespace}/${name}`,
        says: `The claim ${namespace}/${name} of ${nameOf(postgres)} is still there, ${volume === undefined ? 'without a volume' : `with the volume ${volume}`}${isGoing ? ', and is being deleted' : ''}`,
        remedy: isGoing ? 'Wait until it is gone, then ask again.' : NOT_LOST,
        doNot: KEEP,
        seen: [clusters, claims],
      }),
    ),
  );
}

/** Snapshots of the operator may belong to the object of the cluster, and its archive is newer than any dump. */
function backups({ look: { clusters, cluster }, postgres }: Facts): Part {
  if (!clusters.known || cluster?.mayHaveBackups !== true) return NOTHING;
  return found({
    code: 'backed-up-otherwise',
    subject: nameOf(postgres),
    says: `${nameOf(postgres)} has spec.backup or spec.plugins: its operator may have backups of it, which are newer than any dump`,
    remedy: `People look for them first, and restore from them: kubectl get backups.postgresql.cnpg.io,volumesnapshots --namespace=${postgres.namespace}.`,
    doNot: 'Do not delete the cluster: snapshots that belong to its object go with it.',
    seen: [clusters],
  });
}

/** They are the way back, for good: what is not kept would be destroyed with its claim. */
function volumes(facts: Facts): Part {
  const { look, volumes: all, postgres } = facts;
  const { clusters } = look;
  if (!clusters.known || !all.known) return NOTHING;
  const own = ownVolumes(facts, all.value);
  if (own.length === 0)
    return found({
      code: 'no-volumes',
      subject: nameOf(postgres),
      says: `No volume names a claim of ${nameOf(postgres)}: nothing is left of it, or it never had this name`,
      remedy:
        'Where that is meant, people make the cluster, by applying the stack; then /storage restore postgres all from <dump>.',
      doNot: 'Do not take another volume for one of these.',
      seen: [clusters, all],
    });
  const unfit = own.filter((volume) => !isKept(volume));
  if (unfit.length === 0) return told(ok(`Released and kept: ${listed(own)}`, all));
  return together(unfit.map((volume) => unkept(volume, [clusters, all])));
}

/** Somebody who takes the way back may be half-way: what is in such a volume may be the only copy. */
function free(facts: Facts): Part {
  const {
    look: { clusters },
    volumes: all,
    postgres,
  } = facts;
  if (!clusters.known || !all.known) return NOTHING;
  return together(
    freeForAny(facts, all.value).map(({ name, phase }) =>
      found<Code>({
        code: 'volume-unclaimed',
        subject: `PersistentVolume ${name}`,
        says: `${name} is ${phase}, and reserved for no claim: a claim of a new ${nameOf(postgres)} would get it, and what is in it would be moved aside, or removed where PostgreSQL cannot read it`,
        remedy: `A person finds out what is in it, and reserves it for the claim that it is for: kubectl patch persistentvolume ${name} --type=merge --patch='{"spec":{"claimRef":{"namespace":"NAMESPACE","name":"CLAIM"}}}'. Then ask again.`,
        doNot: KEEP,
        seen: [clusters, all],
      }),
    ),
  );
}

function unkept(
  { name, phase, reclaimPolicy, claimRef }: PersistentVolume,
  seen: Parameters<typeof found>[0]['seen'],
): Diagnosis<Code> {
  const subject = `PersistentVolume ${name}`;
  const of = `of the claim ${claimRef?.namespace ?? ''}/${claimRef?.name ?? ''}`;
  if (reclaimPolicy !== 'Retain')
    return found<Code>({
      code: 'volume-not-kept',
      subject,
      says: `${name} ${of} has the reclaim policy ${reclaimPolicy ?? 'that nothing tells'}: its data may go with its claim`,
      remedy: `A person sees that it is kept: kubectl patch persistentvolume ${name} --type=merge --patch='{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'. Then ask again.`,
      doNot: 'Do not delete the cluster before that: this volume would be destroyed.',
      seen,
    });
  return found<Code>({
    code: 'data-within-reach',
    subject,
    says: `${name} ${of} is ${phase}: it is not released`,
    remedy: NOT_LOST,
    doNot: KEEP,
    seen,
  });
}

function jobs({ look: { pods }, postgres }: Facts): Part {
  if (!pods.known) return NOTHING;
  const running = pods.value.filter((pod) => usesDumps(postgres, pod));
  return together(running.map((pod) => found<Code>(dumpsInUse(pod, pods))));
}

function work({ alerts }: Facts): Part {
  const findings = workAnnounced(alerts);
  return isSome(findings) ? together<Code>(findings.map((finding) => found<Code>(finding))) : NOTHING;
}

/** Also before anything is deleted: a stack that cannot be applied makes no cluster. */
function stack({ stack: seen }: Facts): Part {
  const known = knownStack(seen);
  const finding = known && stackObstacle(known);
  return finding === undefined ? NOTHING : found<Code>(finding);
}
