import type { PostgresCluster } from '../../src/commands/cnpg.ts';
import { planFile, plannedChanges } from '../../src/commands/terraform.ts';
import type { PlannedChanges } from '../../src/commands/terraform-text.ts';
import { replacesOnly } from '../../src/commands/terraform-text.ts';
import { commandLine } from '../../src/core/command.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { notSeen, together } from '../../src/core/finding.ts';
import type { Seen } from '../../src/core/reading.ts';
import { isFresh, looksAtStack, whereIs } from '../../src/topology/stack-look.ts';
import { found, NOTHING } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { nameOf, stageOf } from './facts.ts';
import { kept } from './kept.ts';
import { obstacles } from './obstacles.ts';
import type { Situation } from './situation.ts';
import { situationOf } from './situation.ts';
import { dumpText } from './unfit.ts';
import { listed } from './volumes.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Part {
  const stage = stageOf(facts.look);
  const unseen: Part = { evidence: notSeen('Cluster, volumes, dump and stack', allLooks(facts)), findings: [] };
  if (stage === undefined) return unseen;
  if (stage.is === 'kept') return together<Code>([unseen, kept(facts, stage.cluster)]);
  if (stage.is === 'going') return together<Code>([unseen, beingDeleted(facts)]);
  const inTheWay = obstacles(facts);
  const situation = unseen.evidence.length > 0 || inTheWay.findings.length > 0 ? undefined : situationOf(facts);
  return together<Code>([unseen, inTheWay, situation === undefined ? NOTHING : progress(situation)]);
}

/** What a conclusion depends on: of a cluster that is not lost, the operator's word, its servers and what a former one left. */
function allLooks(facts: Facts): readonly Seen<unknown>[] {
  const { look, claims, volumes, files, dump, stack } = facts;
  const stage = stageOf(look);
  const states = look.instances.flatMap(({ state }) => state ?? []);
  if (stage?.is === 'kept') return [look.clusters, look.pods, ...states, volumes];
  if (stage?.is === 'going') return [look.clusters];
  return [look.clusters, look.pods, claims, volumes, files, ...(dump ? [dump.seen] : []), ...looksAtStack(stack)];
}

function beingDeleted({ look, postgres }: Facts): Part {
  if (!look.clusters.known) return NOTHING;
  const name = nameOf(postgres);
  return found({
    code: 'being-deleted',
    subject: name,
    says: `Somebody deleted ${name}, and its object is still there: something has to end first`,
    remedy: `Wait. If it stays, look what it waits for: kubectl get clusters.postgresql.cnpg.io ${postgres.cluster} --namespace=${postgres.namespace} --output=jsonpath={.metadata.finalizers}. Then ask again.`,
    doNot: 'Do not take its finalizers away before it is known what they wait for.',
    seen: [look.clusters],
  });
}

const FIRST_LOOK =
  'A person looks first whether one of these volumes can be given back to an instance, which loses nothing: /storage diagnose postgres.';

function progress(situation: Situation): Part {
  if (situation.stage.is === 'lost') return { evidence: [], findings: [lost(situation, situation.stage.cluster)] };
  const { look } = situation.stack;
  if (!isFresh(look, 'tfplan')) return { evidence: [], findings: [gone(situation)] };
  return planned(situation);
}

function lost(situation: Situation, { phase, phaseReason }: PostgresCluster): Finding<Code> {
  const { facts, volumes, dump } = situation;
  const name = nameOf(facts.postgres);
  const reason = phaseReason === undefined ? '' : ` (${phaseReason})`;
  return {
    code: 'cluster-lost',
    subject: name,
    says: `The operator says of ${name}: "${phase}"${reason}. No pod and no claim of it is left; ${listed(volumes)} are released and kept. ${dumpText(dump.file, dump.seen.value)} is at hand`,
    remedy: `${FIRST_LOOK} Only where none can: delete the object of the cluster, which others than who asks for it approve; its volumes stay. Then Terraform makes it anew.`,
    doNot: 'Do not delete a released volume: it may be the newest copy, and is the only way back.',
    seen: situation.proofs,
  };
}

function gone(situation: Situation): Finding<Code> {
  const { facts, volumes, dump, stack } = situation;
  const name = nameOf(facts.postgres);
  return {
    code: 'cluster-gone',
    subject: name,
    says: `There is no ${name} any more; ${listed(volumes)} are released and kept. ${dumpText(dump.file, dump.seen.value)} is at hand, and ${facts.resource.address} in ${facts.resource.stack} at ${whereIs(stack.checkout.value)} makes the cluster`,
    remedy: `${FIRST_LOOK} Otherwise let Terraform plan to make it anew: that asks the cluster and locks the state meanwhile. What it would do is shown before anything is applied.`,
    doNot: 'Do not apply the whole stack, and not with -target: nothing of it has changed, so that nothing would be made.',
    seen: situation.proofs,
  };
}

/** A plan that leaves the resource alone has another cause than one that does more. */
function notIn({ resources }: PlannedChanges, address: string): string {
  return resources.some((text) => text.startsWith(`${address} `))
    ? 'See to the rest first: apply it by itself, or take it back; what was changed by hand, as a CronJob that was suspended, is changed back by hand.'
    : `Nothing is planned for this address: see that the state has it (terragrunt state list), and that site.databases.postgres.stack names it.`;
}

/** Exactly that one thing, or nothing: what else the stack has become is not to be decided in the middle of this. */
function planned(situation: Situation): Part {
  const { facts, stack } = situation;
  const { changes, digest } = facts.stack;
  if (changes?.known !== true || digest?.known !== true) return NOTHING;
  const { address, stack: path } = facts.resource;
  const { add, change, destroy, resources } = changes.value;
  const { commit } = stack.checkout.value;
  const says = `The saved plan of ${path} at ${whereIs(stack.checkout.value)} adds ${add}, changes ${change} and destroys ${destroy}: ${resources.slice(0, 20).join('; ') || 'nothing'}`;
  const whole = `The whole of it: ${commandLine(plannedChanges(facts.stack.stack, commit).command)}`;
  if (!replacesOnly(changes.value, address))
    return found({
      code: 'plan-differs',
      subject: path,
      says: `${says}. It is to make ${address} anew, and nothing else. ${whole}`,
      remedy: `${notIn(changes.value, address)} Then take ${planFile(facts.stack.stack, commit, 'tfplan')} away on ${facts.stack.stack.terraform.host.name}, or wait until it is an hour old, and ask again.`,
      doNot: 'Do not apply it: what else is in it was not looked into here.',
      seen: [stack.checkout, stack.files, stack.clock, changes, digest],
    });
  return {
    evidence: [],
    findings: [
      {
        code: 'plan-waits',
        subject: path,
        says: `There is no ${nameOf(facts.postgres)}, and ${listed(situation.volumes)} are released and kept. ${says}. ${whole}`,
        remedy: `Apply exactly this file (SHA-256 ${digest.value.slice(0, 16)}…): the operator then makes the cluster, empty, with a new secret of its superuser.`,
        doNot: 'Do not apply without a saved plan: what is applied then is not what was read.',
        seen: [...situation.proofs, changes, digest],
      },
    ],
  };
}
