import type { PostgresCluster } from '../../src/commands/cnpg.ts';
import { deletePostgresCluster, postgresClusters } from '../../src/commands/cnpg.ts';
import type { BackupJob } from '../../src/core/databases.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { verdictOf } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Plan, Step, Verification } from '../../src/core/plan.ts';
import { check, noUndo, steps, stop } from '../../src/core/plan.ts';
import { announcementsUnseen } from '../../src/repairs/preflight.ts';
import { applyStep, isAsCommitted, nobodyApplies, planStep } from '../../src/repairs/stack-steps.ts';
import { allOf, goneWithVolumesKept, isAbsent, noneIsFree, nothingLeft, quiet, stillGivenUp, volumesStay } from './checks.ts';
import type { Code } from './codes.ts';
import { PROGRESS } from './codes.ts';
import type { Facts } from './facts.ts';
import { nameOf } from './facts.ts';
import { isHealthy } from './kept.ts';
import type { Situation } from './situation.ts';
import { situationOf } from './situation.ts';
import { writtenAt } from './unfit.ts';
import { listed } from './volumes.ts';

/** Delete, plan, apply: each behind an approval of its own, and looked at before the next. */
export function plan(diagnosis: Diagnosis<Code>, facts: Facts): Plan {
  const { findings } = diagnosis;
  const verdict = verdictOf(diagnosis);
  if (verdict !== 'ill') return stop(verdict === 'well' ? NEXT : BLIND);
  const obstacle = findings.find(({ code }) => !PROGRESS.includes(code));
  if (obstacle !== undefined) return stop(obstacle.remedy);
  const [because] = findings;
  const situation = situationOf(facts);
  if (because === undefined || situation === undefined) return stop(BLIND);
  const step = stepFor(because, situation);
  return step === undefined ? stop(BLIND) : steps(step);
}

const BLIND = 'Not everything that this depends on could be seen: no plan is made from what is not known.';

/** What the new cluster needs from people before anybody uses it. */
const NEXT = [
  'The cluster was made anew, and empty. What people do then, as far as it is not done, while no CronJob dumps it (suspend it until the databases are back):',
  '1. Its superuser has a new password, in a new Secret: set it in Vault, in its copy (secret/vault, dbaas_postgresql_root_password) and in the connection of its database engine, or no password is rotated any more.',
  '2. Make the roles by Vault and Terraform, and not out of the dump, whose passwords are old.',
  '3. See that the image has the extensions that the databases use (postgis, vector …).',
  '4. /storage restore postgres all from <dump>, once for each database.',
  '5. Restart pgbouncer, then what uses the databases.',
  '6. Let the dumps be made again each night, where they were suspended, and once now: /storage run backup.',
  'Only then may a person delete the released volumes.',
].join(' ');

function stepFor(because: Finding<Code>, situation: Situation): Step | undefined {
  const { stage, facts, stack } = situation;
  if (stage.is === 'lost') return deletion(because, situation, stage.cluster);
  const common = { because, known: stack, holds: holdsOf(situation) };
  if (because.code === 'cluster-gone')
    return planStep({
      ...common,
      replaces: facts.resource.address,
      before: [
        isAbsent(situation),
        ...nothingLeft(situation),
        volumesStay(situation),
        noneIsFree(situation),
        ...quiet(situation),
      ],
      warnings: [`It is planned to make ${facts.resource.address} anew: whatever else it would do, nothing of it is applied.`],
    });
  const { changes: planned, digest } = facts.stack;
  if (planned?.known !== true || digest?.known !== true) return undefined;
  return applyStep({
    ...common,
    planned: planned.value,
    digest: digest.value,
    before: [isAbsent(situation), ...nothingLeft(situation), volumesStay(situation), noneIsFree(situation), ...quiet(situation)],
    after: isThere(situation),
    undo: noUndo(
      `A cluster that was made is taken away by deleting its object, by a person, while nothing is in it yet. ${wayBack(situation)}`,
    ),
    warnings: [
      'The new cluster is empty. Its superuser gets a new password, which Vault does not know yet: nothing is rotated until people set it there.',
      'It destroys the record of the old cluster in the state of Terraform, and no volume.',
      ...dumpsAfterwards(facts),
      OTHERS_APPROVE,
      ...announcementsUnseen(facts.alerts),
    ],
  });
}

/** The cluster first: its name is what the approver types. */
function holdsOf({ facts, volumes }: Situation): readonly [Hold, ...Hold[]] {
  return [
    changes('database-server', nameOf(facts.postgres)),
    ...volumes.map(({ name }) => uses('pv', name)),
    uses('backups', facts.postgres.backups.path),
  ];
}

const DELETED_WITHIN_MS = 120_000;

function deletion(because: Finding<Code>, situation: Situation, cluster: PostgresCluster): Step {
  const { facts, stack, volumes, dump } = situation;
  const { stack: own } = stack.look;
  const { commit } = stack.checkout.value;
  const name = nameOf(facts.postgres);
  return {
    title: `Delete the object of ${name}, and keep its volumes`,
    because,
    before: [
      stillGivenUp(situation, cluster.uid),
      ...nothingLeft(situation),
      volumesStay(situation),
      noneIsFree(situation),
      ...quiet(situation),
      isAsCommitted(own, commit),
      nobodyApplies(own, commit),
    ],
    change: deletePostgresCluster(cluster),
    after: goneWithVolumesKept(situation, DELETED_WITHIN_MS),
    undo: noUndo(wayBack(situation)),
    holds: holdsOf(situation),
    warnings: [
      `What was written after ${writtenAt(dump.file)} is on these volumes alone: ${listed(volumes)}. They stay; a cluster that is made anew does not have it.`,
      'The services of the cluster and the secret of its superuser go with its object: nothing reaches a database until the next rounds have made it anew and people have restored the databases. Who logs in by one of them (Authentik) cannot meanwhile.',
      `The third round applies a plan that makes ${facts.resource.address} anew and does nothing else: see first that nothing else of ${facts.resource.stack} waits to be applied.`,
      ...dumpsMeanwhile(facts),
      OTHERS_APPROVE,
      ...announcementsUnseen(facts.alerts),
    ],
  };
}

const OTHERS_APPROVE = 'Who asked for it cannot approve it: others do, as many as the configuration wants for what destroys.';

function dumpJobs({ site: { backups = {} }, postgres }: Facts): readonly Pick<BackupJob, 'namespace' | 'cronJob'>[] {
  return Object.values(backups).filter(({ kind, path }) => kind === 'pg_dumpall' && path === postgres.backups.path);
}

/** Terraform makes the CronJob as well: one that was suspended by hand is a change in the plan, which must have no other. */
function dumpsMeanwhile(facts: Facts): readonly string[] {
  return dumpJobs(facts).map(
    ({ namespace, cronJob }) =>
      `The CronJob ${namespace}/${cronJob} finds no server meanwhile, and its dumps fail. Do not suspend it before the third round: where its stack is the same, the plan would let it run again, and do more than one thing.`,
  );
}

/** A dump of an empty server looks like any other to what drops the old ones. */
function dumpsAfterwards(facts: Facts): readonly string[] {
  return dumpJobs(facts).map(
    ({ namespace, cronJob }) =>
      `As soon as it is applied, and until the databases are back, suspend the CronJob ${namespace}/${cronJob}: it would dump an empty server, and may drop the dumps that are needed. kubectl patch cronjob ${cronJob} --namespace=${namespace} --type=merge --patch='{"spec":{"suspend":true}}'`,
  );
}

function wayBack({ facts, volumes }: Situation): string {
  const { cluster } = facts.postgres;
  return `The way back is by hand, out of the volumes that stay: ${listed(volumes)}. kubectl patch persistentvolume VOLUME --type=merge --patch='{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}', which keeps it for the claim of its old name (free for any claim, the next one would get it); then that claim with spec.volumeName VOLUME and with the labels and annotations that CloudNativePG gives to the claim of an instance; then a Cluster ${cluster} of the same image, which takes it up.`;
}

/** Minutes: servers are made one after the other. */
const MADE_WITHIN_MS = 900_000;

/** That it was absent just before makes whatever is there now a new one, with a uid of its own. An application that failed leaves its file. */
function isThere({ facts: { postgres }, stack }: Situation): Verification {
  const { namespace, cluster } = postgres;
  return allOf(MADE_WITHIN_MS, [
    check(
      `${nameOf(postgres)} is there again, and its operator calls it healthy, with a primary; its servers are made one after the other, which takes minutes`,
      postgresClusters(),
      (all) =>
        all.some(
          (each) =>
            each.namespace === namespace &&
            each.name === cluster &&
            isHealthy(each) &&
            !each.isGoing &&
            each.currentPrimary !== undefined &&
            each.currentPrimary === (each.targetPrimary ?? each.currentPrimary) &&
            each.readyInstances === each.instances,
        ),
    ),
    nobodyApplies(stack.look.stack, stack.checkout.value.commit),
  ]);
}
