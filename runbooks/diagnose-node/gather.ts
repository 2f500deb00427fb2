import { firingAlerts } from '../../src/commands/alerts.ts';
import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { monitorBlock } from '../../src/commands/block-monitor.ts';
import { unitActivity } from '../../src/commands/host-units.ts';
import { nodeStates } from '../../src/commands/node-state.ts';
import { diskBusyPercent } from '../../src/commands/proxmox-host.ts';
import { vmTasks } from '../../src/commands/proxmox-tasks.ts';
import { vmConfig, vmCurrent, vmRates } from '../../src/commands/proxmox-vm.ts';
import { thinPools } from '../../src/commands/thin-pool.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader } from '../../src/core/reading.ts';
import { nodeHost, type Site } from '../../src/core/site.ts';
import { lookAtBackups } from '../../src/repairs/preflight.ts';
import type { Facts, Machine } from './facts.ts';

export interface Params {
  readonly node: string;
}

/** Rejects where the cluster has no such node. */
export async function gather({ node: name }: Params, read: Reader, site: Site): Promise<Facts> {
  const [nodes, kubelet, attachments, alerts, machine] = await Promise.all([
    read(nodeStates()),
    read(unitActivity(nodeHost(site, name), 'kubelet.service')),
    read(volumeAttachments()),
    read(firingAlerts()),
    lookAtMachine(name, read, site),
  ]);
  if (nodes.known && !nodes.value.some((node) => node.name === name)) {
    const names = nodes.value.map((node) => node.name).join(', ');
    throw new Refusal('not-found', `The cluster has no node ${name}; it has ${names}.`);
  }
  return { site, name, nodes, kubelet, attachments, alerts, ...(machine && { machine }) };
}

async function lookAtMachine(name: string, read: Reader, { hypervisor }: Site): Promise<Machine | undefined> {
  const { api, host, nodeVmids = {}, dataDisk } = hypervisor ?? {};
  const vmid = nodeVmids[name];
  if (api === undefined || host === undefined || vmid === undefined) return undefined;
  const otherVmids = Object.values(nodeVmids).filter((other) => other !== vmid);
  const [current, config, tasks, rates, pools, backups, diskBusy, others] = await Promise.all([
    read(vmCurrent(api, vmid)),
    read(vmConfig(api, vmid)),
    read(vmTasks(api, vmid)),
    read(vmRates(api, vmid)),
    read(thinPools(host)),
    lookAtBackups(read, host, api),
    dataDisk === undefined ? undefined : read(diskBusyPercent(host, dataDisk)),
    Promise.all(otherVmids.map(async (other) => ({ vmid: other, config: await read(vmConfig(api, other)) }))),
  ]);
  const drives = current.known && current.value.status === 'running' ? await read(monitorBlock(host, vmid)) : undefined;
  const machine = { api, vmid, current, config, tasks, rates, pools, backups, others };
  return { ...machine, ...(diskBusy && { diskBusy }), ...(drives && { drives }) };
}
