import { volumeAttachments } from '../commands/block-attachments.ts';
import { blockDevices, blockMounts, byId } from '../commands/block-devices.ts';
import { monitorBlock } from '../commands/block-monitor.ts';
import { diskUses } from '../commands/block-use.ts';
import { persistentVolumes } from '../commands/cluster.ts';
import type { PersistentVolume } from '../commands/cluster-objects.ts';
import { vmConfig } from '../commands/proxmox-vm.ts';
import { commandLine, show } from '../core/command.ts';
import type { Check } from '../core/plan.ts';
import type { Seen } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';
import { chainOf } from './block-chain.ts';
import type { Intent } from './block-clearance.ts';
import { objectionTo } from './block-clearance.ts';
import type { Chain, Subject } from './block-links.ts';
import type { BlockLook } from './block-look.ts';
import { lookAtBlock } from './block-look.ts';
import { objectionToMachine, objectionToTarget } from './block-machine.ts';

/** A disk at a node, named so that it can be looked up again. */
export interface Place {
  readonly site: Site;
  readonly subject: Subject;
  readonly node: string;
}

/** That the whole chain still lets this be done: all of it is looked at again, by the same rule by which it was planned. */
export function mayStill(intent: Intent, place: Place): Check {
  const { subject, node } = place;
  const what = subject.volume === undefined ? subject.disk : `${subject.volume.name} (${subject.disk})`;
  return {
    says: `${SAYS[intent]}: ${what} at ${node}`,
    line: linesOf(place),
    holds: async (read) => {
      const look = await lookAtBlock(read, place.site);
      const chain = chainOf(look, again(look, subject), node);
      const objection = objectionTo(chain, intent);
      if (objection === undefined) return { answer: 'yes', seen: look.attachments };
      const open = chain.links.find(({ is }) => is === 'broken') ?? chain.links.find(({ is }) => is === 'unknown');
      return { answer: open?.is === 'unknown' ? 'unknown' : 'no', seen: worstOf(chain, look) };
    },
  };
}

const SAYS: Readonly<Record<Intent, string>> = {
  'take-back-attachment': 'Every view of this disk agrees, and nobody has it mounted',
  'plug-in-again': 'Its machine has still not plugged this disk in, and every other view of it agrees',
  'empty-slot': 'Kubernetes has not attached this disk, every other view of it agrees, and nobody has it mounted',
};

/** That nothing was left behind at this node which the next disk would be taken for; `gets`: the volume that comes there. */
export function machineIsClean({ site, node }: Pick<Place, 'site' | 'node'>, gets?: PersistentVolume): Check {
  const host = nodeHost(site, node);
  return {
    says: `Slots, disks and mounts of ${node} agree, so that the next disk is taken for no other`,
    line: [show(blockDevices(host).command), commandLine(blockMounts(host).command)].join('; '),
    holds: async (read) => {
      const look = await lookAtBlock(read, site);
      const objection = gets === undefined ? objectionToMachine(look, node) : objectionToTarget(look, node, gets);
      const seen = look.machines.find((each) => each.node === node)?.mounts ?? look.nodes;
      return { answer: objection === undefined ? 'yes' : objection.is, seen };
    },
  };
}

/** The same volume as it is now. */
function again({ volumes }: BlockLook, { disk, volume }: Subject): Subject {
  const now = volumes.known ? volumes.value.find(({ name }) => name === volume?.name) : volume;
  return { disk, ...(now && { volume: now }) };
}

function worstOf({ links }: Chain, { attachments }: BlockLook): Seen<unknown> {
  const worst = ['broken', 'unknown', 'underway'].map((open) => links.find(({ is }) => is === open)).find((each) => each);
  return worst?.seen.find(({ known }) => !known) ?? worst?.seen[0] ?? attachments;
}

/** What decides, of all that is read. */
function linesOf({ site, node }: Place): string {
  const host = nodeHost(site, node);
  const vmid = site.hypervisor?.nodeVmids[node];
  const { hypervisor } = site;
  const onGuest = [blockDevices(host), byId(host), blockMounts(host), diskUses(host)];
  const onHost =
    hypervisor?.api === undefined || vmid === undefined
      ? []
      : [vmConfig(hypervisor.api, vmid), monitorBlock(hypervisor.host, vmid)];
  return [volumeAttachments(), persistentVolumes(), ...onHost, ...onGuest].map(({ command }) => show(command)).join('; ');
}

/** That no machine has the disk, in its configuration or in its QEMU, and Kubernetes has it attached nowhere. */
export function isNowhere(place: Place): Check {
  const { subject, site } = place;
  return {
    says: `No machine has ${subject.disk}, and Kubernetes has not attached it`,
    line: linesOf(place),
    holds: async (read) => {
      const look = await lookAtBlock(read, site);
      const { links, elsewhere } = chainOf(look, again(look, subject), place.node);
      const own = links.filter(({ link }) => link === 'slot' || link === 'runtime' || link === 'attachment');
      const isThere =
        elsewhere.length > 0 || own.some(({ is }) => is !== 'absent' && is !== 'unknown') || isAttached(look, subject);
      const unknown = own.find(({ is }) => is === 'unknown')?.seen.find(({ known }) => !known);
      if (unknown !== undefined) return { answer: 'unknown', seen: unknown };
      return { answer: isThere || own.length === 0 ? 'no' : 'yes', seen: look.attachments };
    },
  };
}

function isAttached({ attachments }: BlockLook, { volume }: Subject): boolean {
  return attachments.known && volume !== undefined && attachments.value.some((each) => each.persistentVolume === volume.name);
}
