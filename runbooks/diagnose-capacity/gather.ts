import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { blockMounts, fileSystemUse } from '../../src/commands/block-devices.ts';
import { claims, sizedVolumes } from '../../src/commands/claims.ts';
import { pods } from '../../src/commands/cluster.ts';
import type { Pod } from '../../src/commands/cluster-objects.ts';
import { virtualMachines } from '../../src/commands/host-load.ts';
import { logicalVolumes, volumeGroups } from '../../src/commands/logical-volumes.ts';
import { clockOf } from '../../src/commands/node-system.ts';
import { claimGrowth, claimsBefore, claimUsage, poolFreeBefore, poolGrowth } from '../../src/commands/prometheus.ts';
import { vmConfig, vmCurrent } from '../../src/commands/proxmox-vm.ts';
import { thinPools } from '../../src/commands/thin-pool.ts';
import { thinPoolLines } from '../../src/commands/thin-pool-repairs.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import { nodeHost } from '../../src/core/site.ts';
import { groupOf, stateOf } from '../../src/repairs/thin-pool-state.ts';
import type { Asked, Below, Facts, LookedAtMachine, LookedAtNode, Machine, Measured } from './facts.ts';
import { diskClaims } from './facts.ts';

export async function gather(asked: Asked, read: Reader, site: Site): Promise<Facts> {
  const [all, volumes, running, attachments, measured, below] = await Promise.all([
    read(claims()),
    read(sizedVolumes()),
    read(pods()),
    read(volumeAttachments()),
    lookAtPrometheus(read),
    lookBelow(read, site),
  ]);
  const facts = { site, asked, claims: all, volumes, pods: running, attachments, measured, ...(below && { below }) };
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

type Hypervisor = NonNullable<Site['hypervisor']>;

interface Machines {
  readonly list?: Seen<readonly { readonly vmid: number }[]>;
  readonly states: readonly Machine[];
}

async function lookBelow(read: Reader, { hypervisor }: Site): Promise<Below | undefined> {
  if (hypervisor === undefined) return undefined;
  const { host } = hypervisor;
  const [clock, pools, groups, lines, use, mounts, growth, freeBefore, { list, states }] = await Promise.all([
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
  const files = { use, mounts };
  const machines = { machines: states, ...(list && { list }) };
  return { host, clock, pools, groups, volumes, lines, files, growth, freeBefore, ...machines, trims: [] };
}

/** Of every machine, whether it is a node or not: all of them write to the same pools. */
async function lookAtStates(read: Reader, { host, api, nasVmid, nodeVmids }: Hypervisor): Promise<Machines> {
  if (api === undefined) return { states: [] };
  const list = await read(virtualMachines(host));
  const nas = nasVmid === undefined ? [] : [{ name: 'the NAS', vmid: nasVmid }];
  const own = [...Object.entries(nodeVmids).map(([name, vmid]) => ({ name, vmid })), ...nas];
  const others = (list.known ? list.value : []).filter(({ vmid }) => own.every((each) => each.vmid !== vmid));
  const all = [...own, ...others.map(({ vmid, name }) => ({ name, vmid }))];
  return { list, states: await Promise.all(all.map(async (each) => ({ ...each, seen: await read(vmCurrent(api, each.vmid)) }))) };
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
