import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import type { ThinPool } from '../../src/commands/thin-pool.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { nodeHost } from '../../src/core/site.ts';
import { dropSnapshot, expiredSnapshots } from '../../src/repairs/expired-snapshots.ts';
import { growHostVolume, growth, hostVolume } from '../../src/repairs/host-volume.ts';
import { resumeMachine } from '../../src/repairs/resume-machine.ts';
import {
  canExtendMetadata,
  dataExtension,
  extendDataStep,
  extendMetadataStep,
  metadataVolume,
} from '../../src/repairs/thin-pool.ts';
import { groupOf, isIn, stateOf } from '../../src/repairs/thin-pool-state.ts';
import { passesDiscard, trimStep } from '../../src/repairs/trim.ts';
import type { Code } from './codes.ts';
import type { Below, Facts, LookedAtMachine } from './facts.ts';
import { fillsOf, idOf } from './fill.ts';

type Found = Finding<Code>;

/** Room first, then the machines that wait for it. Claims are people's: "/storage expand pvc" says whose. */
export function plan({ evidence, findings }: Diagnosis<Code>, facts: Facts): Plan {
  if (findings.length === 0) return stop(evidence.every(({ status }) => status === 'ok') ? 'Nothing to do.' : BLIND);
  const all = findings.flatMap((finding) => stepsFor(finding, facts)).slice(0, MOST_STEPS);
  const [first, ...more] = all;
  return first === undefined ? stop(reason(findings, facts)) : steps(first, ...more);
}

/** So many a person can read before approving; the next look offers more. */
const MOST_STEPS = 5;

function stepsFor(finding: Found, facts: Facts): Step[] {
  const { below } = facts;
  if (below === undefined) return [];
  if (finding.code === 'machine-stopped') return resume(finding, facts, below);
  if (finding.code === 'host-volume-full') return grow(finding, below);
  const pool = below.pools.known ? below.pools.value.find(({ name }) => name === finding.subject) : undefined;
  const seen = pool === undefined ? undefined : below.volumes.find(({ vg }) => vg === groupOf(pool))?.seen;
  if (pool === undefined || seen?.known !== true) return [];
  const situation = { finding, facts, below, pool, volumes: seen.value };
  if (finding.code.startsWith('thin-metadata-')) return forMetadata(situation);
  return finding.code === 'thin-data-full' || finding.code === 'thin-data-critical' ? forData(situation) : [];
}

interface Situation {
  readonly finding: Found;
  readonly facts: Facts;
  readonly below: Below;
  readonly pool: ThinPool;
  readonly volumes: readonly LogicalVolume[];
}

function forMetadata(situation: Situation): Step[] {
  const {
    finding,
    below: { host, groups },
    pool,
    volumes,
  } = situation;
  const group = groups.known ? groups.value.find(({ name }) => name === groupOf(pool)) : undefined;
  const metadata = metadataVolume(pool, volumes);
  // A pool that is read-only stays so after it was extended: once is enough.
  if (pool.metadataPercent < 75) return [];
  if (group !== undefined && metadata !== undefined && canExtendMetadata(pool, { volumes, group }))
    return [extendMetadataStep({ host, pool, because: finding }, metadata)];
  // A pool whose metadata is full cannot give up a snapshot.
  return stateOf(pool).metadata === 'critical' ? drops(situation) : [];
}

/** A pool whose metadata is full can neither give up a snapshot nor take back blocks. */
function forData(situation: Situation): Step[] {
  const { below, pool } = situation;
  if (stateOf(pool).metadata === 'full' || !below.clock.known) return [];
  // What a file system gives back costs metadata at first.
  const canTrim = stateOf(pool).metadata !== 'critical';
  const back = [...drops(situation), ...(canTrim ? below.trims : []).flatMap((machine) => trims(situation, machine))];
  return back.length > 0 ? back : extension(situation);
}

function drops({ finding, facts, below: { host, clock }, pool, volumes }: Situation): Step[] {
  if (!clock.known) return [];
  const keptDays = facts.site.capacity?.snapshotsKeptDays ?? 7;
  const own = volumes.filter((volume) => isIn(pool, volume));
  const expired = expiredSnapshots(own, { nowS: clock.value, keptDays });
  return expired.map((each) => dropSnapshot({ host, pool, because: finding }, each));
}

/** The last extents of the group, so only where nothing can be given back. */
function extension({ finding, below: { host, groups }, pool, volumes }: Situation): Step[] {
  const group = groups.known ? groups.value.find(({ name }) => name === groupOf(pool)) : undefined;
  const more = group === undefined || stateOf(pool).metadata !== 'ok' ? undefined : dataExtension(pool, { volumes, group });
  return more === undefined ? [] : [extendDataStep({ host, pool, because: finding }, more)];
}

/** Less is not worth the load. */
const WORTH_BYTES = 2 ** 30;

/** File systems on this machine that hold much less than their volume takes of the pool. */
function trims({ finding, facts, below, pool, volumes }: Situation, { node, vmid, config, mounts }: LookedAtMachine): Step[] {
  const { site, volumes: persistent } = facts;
  const api = site.hypervisor?.api;
  const current = below.machines.find((each) => each.vmid === vmid)?.seen;
  // A machine that is backed up or migrated is left alone, and so is one of which that is not known.
  if (current?.known !== true || current.value.lock !== undefined) return [];
  if (api === undefined || !config.known || !mounts.known || !persistent.known) return [];
  return fillsOf({ ...facts, asked: {} }).flatMap((fill): Step[] => {
    const claimed = persistent.value.find(({ claimRef, phase }) => {
      return phase === 'Bound' && claimRef?.namespace === fill.namespace && claimRef.name === fill.name;
    });
    const volume = volumes.find((each) => isIn(pool, each) && claimed?.csi?.volumeHandle.endsWith(`/${each.name}`) === true);
    const slot = config.value.slots.find((each) => each.volume.endsWith(`:${volume?.name}`) && passesDiscard(each));
    const mount = mounts.value.find(({ mountPoint }) => mountPoint.endsWith(`/volumes/kubernetes.io~csi/${claimed?.name}/mount`));
    if (volume === undefined || slot === undefined || mount === undefined) return [];
    const takenBytes = ((volume.dataPercent ?? 0) / 100) * volume.sizeBytes;
    if (takenBytes - (fill.sizeBytes - fill.freeBytes) < WORTH_BYTES) return [];
    const { mountPoint } = mount;
    const about = { because: finding, hypervisor: below.host, api, vmid, node: nodeHost(site, node) };
    const snapshots = volumes.filter(({ origin }) => origin === volume.name).length;
    return [trimStep({ ...about, slot, mountPoint, claim: idOf(fill), volume, snapshots })];
  });
}

/** Only what is on a thin volume, and only as far as its pool can hold all of it. */
function grow(because: Found, { host, pools, volumes, files: { use, mounts } }: Below): Step[] {
  const full = use.known ? use.value.find(({ mountPoint }) => mountPoint === because.subject) : undefined;
  const all = volumes.flatMap(({ seen }) => (seen.known ? seen.value : []));
  if (full === undefined || !mounts.known || !pools.known) return [];
  const found = hostVolume(full, { mounts: mounts.value, volumes: all, pools: pools.value });
  const gibibytes = found === undefined ? undefined : growth(found);
  return found === undefined || gibibytes === undefined ? [] : [growHostVolume({ host, because }, found, gibibytes)];
}

function resume(because: Found, { site }: Facts, { host, machines, pools }: Below): Step[] {
  const api = site.hypervisor?.api;
  const machine = machines.find(({ vmid }) => `${vmid}` === because.subject);
  // What a machine without a thin pool waits for is not known here.
  if (api === undefined || !pools.known || pools.value.length === 0) return [];
  if (machine?.seen.known !== true || machine.seen.value.lock !== undefined) return [];
  return [resumeMachine({ because, host, api, vmid: machine.vmid, name: machine.name })];
}

const FOR_PEOPLE = 'No command of the bot repairs this: each finding says what a person should do, and what not.';
const BLIND = 'Not everything that a repair depends on could be seen: no plan is made from what is not known.';

/** Why nothing is planned for the first finding that the bot could have done something about. */
function reason(findings: readonly Found[], { below, site }: Facts): string {
  const codes: readonly Code[] = findings.map(({ code }) => code);
  const looks = [below?.groups, below?.clock, ...(below?.volumes.map(({ seen }) => seen) ?? [])];
  if (codes.some((code) => code.startsWith('thin-')) && looks.some((each) => each?.known === false)) return BLIND;
  if (codes.includes('thin-metadata-full')) return METADATA_FULL;
  if (codes.some((code) => code.startsWith('thin-metadata'))) return METADATA_LARGEST;
  if (codes.includes('thin-data-full') || codes.includes('thin-data-critical')) {
    const days = site.capacity?.snapshotsKeptDays ?? 7;
    return `Nothing in the pool can safely be given back: no snapshot of a volume in use is older than ${days} days, unmarked, the source of nothing, and followed by one that has not expired; no file system whose disk passes on discards holds much less than it takes; and its group has not the extents to bring it below 80 %. ${FOR_PEOPLE}`;
  }
  const isLocked = below?.machines.some(
    ({ seen }) => seen.known && seen.value.qmpStatus === 'io-error' && seen.value.lock !== undefined,
  );
  return codes.includes('machine-stopped') && isLocked === true ? LOCKED : FOR_PEOPLE;
}

const METADATA_FULL = `The metadata cannot be extended further by the bot, or was extended already. A pool that is read-only writes again only after its metadata was checked while it is not active: that is a person's work. ${FOR_PEOPLE}`;
const METADATA_LARGEST = `The metadata cannot be extended: it is as large as LVM allows (15.81 GiB), or its group has less than 2 GiB free; and no snapshot has expired, or it is not 90 % full yet. ${FOR_PEOPLE}`;
const LOCKED = 'A machine on which Proxmox holds a lock is not resumed: first what holds it must end.';
