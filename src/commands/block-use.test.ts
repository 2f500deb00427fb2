import { describe, expect, test } from 'vitest';
import { parseUses } from './block-use.ts';

const TABLE = `major minor  #blocks  name

   7        0    1048576 loop0
   8        0  268435456 sda
   8        1  267386880 sda1
   8       32   20971520 sdc
   8       48    1048576 sdd
   8       49    1047552 sdd1
 252        0    1048576 dm-0`;

function printed({ mounted = '8:1', given = '', open = '/dev/null\n/dev/pts/0', held = '', loop = '', swap = '' } = {}): string {
  const lo = '00:00:00:00:00:00';
  const parts = [
    `addresses\nBC:24:11:00:02:03\n${lo}`,
    `partitions\n${TABLE}`,
    `mounted\n0:22\n${mounted}`,
    `given\n/ /dev\n${given}`,
    `open\n${open}`,
    `held\n${held}`,
    `loop\n${loop}`,
    `swap\nFilename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${swap}`,
  ];
  return [...parts, 'end', ''].join('\n');
}

const SYSTEM = { disk: 'sda', how: 'mounted' } as const;

describe('who uses the disks of a node', () => {
  test('is its own system alone, where nobody else does; terminals are no disks', () => {
    expect(parseUses(printed())).toEqual({ addresses: ['bc:24:11:00:02:03', '00:00:00:00:00:00'], uses: [SYSTEM] });
  });

  test.each([
    ['mounted by any process, a partition of it too', { mounted: '8:1\n8:49' }, [SYSTEM, { disk: 'sdd', how: 'mounted' }]],
    [
      'given to a pod as a device',
      { given: '/sdc /var/lib/kubelet/plugins/kubernetes.io/csi/volumeDevices/publish/pvc-1/uid' },
      [SYSTEM, { disk: 'sdc', how: 'given', by: '/var/lib/kubelet/plugins/kubernetes.io/csi/volumeDevices/publish/pvc-1/uid' }],
    ],
    ['open', { open: '/dev/sdc' }, [SYSTEM, { disk: 'sdc', how: 'open' }]],
    ['open, though its name is gone', { open: '/dev/sdc (deleted)' }, [SYSTEM, { disk: 'sdc', how: 'open' }]],
    [
      'held by LVM or dm-crypt',
      { held: '/sys/class/block/sdd1/holders/dm-0' },
      [SYSTEM, { disk: 'sdd', how: 'held', by: 'dm-0' }],
    ],
    ['under a loop device', { loop: '/var/tmp/image\n/dev/sdc' }, [SYSTEM, { disk: 'sdc', how: 'loop' }]],
    [
      'used for swapping',
      { swap: '/dev/sdd1                               partition\t1047548\t0\t-2' },
      [SYSTEM, { disk: 'sdd', how: 'swap' }],
    ],
  ])('%s', (_how, more, uses) => {
    expect(parseUses(printed(more)).uses).toEqual(uses);
  });

  test.each([
    ['nothing', ''],
    ['what ended early', printed().replace('end\n', '')],
    ['no table of mounts at all', printed().replace('0:22\n8:1\n', '')],
    ['no table of disks', printed().replace(TABLE, '')],
    ['a part that is missing', printed().replace('held\n', '')],
    ['a holder of no known form', printed({ held: 'sdc dm-0' })],
    ['no table of swaps', printed().replace('Filename', '')],
  ])('cannot be told from %s', (_what, output) => {
    expect(() => parseUses(output)).toThrow(Error);
  });
});
