import type { NodeState } from '../../src/commands/node-state.ts';
import type { Evidence } from '../../src/core/finding.ts';
import { bad, couldNotLook, notSeen, ok } from '../../src/core/finding.ts';
import type { Seen } from '../../src/core/reading.ts';
import { partOf } from '../../src/core/reading.ts';
import { alertText, areRulesAwake } from '../../src/repairs/preflight.ts';
import type { Facts, Machine } from './facts.ts';
import { lastPower, quietMinutes } from './facts.ts';

/** What was seen on the way, in the order in which one would ask. */
export function evidenceOf(facts: Facts, node: NodeState | undefined): Evidence[] {
  const { name, nodes, kubelet, attachments } = facts;
  const isReady = node?.ready === 'True';
  return [
    ...notSeen('Node', [nodes]),
    ...(nodes.known && node !== undefined ? [(isReady ? ok : bad)(`Kubernetes: ${name} ${readyText(node)}`, nodes)] : []),
    ...notSeen(`${name} itself`, [kubelet]),
    ...(kubelet.known ? [(kubelet.value === 'runs' ? ok : bad)(`kubelet ${ACTIVITY[kubelet.value]} on ${name}`, kubelet)] : []),
    ...notSeen('Attachments', [attachments]),
    ...(attachments.known ? [ok(`${attachedTo(facts)} volumes are attached to it, as the cluster believes`, attachments)] : []),
    ...(isReady ? [] : alertEvidence(facts)),
    ...ofMachine(facts, isReady),
  ];
}

function alertEvidence({ alerts }: Facts): Evidence[] {
  if (!alerts.known) return notSeen('Alerts', [alerts]);
  const firing = alerts.value.alerts.map(alertText).join(', ');
  if (firing !== '') return [bad(`Alerts that fire: ${firing}`, alerts)];
  if (areRulesAwake(alerts.value)) return [ok('No alert announces maintenance, a power outage or a node that is down', alerts)];
  return [ok('Prometheus has just started, and its rules do not fire yet: that no alert does means nothing', alerts)];
}

const ACTIVITY = { runs: 'runs', rests: 'does not run', absent: 'is not installed' } as const;

function readyText({ ready, says }: NodeState): string {
  if (ready === 'True') return 'is ready';
  return `${ready === 'False' ? 'says that it is not ready' : 'does not report'}${says === '' ? '' : ` (${says})`}`;
}

function attachedTo({ attachments, name }: Facts): number {
  return attachments.known ? attachments.value.filter(({ node }) => node === name).length : 0;
}

function ofMachine(facts: Facts, isReady: boolean): Evidence[] {
  const { machine, nodes } = facts;
  if (machine === undefined) return notConfigured(nodes);
  const { current, config, tasks, rates, diskBusy, drives, others, pools, backups } = machine;
  const state = current.known ? [stateText(machine, isReady)] : [];
  if (isReady) return [...notSeen('Virtual machine', [current]), ...state];
  const seen: Seen<unknown>[] = [current, config, tasks, rates, pools, ...others.map((other) => other.config)];
  return [
    ...notSeen('Virtual machine', [...seen, ...(diskBusy ? [diskBusy] : []), ...(drives ? [drives] : [])]),
    ...notSeen('Backups', [backups.tasks, ...backups.units.map(({ activity }) => activity)]),
    ...state,
    ...taskText(machine),
    ...ratesText(machine),
    ...(drives?.known ? [ok(`Kept: what QEMU of ${machine.vmid} says of its drives`, drives)] : []),
  ];
}

/** Known or not does not matter to what the configuration says; it needs something that was looked at. */
function notConfigured(nodes: Facts['nodes']): Evidence[] {
  const unknown = partOf<unknown, never>(nodes, () => ({
    why: {
      failed: 'not-configured',
      says: 'The configuration of the bot does not say which virtual machine it is, or how to ask Proxmox about it.',
      toDo: 'Add site.hypervisor.nodeVmids and site.hypervisor.api.',
    },
  }));
  return unknown.known ? [] : [couldNotLook('Virtual machine: could not look. The configuration does not name it.', unknown)];
}

function stateText({ vmid, current }: Machine, isReady: boolean): Evidence {
  if (!current.known) throw new Error('only for a state that is known');
  const { status, qmpStatus, lock } = current.value;
  const says = `Virtual machine ${vmid}: ${status}, QEMU says ${qmpStatus}${lock === undefined ? '' : `, locked (${lock})`}`;
  const isWell = status === 'running' && qmpStatus === 'running';
  // A ready node may be backed up.
  return (isWell && (isReady || lock === undefined) ? ok : bad)(says, current);
}

function taskText({ tasks }: Machine): Evidence[] {
  if (!tasks.known) return [];
  const last = lastPower(tasks.value);
  const says = last === undefined ? 'not lately' : `${last.type} by ${last.user}: ${last.status}`;
  return [ok(`Its power switch was last used: ${says}`, tasks)];
}

function ratesText({ rates, diskBusy }: Machine): Evidence[] {
  const quiet = rates.known ? quietMinutes(rates.value) : undefined;
  const busy = diskBusy?.known ? [ok(`The disk under all machines is busy for ${diskBusy.value} % of the time`, diskBusy)] : [];
  if (!rates.known) return busy;
  const says =
    quiet === undefined ? 'Proxmox has no figures of its last minutes' : `It read and wrote nothing in the last ${quiet} minutes`;
  return [quiet === 0 ? ok('It used its disks in the last minute', rates) : bad(says, rates), ...busy];
}
