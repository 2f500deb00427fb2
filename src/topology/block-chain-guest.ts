import type { BlockDevice, BlockMount } from '../commands/block-devices.ts';
import type { DiskUse } from '../commands/block-use.ts';
import type { PersistentVolume } from '../commands/cluster-objects.ts';
import type { Seen } from '../core/reading.ts';
import { linkFrom } from './block-chain-cluster.ts';
import { drivesOf } from './block-chain-machine.ts';
import { identityOf } from './block-identity.ts';
import type { Found, Link } from './block-links.ts';
import { isStaging, podOfMount, stagingOf, wwnOf } from './block-names.ts';
import { podsOfClaim } from './claim-users.ts';

/** What the disk in the guest is known by; a machine that is off has none, and its own state proves that. */
function ofDevice({ isStopped = false, machine, slot, look }: Found): readonly Seen<unknown>[] {
  if (isStopped) return [machine.current];
  const promised = slot === undefined ? [look.attachments] : [];
  return [machine.config, drivesOf(machine), machine.devices, machine.links, machine.uses, ...promised];
}

function ofMounts(found: Found): readonly Seen<unknown>[] {
  return found.isStopped === true
    ? [found.machine.current, found.look.pods]
    : [...ofDevice(found), found.machine.mounts, found.look.pods];
}

/** The disk under the name of its slot, as large as the volume; what has that name otherwise is another disk. */
export function deviceLink(found: Found): Link {
  const { machine, slot, hasRuntime = false, isStopped = false } = found;
  return linkFrom('device', ofDevice(found), () => {
    if (isStopped) return ['absent', `${machine.node} is off`];
    const { is, says } = identityOf(machine);
    if (is !== 'same') return [is === 'other' ? 'broken' : 'unknown', says];
    if (slot === undefined) return ['absent', 'it was given no slot'];
    const wwn = wwnOf(slot);
    const devices = machine.devices.known ? machine.devices.value.filter((each) => each.wwn === wwn) : [];
    const link = machine.links.known ? machine.links.value.find(({ name }) => name === `wwn-${wwn}`) : undefined;
    const [device, second] = devices;
    if (device === undefined && link === undefined) return ['absent', `${machine.node} has no disk named wwn-${wwn}`];
    if (second !== undefined)
      return ['broken', `${machine.node} has two disks with the WWN ${wwn}: ${device?.name} and ${second.name}`];
    if (device?.name !== link?.device)
      return [
        'broken',
        `on ${machine.node} wwn-${wwn} leads to ${link?.device ?? 'nothing'}, and the disk is ${device?.name ?? 'not there'}`,
      ];
    if (device === undefined) return ['broken', `on ${machine.node} wwn-${wwn} leads nowhere`];
    return judge(found, { device, wwn, hasRuntime });
  });
}

interface Named {
  readonly device: BlockDevice;
  readonly wwn: string;
  readonly hasRuntime: boolean;
}

function judge(found: Found, { device, wwn, hasRuntime }: Named): readonly [Link['is'], string] {
  const { node } = found.machine;
  if (!hasRuntime) return ['broken', `${node} shows ${device.name} under wwn-${wwn}, and QEMU has not plugged this disk in`];
  if (found.sizeBytes !== undefined && device.sizeBytes !== found.sizeBytes)
    return [
      'broken',
      `${device.name} of ${node} has ${device.sizeBytes} bytes, the volume ${found.sizeBytes}: it is another disk`,
    ];
  found.device = device;
  return ['proven', `${device.name} of ${node}, by wwn-${wwn}`];
}

/** The driver's own mount, at the directory that only this handle has, of this device, which no other volume is mounted from. */
export function stagingLink(found: Found): Link {
  const { machine, subject, device, isStopped = false } = found;
  return linkFrom('staging', ofMounts(found), () => {
    if (isStopped) return ['absent', `${machine.node} is off`];
    const mounts = machine.mounts.known ? machine.mounts.value : [];
    const staging = subject.volume?.csi === undefined ? undefined : stagingOf(subject.volume.csi.volumeHandle);
    const own = mounts.filter(({ mountPoint }) => mountPoint === staging);
    const foreign = mounts.find(
      (each) => each.number === device?.number && isStaging(each.mountPoint) && each.mountPoint !== staging,
    );
    if (foreign !== undefined)
      return ['broken', `${device?.name} of ${machine.node} is mounted for another volume too, at ${foreign.mountPoint}`];
    const [mount, second] = own;
    if (mount === undefined) return unmounted(found, mounts);
    if (second !== undefined) return ['broken', `it is mounted ${own.length} times at ${mount.mountPoint}`];
    if (mount.number !== device?.number)
      return [
        'broken',
        `it is mounted from ${mount.source} (${mount.number}), and its disk is ${device === undefined ? 'not there' : `${device.name} (${device.number})`}`,
      ];
    return ['proven', `${mount.source} at ${mount.mountPoint}`];
  });
}

/** A mount of the device that is neither the driver's nor a pod's. */
function alone({ device, machine, subject }: Found, mounts: readonly BlockMount[]) {
  const other = mounts.find(
    (each) => each.number === device?.number && podOfMount(each.mountPoint, subject.volume?.name ?? '') === undefined,
  );
  return other === undefined
    ? undefined
    : (['broken', `${device?.name} of ${machine.node} is mounted at ${other.mountPoint}`] as const);
}

function unmounted(found: Found, mounts: readonly BlockMount[]): readonly [Link['is'], string] {
  const { node } = found.machine;
  if (isGiven(found)) return ['proven', `pods of ${node} get the device itself`];
  return alone(found, mounts) ?? byOthers(found) ?? ['absent', `the driver has not mounted it on ${node}`];
}

/** Who has the disk in use without a mount that the node's own table tells; a program that has it open may be the driver's fsck. */
function byOthers({ machine: { node, uses }, device }: Found) {
  const [use] = uses.known && device !== undefined ? uses.value.uses.filter(({ disk }) => disk === device.name) : [];
  if (use === undefined) return undefined;
  const says = `${device?.name} of ${node} is ${IN_USE[use.how]}${use.by === undefined ? '' : ` ${use.by}`}`;
  return [use.how === 'open' ? 'underway' : 'broken', says] as const;
}

const IN_USE: Readonly<Record<DiskUse['how'], string>> = {
  mounted: 'mounted by a process that has mounts of its own',
  given: 'given as a device at',
  open: 'open in a program',
  held: 'held by',
  loop: 'under a loop device',
  swap: 'in use for swapping',
};

/** To a pod of this volume that has it as a device (`volumeMode: Block`). */
function isGiven({ machine: { uses }, device, subject }: Found): boolean {
  if (!uses.known || device === undefined) return false;
  return uses.value.uses.some(({ disk, how, by }) => disk === device.name && how === 'given' && isGivenFor(subject.volume, by));
}

function isGivenFor(volume: PersistentVolume | undefined, path = ''): boolean {
  return volume !== undefined && path.includes(`/kubernetes.io/csi/volumeDevices/publish/${volume.name}/`);
}

/** In the pods of this node that use the claim, all of the same device. */
export function podLink(found: Found): Link {
  const { machine, subject, device, look, isStopped = false } = found;
  const claim = subject.volume?.claimRef;
  // kubelet mounts nothing for a pod that ends; while its node is away, Kubernetes goes on attaching for it all the same.
  if (look.pods.known && claim !== undefined)
    found.wanted = podsOfClaim(claim, look.pods.value).filter(
      ({ node, terminatingAt }) => node === machine.node && (isStopped || terminatingAt === undefined),
    );
  return linkFrom('pods', ofMounts(found), () => {
    if (isStopped) return ['absent', `${machine.node} is off`];
    const mounts = machine.mounts.known ? machine.mounts.value : [];
    const own = mounts.filter(({ mountPoint }) => podOfMount(mountPoint, subject.volume?.name ?? '') !== undefined);
    const other = own.find(({ number }) => number !== device?.number);
    if (other !== undefined)
      return ['broken', `a pod has it mounted from ${other.source} (${other.number}), which is not its disk now`];
    if (own.length === 0 && isGiven(found)) return ['proven', `given to a pod of ${machine.node} as a device`];
    return own.length === 0
      ? ['absent', `no pod of ${machine.node} has it mounted`]
      : ['proven', `mounted in ${own.length === 1 ? 'a pod' : `${own.length} pods`} of ${machine.node}`];
  });
}
