import type { Alert, Firing } from '../commands/alerts.ts';
import { firingAlerts, RULES_WAIT_S } from '../commands/alerts.ts';
import type { UnitActivity } from '../commands/host-units.ts';
import { unitActivity } from '../commands/host-units.ts';
import type { ApiTask } from '../commands/proxmox-tasks.ts';
import { backupTasks } from '../commands/proxmox-tasks.ts';
import type { Host } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import type { Check } from '../core/plan.ts';
import { check } from '../core/plan.ts';
import type { Reader, Seen } from '../core/reading.ts';
import type { HypervisorApi } from '../core/site.ts';

/** Services of the hypervisor that back up the volumes of all machines. */
const BACKUP_UNITS = ['lvm-pvc-snapshot.service', 'daily-backup.service'] as const;

export interface BackupUnit {
  readonly unit: string;
  readonly activity: Seen<UnitActivity>;
}

export function lookAtBackupUnits(read: Reader, host: Host): Promise<readonly BackupUnit[]> {
  return Promise.all(BACKUP_UNITS.map(async (unit) => ({ unit, activity: await read(unitActivity(host, unit)) })));
}

/** What backs up machines or their volumes at the hypervisor. */
export interface Backups {
  readonly units: readonly BackupUnit[];
  /** Running or ended lately, of whichever machine. */
  readonly tasks: Seen<readonly ApiTask[]>;
}

export async function lookAtBackups(read: Reader, host: Host, api: HypervisorApi): Promise<Backups> {
  const [tasks, units] = await Promise.all([read(backupTasks(api)), lookAtBackupUnits(read, host)]);
  return { units, tasks };
}

/** What runs of them; undefined where that could not be seen and nothing is known to run. */
export function runningBackups({ units, tasks }: Backups): readonly string[] | undefined {
  const running = [
    ...units.filter(({ activity }) => activity.known && activity.value === 'runs').map(({ unit }) => unit),
    ...(tasks.known ? tasks.value.filter(isRunning).map(({ id }) => `vzdump of ${id === '' ? 'several machines' : id}`) : []),
  ];
  const isSeen = tasks.known && units.every(({ activity }) => activity.known);
  return running.length > 0 || isSeen ? running : undefined;
}

function isRunning({ status }: ApiTask): boolean {
  return status === 'RUNNING';
}

export function noBackupRuns(host: Host): readonly Check[] {
  return BACKUP_UNITS.map((unit) => check(`${unit} does not run`, unitActivity(host, unit), (activity) => activity !== 'runs'));
}

export function noMachineIsBackedUp(api: HypervisorApi): Check {
  return check('Proxmox backs up no machine', backupTasks(api), (tasks) => !tasks.some(isRunning));
}

/** Whether that nothing fires means something. */
export function areRulesAwake({ upS }: Firing): boolean {
  return upS >= RULES_WAIT_S;
}

/** Somebody works on nodes, or the power is out: nothing is changed meanwhile. That a node is down is seen where the nodes are listed. */
export function announced({ alerts }: Firing): readonly Alert[] {
  return alerts.filter(({ name }) => /^(?:PowerOutage|NodeMaintenance\w*)$/.test(name));
}

/** Not where Prometheus could not be asked: it may be down for the very reason of the repair, and people are told to look for themselves. */
export function nothingAnnounced(alerts: Seen<Firing> | undefined): readonly Check[] {
  const says = 'No alert announces maintenance or a power outage';
  return alerts?.known === true ? [check(says, firingAlerts(), (now) => announced(now).length === 0)] : [];
}

/** What the one who approves has to see to, because the bot could not. */
export function announcementsUnseen(alerts: Seen<Firing> | undefined): readonly string[] {
  if (alerts?.known === true && areRulesAwake(alerts.value)) return [];
  const why = alerts?.known === true ? 'Prometheus has just started' : 'Prometheus could not be asked';
  return [`${why}: see yourself that no maintenance is announced and the power is on.`];
}

export function workAnnounced(alerts: Seen<Firing> | undefined): readonly Finding<'work-announced'>[] {
  if (alerts?.known !== true) return [];
  const all = announced(alerts.value);
  const [first] = all;
  if (first === undefined) return [];
  return [
    {
      code: 'work-announced',
      subject: first.name,
      says: `Firing: ${all.map(alertText).join(', ')}`,
      remedy: 'Wait until that is over, then ask again.',
      seen: [alerts],
    },
  ];
}

/** `NodeDown (instance 10.0.20.103:9100)` */
export function alertText({ name, labels }: Alert): string {
  const about = ['node', 'exported_node', 'instance'].flatMap((label) => {
    const value = labels[label];
    return value === undefined ? [] : [`${label} ${value}`];
  });
  return about.length === 0 ? name : `${name} (${about.join(', ')})`;
}
