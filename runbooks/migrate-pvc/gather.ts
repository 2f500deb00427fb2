import { autoscalers } from '../../src/commands/autoscalers.ts';
import { backupFiles } from '../../src/commands/backup-files.ts';
import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { type Claim, claims } from '../../src/commands/claims.ts';
import * as cluster from '../../src/commands/cluster.ts';
import type { PersistentVolume } from '../../src/commands/cluster-objects.ts';
import { copyJobs, copyTold } from '../../src/commands/copy-jobs.ts';
import { logicalVolumes } from '../../src/commands/logical-volumes.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import { claimUsage } from '../../src/commands/prometheus.ts';
import { storages } from '../../src/commands/proxmox-storage.ts';
import { vmConfig } from '../../src/commands/proxmox-vm.ts';
import { blockClasses } from '../../src/commands/storage-classes.ts';
import { thinPools } from '../../src/commands/thin-pool.ts';
import { treeAt } from '../../src/commands/trees.ts';
import { usersOfKind } from '../../src/commands/workload-volumes.ts';
import type { Host } from '../../src/core/command.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import { partOf } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { SqliteLook } from '../../src/topology/sqlite-look.ts';
import { lookAtSqlite } from '../../src/topology/sqlite-look.ts';
import { backingOf } from '../../src/topology/volumes.ts';
import type { BackupFacts, ClusterFacts, Facts, Params, Place, PoolFacts } from './facts.ts';
import { storageOf } from './room.ts';
import { takesPods } from './slots.ts';
import { isOnNas } from './source.ts';

export async function gather(asked: Params, read: Reader, site: Site): Promise<Facts> {
  const { hypervisor, toolsImage: image } = site;
  if (hypervisor?.api === undefined)
    throw new Refusal('could-not-look', 'The configuration names no hypervisor with an API (site.hypervisor.api).');
  if (image === undefined)
    throw new Refusal('could-not-look', 'The configuration names no image that can copy files (site.toolsImage).');
  const seen = await lookAtCluster(read);
  const [pool, place] = await Promise.all([
    lookAtPool({ read, site }, hypervisor.host, { asked, seen }),
    lookAtPlace({ read, site }, asked, seen),
  ]);
  return { site, asked, image, cluster: seen, pool, ...(place && { place }) };
}

async function lookAtCluster(read: Reader): Promise<ClusterFacts> {
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
  const [all, volumes, users, sets, pods, attachments, classes, nodes, scalers] = await Promise.all([
    read(claims()),
    read(cluster.persistentVolumes()),
    Promise.all(kinds.map((kind) => read(usersOfKind(kind)))),
    read(cluster.statefulSets()),
    read(cluster.pods()),
    read(volumeAttachments()),
    read(blockClasses()),
    read(cluster.nodes()),
    read(autoscalers()),
  ]);
  return { claims: all, volumes, users, sets, pods, attachments, classes, nodes, autoscalers: scalers };
}

interface AskedOf {
  readonly asked: Params;
  readonly seen: ClusterFacts;
}

async function lookAtPool({ read, site }: Eyes, host: Host, { asked, seen }: AskedOf): Promise<PoolFacts> {
  const [known, pools, machines] = await Promise.all([
    read(storages()),
    read(thinPools(host)),
    lookAtMachines({ read, site }, seen),
  ]);
  const storage = known.known && seen.classes.known ? storageOf(asked.storageClass, seen.classes.value, known.value) : undefined;
  const logical = storage?.vgName === undefined ? undefined : await read(logicalVolumes(host, storage.vgName));
  return { storages: known, pools, ...(logical && { logical }), machines };
}

async function lookAtMachines({ read, site: { hypervisor } }: Eyes, { nodes }: ClusterFacts): Promise<PoolFacts['machines']> {
  const open = nodes.known ? nodes.value.filter(takesPods) : [];
  return Promise.all(
    open.map(async ({ name: node }) => {
      const [api, vmid] = [hypervisor?.api, hypervisor?.nodeVmids[node]];
      return { node, config: api && vmid !== undefined ? await read(vmConfig(api, vmid)) : noMachine(nodes, node) };
    }),
  );
}

function noMachine(nodes: ClusterFacts['nodes'], node: string): Seen<never> {
  const says = `The configuration of the bot does not name the virtual machine of ${node}, whose disks cannot be counted.`;
  return partOf<unknown, never>(nodes, () => ({
    why: { failed: 'not-configured', says, toDo: 'Add it to the site: hypervisor.nodeVmids.' },
  }));
}

interface Eyes {
  readonly read: Reader;
  readonly site: Site;
}

async function lookAtPlace({ read, site }: Eyes, asked: Params, seen: ClusterFacts): Promise<Place | undefined> {
  if (!seen.claims.known || !seen.volumes.known) return undefined;
  const source = sourceOf(asked, seen.claims.value);
  const { namespace, name } = source;
  const target = `${name}-storagebot-lvm`;
  const made = seen.claims.value.find((each) => each.namespace === namespace && each.name === target);
  const volume = seen.volumes.value.find((each) => each.name === source.volume);
  const backing = volume === undefined ? ({ kind: 'unbound' } as const) : backingOf(volume);
  const [jobs, inside, databases, backups] = await Promise.all([
    read(copyJobs({ namespace, source: name, target })),
    lookInside({ read, site }, volume),
    lookAtDatabases({ read, site }, source),
    lookAtBackups({ read, site }, namespace),
  ]);
  const last = jobs.known ? jobs.value[0] : undefined;
  const told = last === undefined || last.state === 'running' ? undefined : await read(copyTold(namespace, last.name));
  const found = { source, backing, target, jobs, databases, backups, ...inside };
  return { ...found, ...(volume && { volume }), ...(made && { made }), ...(told && { told }) };
}

function sourceOf({ namespace, claim }: Params, all: readonly Claim[]): Claim {
  const found = all.filter((each) => each.name === claim && (namespace === undefined || each.namespace === namespace));
  const [first, ...more] = found;
  const id = namespace === undefined ? claim : `${namespace}/${claim}`;
  if (first === undefined) throw new Refusal('not-found', `There is no claim ${id}.`);
  if (more.length === 0) return first;
  const names = found.map((each) => `${each.namespace}/${each.name}`).join(', ');
  throw new Refusal('bad-request', `Several namespaces have a claim ${claim}: name one of ${names}.`);
}

/** Reading every directory takes minutes where there are millions of files. */
const COUNT_WITHIN_S = 600;

async function lookInside({ read, site }: Eyes, volume: PersistentVolume | undefined): Promise<Pick<Place, 'tree' | 'usage'>> {
  if (volume === undefined) return {};
  const backing = backingOf(volume);
  if (isOnNas(backing, site)) return { tree: await read(treeAt(site.nas.host, backing.path, COUNT_WITHIN_S)) };
  return backing.kind === 'csi' ? { usage: await read(claimUsage()) } : {};
}

/** Only what lies on this claim matters. */
async function lookAtDatabases({ read, site }: Eyes, { namespace, name }: Claim): Promise<readonly SqliteLook[]> {
  const services = Object.entries(site.databases?.sqlite ?? {}).filter(([, each]) => each.namespace === namespace);
  const looks = await Promise.all(services.map(([service]) => lookAtSqlite(read, site, service)));
  return looks.filter(({ backing }) => backing?.found === true && backing.volume.name === name);
}

async function lookAtBackups({ read, site }: Eyes, namespace: string): Promise<readonly BackupFacts[]> {
  const jobs = Object.values(site.backups ?? {}).filter((each) => each.namespace === namespace);
  const { host } = site.nas;
  return Promise.all(
    jobs.map(async (job) => {
      const [files, clock] = await Promise.all([read(backupFiles(host, job)), read(clockOf(host))]);
      return { job: job.cronJob, files, clock };
    }),
  );
}
