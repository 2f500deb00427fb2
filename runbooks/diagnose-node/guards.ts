import type { NodeState } from '../../src/commands/node-state.ts';
import type { Host } from '../../src/core/command.ts';
import type { Check } from '../../src/core/plan.ts';
import { alertText, announced, noBackupRuns, noMachineIsBackedUp, runningBackups } from '../../src/repairs/preflight.ts';
import { areMostReady, givenAway, hasNoDiskOf, hasNothingOpen, othersOf } from './checks.ts';
import { disksIn, disksOf, type Facts, type Machine, sharedDisk } from './facts.ts';

/** Why nothing is done to a node that somebody works on, or undefined. */
export function asideText({ name, isSetAside }: NodeState): string | undefined {
  if (!isSetAside) return undefined;
  return `Nothing is planned, because somebody set ${name} aside (cordoned it), as one does before work on it: ask them. If nobody works on it, uncordon it and ask again.`;
}

/** Why one silent node is not taken for the ill one, or undefined. */
export function sharedText({ name, nodes }: Facts): string | undefined {
  const others = nodes.known ? othersOf(name, nodes.value) : [];
  if (areMostReady(others)) return undefined;
  const ready = others.filter((node) => node.ready === 'True').length;
  return `Nothing is planned: Only ${ready} of ${others.length} other nodes are ready, so what they share comes first: the network, the API server, the hypervisor.`;
}

/** Why this node is not taken out, or undefined. */
export function endText(facts: Facts, { name, isControlPlane }: NodeState): string | undefined {
  if (isControlPlane)
    return `Nothing is planned, because ${name} carries the control plane, and perhaps the only etcd: a person decides about its machine.`;
  return sharedText(facts);
}

/** Why nothing is done while people or the power company are at work, or undefined. */
export function alertsText({ alerts }: Facts): string | undefined {
  const [first] = alerts.known ? announced(alerts.value) : [];
  if (first === undefined) return undefined;
  return `Nothing is planned, because ${alertText(first)} fires: somebody is at work, or the power is. Wait for the end of it, and ask again.`;
}

/** Why a machine is not turned off or given up that may be backed up just now, or undefined. */
export function backupText({ backups }: Machine): string | undefined {
  const running = runningBackups(backups);
  if (running === undefined) return 'Nothing is planned, because it could not be seen whether a backup runs at the hypervisor.';
  if (running.length === 0) return undefined;
  return `Nothing is planned, because a backup runs at the hypervisor (${running.join(', ')}): wait for its end, and ask again.`;
}

export function noBackup({ api }: Machine, host: Host): readonly Check[] {
  return [...noBackupRuns(host), noMachineIsBackedUp(api)];
}

/** What must be so of the other machines before this one runs again: they have none of its disks. */
export type Others =
  | { readonly are: 'apart'; readonly checks: readonly Check[] }
  | { readonly are: 'sharing' | 'unseen'; readonly why: string };

export function othersOfMachine({ name, attachments }: Facts, machine: Machine): Others {
  const disks = disksOf(machine);
  if (disks === undefined) return { are: 'unseen', why: 'it could not be seen which disks its QEMU has.' };
  if (!attachments.known) return { are: 'unseen', why: 'it could not be seen which volumes other nodes have.' };
  const unseen = machine.others.find((other) => !other.config.known);
  if (unseen !== undefined) return { are: 'unseen', why: `it could not be seen which disks virtual machine ${unseen.vmid} has.` };
  const sharing = machine.others.find(({ config }) => config.known && sharedDisk(disks, config.value) !== undefined);
  if (sharing !== undefined) return { are: 'sharing', why: `virtual machine ${sharing.vmid} has one of its disks as well.` };
  const given = givenAway(name, disks, attachments.value);
  if (given !== undefined) return { are: 'sharing', why: `the cluster has given one of its volumes to ${given.node}.` };
  return { are: 'apart', checks: hasNoDiskOf(name, machine, disks) };
}

/** That no QEMU has its disks open any more, but for those that another machine has as well. */
export function fenceOf({ site }: Facts, machine: Machine): { readonly checks: readonly Check[] } | { readonly why: string } {
  const { vmid, config, pools, others } = machine;
  // A crashed QEMU may not tell which disks it has.
  const disks = disksOf(machine) ?? (config.known ? disksIn(config.value) : undefined);
  const host = site.hypervisor?.host;
  if (disks === undefined || host === undefined || !pools.known)
    return {
      why: `Nothing is planned, because it could not be seen which disks virtual machine ${vmid} has, and in which groups.`,
    };
  const own = disks.filter(
    (disk) => !others.some(({ config }) => config.known && sharedDisk([disk], config.value) !== undefined),
  );
  const groups = new Set(pools.value.map(({ name }) => name.split('/')[0] ?? ''));
  if (groups.size === 0)
    return { why: 'Nothing is planned, because the hypervisor shows no thin pool: whether a disk is open cannot be seen.' };
  return { checks: own.length === 0 ? [] : [...groups].map((vg) => hasNothingOpen(vmid, own, { host, vg })) };
}
