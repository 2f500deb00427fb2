import type { VmConfig } from '../commands/proxmox-vm.ts';
import type { MachineLook } from './block-look.ts';

/** Off for good: not put to sleep or on its way to another host, and nobody has heard of its node. */
export function isOff({ current, devices, mounts, reports }: MachineLook): boolean {
  const isStopped = current.known && current.value.status === 'stopped' && current.value.lock === undefined;
  return isStopped && !reports && !devices.known && !mounts.known;
}

export interface Identity {
  readonly is: 'same' | 'other' | 'unknown';
  readonly says: string;
}

/** Whether the machine that the inventory names is the one that the node runs in: a number may have been given to another since. */
export function identityOf({ node, vmid, config, uses }: MachineLook): Identity {
  const vm = `machine ${vmid}`;
  if (!config.known) return { is: 'unknown', says: config.why.says };
  if (!uses.known) return { is: 'unknown', says: uses.why.says };
  const wanted = addressesOf(config.value);
  if (wanted.length === 0) return { is: 'unknown', says: `${vm} has no network address by which to tell that it is ${node}` };
  return wanted.some((address) => uses.value.addresses.includes(address))
    ? { is: 'same', says: `${node} is ${vm}` }
    : { is: 'other', says: `${vm} is not ${node}: it has the network address ${wanted.join(', ')}, and ${node} has another` };
}

/** `net0: virtio=BC:24:11:00:02:03,bridge=vmbr1` */
function addressesOf({ raw }: VmConfig): readonly string[] {
  return Object.entries(raw).flatMap(([key, value]) => {
    const address = /^net\d+$/.test(key)
      ? /(?:^|,)[a-z0-9-]+=((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?:,|$)/i.exec(value)?.[1]
      : undefined;
    return address?.toLowerCase() ?? [];
  });
}
