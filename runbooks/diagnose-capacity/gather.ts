import { blockMounts, fileSystemUse } from '../../src/commands/block-devices.ts';
import { claims, sizedVolumes } from '../../src/commands/claims.ts';
import { pods } from '../../src/commands/cluster.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import { logicalVolumes, volumeGroups } from '../../src/commands/logical-volumes.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import { claimGrowth, claimsBefore, claimUsage, poolFreeBefore, poolGrowth } from '../../src/commands/prometheus.ts';
import { vmConfig, vmCurrent } from '../../src/commands/proxmox-vm.ts';
import { thinPools } from '../../src/commands/thin-pool.ts';
import { thinPoolLines } from '../../src/commands/thin-pool-repairs.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import { groupOf, stateOf } from '../../src/repairs/thin-pool-state.ts';
import type { Asked, Below, Facts, LookedAtMachine, LookedAtNode, Machine, Measured } from './facts.ts';
import { diskClaims } from './facts.ts';

export async function gather(asked: Asked, read: Reader, site: Site): Promise<Facts> {
  const [all, volumes, running, measured, below] = await Promise.all([
    read(claims()),
    read(sizedVolumes()),
    read(pods()),
    lookAtPrometheus(read),
    lookBelow(read, site),
  ]);
  const facts = { site, asked, claims: all, volumes, pods: running, measured, ...(below && { below }) };
  requireAsked(facts);
  const [nodes, trims] = await Promise.all([lookAtNodes(facts, read), lookAtMachines(facts, read)]);
  return { ...facts, nodes, ...(below && { below: { ...below, trims } }) };
}

async function lookAtPrometheus(read: Reader): Promise<Measured> {
  const [now, before, overDay, overHours] = await Promise.all([
    read(claimUsage()),
    read(claimsBefore('1d')),
    read(claimGrowth('1d')),
    read(claimGrowth('6h')),
  ]);
  return { now, before, overDay, overHours };
}

async function lookBelow(read: Reader, { hypervisor }: Site): Promise<Below | undefined> {
  if (hypervisor === undefined) return undefined;
  const { host } = hypervisor;
  const [clock, pools, groups, lines, use, mounts, growth, freeBefore, machines] = await Promise.all([
    read(clockOf(host)),
    read(thinPools(host)),
    read(volumeGroups(host)),
    read(thinPoolLines(host)),
    read(fileSystemUse(host)),
    read(blockMounts(host)),
    read(poolGrowth('7d')),
    read(poolFreeBefore('7d')),
    lookAtStates(read, hypervisor),
  ]);
  const names = [...new Set(pools.known ? pools.value.map(groupOf) : [])];
  const volumes = await Promise.all(names.map(async (vg) => ({ vg, seen: await read(logicalVolumes(host, vg)) })));
  return { host, clock, pools, groups, volumes, lines, files: { use, mounts }, growth, freeBefore, machines, trims: [] };
}

async function lookAtStates(read: Reader, { api, nasVmid, nodeVmids }: NonNullable<Site['hypervisor']>): Promise<Machine[]> {
  if (api === undefined) return [];
  const nas = nasVmid === undefined ? [] : [{ name: 'the NAS', vmid: nasVmid }];
  const all = [...Object.entries(nodeVmids).map(([name, vmid]) => ({ name, vmid })), ...nas];
  return Promise.all(all.map(async (machine) => ({ ...machine, seen: await read(vmCurrent(api, machine.vmid)) })));
}

type Gathered = Omit<Facts, 'nodes'>;

function requireAsked({ asked: { namespace, claim }, claims: all }: Gathered): void {
  if (!all.known || namespace === undefined) return;
  const own = all.value.filter((each) => each.namespace === namespace);
  if (own.length === 0) throw new Refusal('not-found', `No claim is in a namespace ${namespace}.`);
  if (claim === undefined || own.some(({ name }) => name === claim)) return;
  throw new Refusal('not-found', `${namespace} has no claim ${claim}; it has ${own.map(({ name }) => name).join(', ')}.`);
}

async function lookAtNodes(facts: Gathered, read: Reader): Promise<LookedAtNode[]> {
  const { site, pods: running, measured } = facts;
  const known = new Set(measured.now.known ? measured.now.value.map(({ namespace, claim }) => `${namespace}/${claim}`) : []);
  const isMissing = (pod: Pod) => diskClaims(pod, facts).some(({ namespace, name }) => !known.has(`${namespace}/${name}`));
  const missing = running.known ? running.value.filter(isMissing) : [];
  const names = [...new Set(missing.flatMap(({ node }) => node ?? []))].toSorted();
  return Promise.all(
    names.map(async (node) => {
      const host = nodeHost(site, node);
      const [use, mounts] = await Promise.all([read(fileSystemUse(host)), read(blockMounts(host))]);
      return { node, use, mounts };
    }),
  );
}

/** Only where a pool is short of space does it matter who could give some back. */
async function lookAtMachines({ site, below }: Gathered, read: Reader): Promise<LookedAtMachine[]> {
  const api = site.hypervisor?.api;
  const isShort =
    below?.pools.known === true && below.pools.value.some((pool) => ['critical', 'full'].includes(stateOf(pool).data));
  if (api === undefined || !isShort) return [];
  return Promise.all(
    Object.entries(site.hypervisor?.nodeVmids ?? {}).map(async ([node, vmid]) => {
      const [config, mounts] = await Promise.all([read(vmConfig(api, vmid)), read(blockMounts(nodeHost(site, node)))]);
      return { node, vmid, config, mounts };
    }),
  );
}
