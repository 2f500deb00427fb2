import type { VolumeAttachment } from '../commands/block-attachments.ts';
import { volumeAttachments } from '../commands/block-attachments.ts';
import type { BlockDevice, BlockMount, DeviceLink } from '../commands/block-devices.ts';
import { blockDevices, blockMounts, byId } from '../commands/block-devices.ts';
import type { MonitorAnswer, RuntimeDrive } from '../commands/block-monitor.ts';
import { monitorBlock, monitorObjects } from '../commands/block-monitor.ts';
import type { DiskUses } from '../commands/block-use.ts';
import { diskUses } from '../commands/block-use.ts';
import * as cluster from '../commands/cluster.ts';
import type * as objects from '../commands/cluster-objects.ts';
import type { LogicalVolume } from '../commands/logical-volumes.ts';
import { logicalVolumes } from '../commands/logical-volumes.ts';
import type { ProxmoxStorage } from '../commands/proxmox-storage.ts';
import { storages } from '../commands/proxmox-storage.ts';
import type { VmConfig, VmCurrent } from '../commands/proxmox-vm.ts';
import { vmConfig, vmCurrent } from '../commands/proxmox-vm.ts';
import type { Reader, Seen } from '../core/reading.ts';
import { partOf } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';

/** A node, its virtual machine and what its kernel sees of the disks. */
export interface MachineLook {
  readonly node: string;
  /** Absent for a node that the site's configuration gives no machine. */
  readonly vmid?: number;
  readonly config: Seen<VmConfig>;
  readonly current: Seen<VmCurrent>;
  readonly drives: Seen<MonitorAnswer<RuntimeDrive>>;
  readonly objects: Seen<MonitorAnswer<string>>;
  readonly devices: Seen<readonly BlockDevice[]>;
  readonly links: Seen<readonly DeviceLink[]>;
  readonly mounts: Seen<readonly BlockMount[]>;
  readonly uses: Seen<DiskUses>;
  /** As the cluster hears of it. */
  readonly reports: boolean;
}

/** Everything that tells which volume is which disk of which machine. */
export interface BlockLook {
  readonly site: Site;
  readonly pods: Seen<readonly objects.Pod[]>;
  readonly claims: Seen<readonly objects.PersistentVolumeClaim[]>;
  readonly volumes: Seen<readonly objects.PersistentVolume[]>;
  readonly nodes: Seen<readonly objects.KubeNode[]>;
  readonly attachments: Seen<readonly VolumeAttachment[]>;
  readonly storages: Seen<readonly ProxmoxStorage[]>;
  /** Of each storage of LVM, by its name at Proxmox. */
  readonly disks: Readonly<Record<string, Seen<readonly LogicalVolume[]>>>;
  readonly machines: readonly MachineLook[];
}

/** All nodes: a disk that two machines have is seen at neither of them alone. */
export async function lookAtBlock(read: Reader, site: Site): Promise<BlockLook> {
  const nodes = read(cluster.nodes());
  const [pods, claims, volumes, attachments, [known, disks], machines] = await Promise.all([
    read(cluster.pods()),
    read(cluster.persistentVolumeClaims()),
    read(cluster.persistentVolumes()),
    read(volumeAttachments()),
    lookAtDisks(read, site),
    nodes.then((all) => lookAtMachines(all, site, read)),
  ]);
  return { site, pods, claims, volumes, nodes: await nodes, attachments, storages: known, disks, machines };
}

async function lookAtDisks(read: Reader, { hypervisor }: Site) {
  const known = await read(storages());
  const groups = known.known ? known.value.filter(({ vgName }) => vgName !== undefined) : [];
  const disks = await Promise.all(
    groups.map(
      async ({ id, vgName = '' }): Promise<[string, Seen<readonly LogicalVolume[]>]> => [
        id,
        hypervisor === undefined ? noMachine(known, 'the hypervisor') : await read(logicalVolumes(hypervisor.host, vgName)),
      ],
    ),
  );
  return [known, Object.fromEntries(disks)] as const;
}

async function lookAtMachines(nodes: BlockLook['nodes'], site: Site, read: Reader): Promise<readonly MachineLook[]> {
  const names = nodes.known ? nodes.value.map(({ name }) => name) : [];
  return Promise.all(names.map((name) => lookAtMachine(name, { nodes, site, read })));
}

interface From {
  readonly nodes: BlockLook['nodes'];
  readonly site: Site;
  readonly read: Reader;
}

async function lookAtMachine(node: string, { nodes, site, read }: From): Promise<MachineLook> {
  const host = nodeHost(site, node);
  const vmid = site.hypervisor?.nodeVmids[node];
  const [vm, devices, links, mounts, uses] = await Promise.all([
    lookAtVm(vmid, { nodes, site, read }),
    read(blockDevices(host)),
    read(byId(host)),
    read(blockMounts(host)),
    read(diskUses(host)),
  ]);
  const reports = nodes.known && nodes.value.some(({ name, ready }) => name === node && ready);
  return { node, ...(vmid !== undefined && { vmid }), ...vm, devices, links, mounts, uses, reports };
}

type VmLook = Pick<MachineLook, 'config' | 'current' | 'drives' | 'objects'>;

async function lookAtVm(vmid: number | undefined, { nodes, site, read }: From): Promise<VmLook> {
  const { hypervisor } = site;
  if (hypervisor?.api === undefined || vmid === undefined) {
    const unknown = noMachine<never>(nodes, 'the virtual machine of each node, and how to ask Proxmox about it');
    return { config: unknown, current: unknown, drives: unknown, objects: unknown };
  }
  const { host, api } = hypervisor;
  const [config, current, drives, held] = await Promise.all([
    read(vmConfig(api, vmid)),
    read(vmCurrent(api, vmid)),
    read(monitorBlock(host, vmid)),
    read(monitorObjects(host, vmid)),
  ]);
  return { config, current, drives, objects: held };
}

function noMachine<T>(seen: Seen<unknown>, what: string): Seen<T> {
  return partOf<unknown, T>(seen, () => ({
    why: {
      failed: 'not-configured',
      says: `The configuration of the bot does not name ${what}.`,
      toDo: 'Add it to the site: hypervisor, nodeVmids and api.',
    },
  }));
}
