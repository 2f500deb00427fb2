import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { bad, notSeen, ok, together } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { notAsked } from '../../src/topology/askable.ts';
import type { Code } from './codes.ts';
import type { Facts, TunedVolume } from './facts.ts';
import { isTuned, lacking, mountFor, optionsThatAre } from './facts.ts';
import { freshMounts } from './fresh-mounts.ts';
import type { Seen } from './pods.ts';
import { diagnosePods, isOperators, operatorOwned } from './pods.ts';
import { meaningOfTimeouts } from './timeouts.ts';

type Part = Diagnosis<Code>;

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { look, classes, statefulSets, nodes } = facts;
  const { pods, volumes } = look;
  const unseen: Part = {
    evidence: [
      ...notSeen('Objects of the cluster', [...look.lists, classes]),
      ...nodes.flatMap(({ name, mounts, processes }) => notSeen(`Mounts and processes of ${name}`, [mounts, processes])),
    ],
    findings: [],
  };
  if (!pods.known || !volumes.known || !statefulSets.known || facts.service === undefined) return unseen;
  const seen = { facts, pods, volumes, statefulSets };
  return together([
    { evidence: about(seen), findings: [] },
    unseen,
    {
      evidence: notAsked(
        facts.volumes.map(({ volume }) => volume),
        look,
      ),
      findings: [],
    },
    ...facts.volumes.map((volume) => diagnoseVolume(seen, volume)),
    diagnosePods(seen),
    freshMounts(facts),
  ]);
}

/** What is wanted, what it means, and why the class does not matter. */
function about({ facts: { service, wanted, volumes: all, classes }, pods, volumes }: Seen): Evidence[] {
  const number = `${all.length} volume${all.length === 1 ? '' : 's'}`;
  const used = [...new Set(all.flatMap(({ className }) => className ?? []))].toSorted();
  return [
    ok(`${service?.is} has ${number} on this NAS, each wanted with ${wanted.join(',')}`, pods, volumes),
    ok(meaningOfTimeouts(wanted)),
    ...used.flatMap((name) => (classes.known ? [classEvidence(name, classes, volumes)] : [])),
  ];
}

function classEvidence(
  name: string,
  classes: Known<readonly { name: string; mountOptions: readonly string[] }[]>,
  volumes: Known<unknown>,
) {
  const found = classes.value.find((each) => each.name === name);
  const has = found === undefined ? 'does not exist' : `has ${shown(found.mountOptions)}`;
  return ok(
    `StorageClass ${name} ${has}: its options reach only volumes that are made from it later, so that editing it changes none of these`,
    classes,
    volumes,
  );
}

export function shown(options: readonly string[]): string {
  return options.length === 0 ? 'no mount options' : options.join(',');
}

function diagnoseVolume(seen: Seen, each: TunedVolume): Part {
  const { volume } = each;
  if (volume.backing.inline) return together(mountsOf(seen, each).map((mount) => inlineVolume(each, mount)));
  const mounts = mountsOf(seen, each);
  const operators = each.pods.filter((pod) => isOperators(seen, pod));
  if (operators.length > 0) return together(operators.map((pod) => operatorOwned(seen, each, pod)));
  const state = isTuned(each) ? tuned(seen, each) : otherOptions(seen, each);
  return together([
    state,
    ...(isTuned(each) ? mounts.slice(0, 1).map((mount) => lowered(seen, each, mount)) : mounts.map(effective)),
  ]);
}

interface PodMount {
  readonly pod: TunedVolume['pods'][number];
  readonly node: string;
  readonly mount: Parameters<typeof lacking>[0];
  readonly mounts: Known<Parameters<typeof lacking>[1]>;
}

function mountsOf({ facts }: Seen, { volume, pods }: TunedVolume): readonly PodMount[] {
  return pods.flatMap((pod) => {
    const node = facts.nodes.find(({ name }) => name === pod.node);
    const mount = node?.mounts.known ? mountFor(node.mounts.value, pod, volume) : undefined;
    return node?.mounts.known && mount !== undefined ? [{ pod, node: node.name, mount, mounts: node.mounts }] : [];
  });
}

function tuned({ volumes }: Seen, { volume }: TunedVolume): Part {
  return {
    evidence: [ok(`PersistentVolume ${volume.persistentVolume} has ${shown(volume.mountOptions)}, as wanted`, volumes)],
    findings: [],
  };
}

function otherOptions({ volumes, pods }: Seen, { volume, target }: TunedVolume): Part {
  const says = `PersistentVolume ${volume.persistentVolume} has ${shown(volume.mountOptions)}; wanted: ${target.join(',')}`;
  return {
    evidence: [bad(says, volumes)],
    findings: [
      {
        code: 'volume-options',
        subject: volume.persistentVolume ?? volume.name,
        says,
        remedy:
          'Set the mount options of the PersistentVolume, then recreate its pods one by one: options bind when a mount is made. Change the same in its Terraform module, or the next apply takes it back.',
        doNot: 'Do not edit the StorageClass: its options do not reach this volume. Do not remount: NFS ignores it.',
        seen: [volumes, pods],
      },
    ],
  };
}

const TELLING = /^(soft|softerr|hard|noac|nocto|(timeo|retrans|vers|rsize|wsize|nconnect|ac(reg|dir)(min|max))=.*)$/;

function effective({ pod, node, mount, mounts }: PodMount): Part {
  const options = mount.options.filter((option) => TELLING.test(option)).join(',');
  return {
    evidence: [ok(`Pod ${pod.namespace}/${pod.name} on ${node} has ${mount.remotePath} mounted with ${options}`, mounts)],
    findings: [],
  };
}

function inlineVolume({ volume, target }: TunedVolume, { pod, mount, mounts }: PodMount): Part {
  const lacks = lacking(mount, mounts.value, target);
  if (lacks.length === 0)
    return { evidence: [ok(`The inline volume ${volume.name} is mounted as wanted`, mounts)], findings: [] };
  const says = `The inline volume ${volume.name} of pod ${pod.namespace}/${pod.name} is mounted without ${lacks.join(',')}, and an inline nfs volume cannot have mount options`;
  const finding: Finding<Code> = {
    code: 'inline-volume',
    subject: `${volume.namespace}/${volume.name}`,
    says,
    remedy: `Make a PersistentVolume and a claim of ${volume.backing.server}:${volume.backing.path} with these options through Terraform, and let the workload use the claim.`,
    doNot: 'Do not patch the workload by hand: the next apply of Terraform takes it back.',
    seen: [mounts],
  };
  return { evidence: [bad(says, mounts)], findings: [finding] };
}

/** The server's word is final: what it does not give is said once and not tried again. */
function lowered({ volumes }: Seen, { volume, target }: TunedVolume, { node, mount, mounts }: PodMount): Part {
  const options = optionsThatAre('lowered', mount, target);
  if (options.length === 0) return { evidence: [], findings: [] };
  const names = options.map((option) => option.split('=', 1)[0]);
  const has = mount.options.filter((option) => names.includes(option.split('=', 1)[0])).join(',') || 'none';
  const says = `PersistentVolume ${volume.persistentVolume} asks for ${options.join(',')}, and the mount on ${node} has ${has}`;
  const finding: Finding<Code> = {
    code: 'options-lowered',
    subject: volume.persistentVolume ?? volume.name,
    says,
    remedy:
      'Ask for no more than that: a server states its largest rsize and wsize (mostly 131072 with FreeBSD), and connections to a server stay as many as its first mount on the node made.',
    doNot: 'Do not recreate pods for this: their next mount gets the same.',
    seen: [volumes, mounts],
  };
  return { evidence: [bad(says, volumes, mounts)], findings: [finding] };
}
