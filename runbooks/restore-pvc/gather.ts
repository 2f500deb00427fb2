import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import * as cluster from '../../src/commands/cluster.ts';
import { virtualMachines } from '../../src/commands/host-load.ts';
import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import { logicalVolumes } from '../../src/commands/logical-volumes.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import { storages } from '../../src/commands/proxmox-storage.ts';
import { vmConfig } from '../../src/commands/proxmox-vm.ts';
import { contentOf, copiedWeeks, copyPath } from '../../src/commands/pvc-copies.ts';
import { treeAt } from '../../src/commands/trees.ts';
import { usersOfKind } from '../../src/commands/workload-volumes.ts';
import type { Host } from '../../src/core/command.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { lookAtBackupUnits } from '../../src/repairs/preflight.ts';
import type { ClusterFacts, Content, Facts, HostFacts, Hypervisor, Params, VolumeFacts } from './facts.ts';
import { identify, type Place } from './identity.ts';
import { isOfPlace } from './state.ts';

export async function gather(asked: Params, read: Reader, site: Site): Promise<Facts> {
  const hypervisor = hypervisorOf(site, asked);
  const [seen, host] = await Promise.all([lookAtCluster(read), lookAtHost(hypervisor, read)]);
  const facts = { site, asked, hypervisor, cluster: seen, host };
  const identity = identify(facts);
  if (!('place' in identity)) return facts;
  return { ...facts, volume: await lookAtVolume(identity.place, facts, read) };
}

function hypervisorOf({ hypervisor }: Site, { choice }: Params): Hypervisor {
  if (hypervisor?.api === undefined)
    throw new Refusal(
      'could-not-look',
      'The configuration names no hypervisor with an API (site.hypervisor.api): whether a machine has the volume cannot be asked.',
    );
  const { host, api, nodeVmids, pvcCopies } = hypervisor;
  if (choice?.from === 'files' && pvcCopies === undefined)
    throw new Refusal('bad-request', 'The configuration names no directory of copies of files (site.hypervisor.pvcCopies).');
  return { host, api, nodeVmids, ...(pvcCopies !== undefined && { copies: pvcCopies }) };
}

async function lookAtCluster(read: Reader): Promise<ClusterFacts> {
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
  const [claims, volumes, users, sets, pods, attachments] = await Promise.all([
    read(cluster.persistentVolumeClaims()),
    read(cluster.persistentVolumes()),
    Promise.all(kinds.map((kind) => read(usersOfKind(kind)))),
    read(cluster.statefulSets()),
    read(cluster.pods()),
    read(volumeAttachments()),
  ]);
  return { claims, volumes, users, sets, pods, attachments };
}

async function lookAtHost({ host, api }: Hypervisor, read: Reader): Promise<HostFacts> {
  const [known, list, clock, backups] = await Promise.all([
    read(storages()),
    read(virtualMachines(host)),
    read(clockOf(host)),
    lookAtBackupUnits(read, host),
  ]);
  const vmids = list.known ? list.value.map(({ vmid }) => vmid) : [];
  const machines = await Promise.all(vmids.map(async (vmid) => ({ vmid, config: await read(vmConfig(api, vmid)) })));
  return { storages: known, list, machines, clock, backups };
}

async function lookAtVolume(place: Place, { asked, hypervisor }: Omit<Facts, 'volume'>, read: Reader): Promise<VolumeFacts> {
  const { host, copies } = hypervisor;
  const { namespace, claim, choice } = asked;
  const { vg } = place;
  const [logical, weeks] = await Promise.all([
    read(logicalVolumes(host, vg)),
    copies === undefined || choice?.from === 'snapshot' ? undefined : read(copiedWeeks(host, { root: copies, namespace, claim })),
  ]);
  const facts = { logical, ...(weeks && { weeks }) };
  if (choice?.from !== 'files' || copies === undefined || weeks?.known !== true || !weeks.value.includes(choice.week))
    return facts;
  const [tree, content] = await Promise.all([
    read(treeAt(host, copyPath({ root: copies, namespace, claim }, choice.week), 600)),
    logical.known ? lookInside(host, withDevice(place, logical.value), read) : undefined,
  ]);
  return { ...facts, tree, ...(content && { content }) };
}

/** The volume while somebody uses it; later the copy that an earlier run made of it. */
function withDevice(place: Place, all: readonly LogicalVolume[]): LogicalVolume | undefined {
  const active = all.filter((each) => isOfPlace(place, each) && each.attributes[4] === 'a');
  return active.find(({ name }) => name === place.disk) ?? active.at(-1);
}

async function lookInside(host: Host, volume: LogicalVolume | undefined, read: Reader): Promise<Content | undefined> {
  return volume && { name: volume.name, seen: await read(contentOf(host, volume)) };
}
