import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome, knownOf, ok, together } from '../../src/core/finding.ts';
import { diskIn } from '../../src/topology/block-names.ts';
import type { Using } from '../../src/topology/claim-using.ts';
import { found, NOTHING } from '../../src/topology/zfs-findings.ts';
import type { At } from './at.ts';
import type { Code } from './codes.ts';
import { isOfPlace } from './state.ts';

type Part = Diagnosis<Code>;

/** Who has the volume: as the cluster, the configurations of all machines and the hypervisor's kernel say. */
export function holdersOf(at: At, using: Using): Part {
  const { list } = at.facts.host;
  const configs = knownOf(at.facts.host.machines.map(({ config }) => config));
  const { attachments } = at.facts.cluster;
  if (!attachments.known || !list.known || configs.length < at.facts.host.machines.length) return NOTHING;
  const unknown = nodesOf(using).filter((node) => at.facts.hypervisor.nodeVmids[node] === undefined);
  if (unknown.length > 0) return machineUnknown(at, using, unknown);
  const parts = [inMachines(at, using), inCluster(at, using), openOnHost(at, using), openBeside(at)];
  if (parts.some(({ findings }) => findings.length > 0)) return together(parts);
  const [seen, says] = [
    [...using.seen, attachments, list, ...configs, at.logical],
    'no machine or node has it but those of its pods',
  ];
  return { evidence: [ok(`${at.place.disk}: ${says}`, ...seen)], findings: [] };
}

const REMEDY = 'Find out what has it first: /storage diagnose block. Nothing is renamed while anything may write to it.';
const DO_NOT = 'LVM renames an open volume as well: whoever has it goes on writing into what was put aside.';

function nodesOf({ pods }: Using): readonly string[] {
  return [...new Set(pods.flatMap(({ node }) => node ?? []))];
}

/** A node that is new: whether a machine that has the disk is that one cannot be told. */
function machineUnknown({ place, facts }: At, using: Using, nodes: readonly string[]): Part {
  const names = nodes.join(', ');
  return found({
    code: 'machine-unknown',
    subject: names,
    says: `A pod that uses ${facts.asked.namespace}/${facts.asked.claim} is on ${names}, of which the configuration does not name the virtual machine`,
    remedy: `Name its machine in the configuration of the bot (site.hypervisor.nodeVmids), then ask again.`,
    seen: [...place.seen, ...using.seen],
  });
}

/** A disk in the configuration of a machine that none of its pods runs on. */
function inMachines({ facts, place }: At, using: Using): Part {
  const { hypervisor, host } = facts;
  const own = nodesOf(using).map((node) => hypervisor.nodeVmids[node]);
  return together(
    host.machines.map(({ vmid, config }): Part => {
      const slot = config.known ? config.value.slots.find(({ volume }) => isDiskOf(volume, place)) : undefined;
      if (slot === undefined || own.includes(vmid) || !config.known) return NOTHING;
      return found({
        code: 'attached-elsewhere',
        subject: `${vmid}`,
        says: `Virtual machine ${vmid} has ${place.disk} in ${slot.slot}, and no pod that uses it runs there`,
        remedy: REMEDY,
        doNot: DO_NOT,
        seen: [...place.seen, ...using.seen, config],
      });
    }),
  );
}

/** `local-lvm:vm-9999-pvc-…`; the same name in another storage is another disk. */
export function isDiskOf(volume: string, { storage, disk }: At['place']): boolean {
  return volume.startsWith(`${storage}:`) && diskIn(volume) === disk;
}

function inCluster({ facts, place }: At, using: Using): Part {
  const { attachments } = facts.cluster;
  if (!attachments.known) return NOTHING;
  const nodes = nodesOf(using);
  const strays = attachments.value.filter(
    ({ persistentVolume, node }) => persistentVolume === place.volume.name && !nodes.includes(node),
  );
  return together(
    strays.map(({ name, node }) =>
      found<Code>({
        code: 'attached-elsewhere',
        subject: node,
        says: `VolumeAttachment ${name} has ${place.volume.name} at ${node}, and no pod that uses it runs there`,
        remedy: REMEDY,
        doNot: DO_NOT,
        seen: [...place.seen, ...using.seen, attachments],
      }),
    ),
  );
}

/** Open without a pod: a mount on the hypervisor itself, a backup, a QEMU whose configuration no longer has it. */
function openOnHost({ place, logical, facts }: At, using: Using): Part {
  const current = logical.value.find(({ name }) => name === place.disk);
  const vmids = nodesOf(using).map((node) => facts.hypervisor.nodeVmids[node]);
  const configs = knownOf(facts.host.machines.filter(({ vmid }) => vmids.includes(vmid)).map(({ config }) => config));
  const isExpected = configs.some(({ value }) => value.slots.some(({ volume }) => isDiskOf(volume, place)));
  if (current?.isOpen !== true || isExpected) return NOTHING;
  const seen = [...place.seen, ...using.seen, ...configs, logical];
  if (!isSome(seen)) return NOTHING;
  return found({
    code: 'volume-open',
    subject: place.disk,
    says: `${place.disk} is open on ${facts.hypervisor.host.name} (${current.attributes}), and no machine of one of its pods has it in its configuration`,
    remedy: REMEDY,
    doNot: DO_NOT,
    seen,
  });
}

/** Nothing may have what was put aside, nor a copy that nobody has put in its place: who writes to one writes to nobody's volume. */
function openBeside({ place, logical, facts }: At): Part {
  const open = logical.value.filter((each) => each.name !== place.disk && isOfPlace(place, each) && each.isOpen);
  return together(
    open.map(({ name, attributes }) =>
      found<Code>({
        code: 'volume-open',
        subject: name,
        says: `${name}, which belongs to a restore of ${place.disk}, is open on ${facts.hypervisor.host.name} (${attributes})`,
        remedy: `Find out what has it: files that an earlier run still fills it with (systemctl list-units 'storagebot-*'), or a machine that had ${place.disk} open when it was renamed.`,
        doNot:
          'Do not start anybody before that is known: what a machine writes to a volume that was put aside is not in the restored one.',
        seen: [...place.seen, logical],
      }),
    ),
  );
}
