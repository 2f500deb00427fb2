import { blockDevices } from '../block.ts';
import { deviceNumber } from '../disk-names.ts';
import type { DiskUser, LabNode } from '../node.ts';
import { type Answer, type Call, fail, lines, ok } from '../shell.ts';

const KIB = 1024;

/** The bot's script over /proc and /sys. */
export function diskUses({ machine, world: { hypervisor }, isRoot }: Call): Answer {
  if (machine.kind !== 'node') return fail(127, 'sh: the lab runs no scripts');
  if (!isRoot) return fail(1, '');
  const { node } = machine;
  // As its machine got it when it was made, whatever a configuration says now.
  const address = `bc:24:11:00:${`${node.vmid}`.padStart(4, '0').replace(/(..)(..)/, '$1:$2')}`;
  const disks = blockDevices(hypervisor, node).map(({ name, drive }) => {
    const volume = hypervisor.volumes.find((each) => each.vg === drive.vg && each.name === drive.volume);
    return { name, blocks: (volume?.sizeBytes ?? 0) / KIB };
  });
  const parts = [
    ['addresses', address, '00:00:00:00:00:00'],
    ['partitions', 'major minor  #blocks  name', ...tableOf(node, disks)],
    ['mounted', ...new Set(['0:20', '8:1', ...mounted(node)])],
    ['given', '/ /dev', ...of(node, 'given').map(({ device, by }) => `/${device} ${by}`)],
    ['open', '/dev/null', ...of(node, 'open').map(({ device }) => `/dev/${device}`)],
    ['held', ...of(node, 'held').map(({ device, by }) => `/sys/class/block/${device}/holders/${by}`)],
    ['loop', ...of(node, 'loop').map(({ device }) => `/dev/${device}`)],
    [
      'swap',
      'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority',
      ...of(node, 'swap').map(({ device }) => `/dev/${device} partition`),
    ],
    ['end'],
  ];
  return ok(lines(parts.flat()));
}

function of({ diskUsers }: LabNode, how: DiskUser['how']): readonly DiskUser[] {
  return diskUsers.filter((each) => each.how === how);
}

function mounted(node: LabNode): readonly string[] {
  const own = [...node.staged, ...node.mounts].flatMap(({ device = [] }) => device);
  return [...own, ...of(node, 'mounted').map(({ device }) => device)].map(deviceNumber).toSorted();
}

function tableOf(
  { diskUsers }: LabNode,
  disks: readonly { readonly name: string; readonly blocks: number }[],
): readonly string[] {
  const parts = diskUsers.map(({ device }) => device).filter((device) => /\d$/.test(device));
  const all = [...disks, { name: 'sda1', blocks: 262_000_000 }, ...parts.map((name) => ({ name, blocks: KIB }))];
  return [
    '',
    ...all.map(({ name, blocks }) => {
      const [major = '', minor = ''] = deviceNumber(name).split(':');
      return `${major.padStart(4)} ${minor.padStart(8)} ${`${blocks}`.padStart(10)} ${name}`;
    }),
  ];
}
