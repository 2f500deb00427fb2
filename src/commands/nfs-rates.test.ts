import { describe, expect, it } from 'vitest';
import { parseMountRates } from './nfs-rates.ts';

interface Figures {
  readonly read?: number;
  readonly written?: number;
  /** operations, transmissions, major timeouts, bytes sent, bytes received, ms queued, ms there and back, ms in all, errors */
  readonly ops?: string;
}

/** As the kernel prints one mount (fs/nfs/super.c, net/sunrpc/stats.c). */
function mount(device: string, at: string, { read = 1000, written = 500, ops = '10 10 0 1400 1200 0 20 21 0' }: Figures = {}) {
  return [
    `device ${device} mounted on ${at} with fstype nfs4 statvers=1.1`,
    '\topts:\trw,vers=4.2,rsize=131072,wsize=131072,namlen=255,soft,proto=tcp,timeo=30,retrans=3,sec=sys,local_lock=none',
    '\tage:\t83520',
    "\timpl_id:\tname='',domain='',date='0,0'",
    '\tcaps:\tcaps=0x3fff7,wtmult=512,dtsize=32768,bsize=0,namlen=255',
    '\tnfsv4:\tbm0=0xfdffafff,bm1=0xf9be3e,bm2=0x800,acl=0x0,sessions,pnfs=not configured,lease_time=90,lease_expired=0',
    '\tsec:\tflavor=1,pseudoflavor=1',
    '\tevents:\t52472 472680 16671 57552 2104 9565 749555 9568641 168 24103 1 267134 3350 20097 116581 18214 43757 111141 0 28 9563845 34 0 0 0 0 0 ',
    `\tbytes:\t2021340783 39056395530 0 0 ${read} ${written} 442605 9557343 `,
    '\tRPC iostats version: 1.1  p/v: 100003/4 (nfs)',
    '\txprt:\ttcp 940 0 2 0 1 938505 938504 0 12756069 0 32 254729 10823602',
    '\tper-op statistics',
    '\t        NULL: 1 1 0 44 24 0 0 0 0',
    `\t        READ: ${ops}`,
    '\tSETCLIENTID_CONFIRM: 0 0 0 0 0 0 0 0 0',
    '',
  ];
}

const OTHERS = ['device rootfs mounted on / with fstype rootfs', 'no device mounted on /run/x with fstype autofs'];

function looks(first: readonly string[], second: readonly string[], seconds = 4): string {
  const look = (uptime: string, mounts: readonly string[]) => [`${uptime} 9999.00`, ...OTHERS, ...mounts];
  return `${[...look('100.00', first), ...look((100 + seconds).toFixed(2), second)].join('\n')}\n`;
}

const A = ['10.0.10.15:/mnt/main/a', '/var/lib/kubelet/pods/a/mount'] as const;
const B = ['10.0.10.15:/mnt/main/b', '/var/lib/kubelet/pods/b/mount'] as const;

it('what the client did between the two looks, for each second', () => {
  const later = { read: 1000 + 4 * 1024 * 100, written: 500 + 4 * 1024 * 50, ops: '110 112 0 1400 1200 30 8020 8121 0' };
  expect(parseMountRates(looks(mount(...A), mount(...A, later)))).toEqual([
    {
      server: '10.0.10.15',
      paths: ['/mnt/main/a'],
      mountPoints: ['/var/lib/kubelet/pods/a/mount'],
      opsPerS: 25,
      readKBPerS: 100,
      writeKBPerS: 50,
      retransPercent: 2,
      times: { rttMs: 80, exeMs: 81 },
    },
  ]);
});

it('mounts of one file system have the same counters and are counted once', () => {
  const later = { read: 2000, ops: '20 20 0 1400 1200 0 40 42 0' };
  const [both, ...more] = parseMountRates(
    looks([...mount(...A), ...mount(...B)], [...mount(...A, later), ...mount(...B, later)]),
  );
  expect(more).toEqual([]);
  expect(both).toMatchObject({ paths: ['/mnt/main/a', '/mnt/main/b'], opsPerS: 2.5 });
});

it('mounts of one file system that counts on while the kernel prints them are counted once', () => {
  const [then, now] = [1_000_000, 1_400_000];
  const at = (read: number, ops: number) => ({ read, ops: `${ops} ${ops} 0 1400 1200 0 ${ops * 80} ${ops * 81} 0` });
  const rates = parseMountRates(
    looks(
      [...mount(...A, at(then, 5_000)), ...mount(...B, at(then + 4_096, 5_001))],
      [...mount(...A, at(now, 5_100)), ...mount(...B, at(now + 8_192, 5_102))],
    ),
  );
  expect(rates).toMatchObject([{ paths: ['/mnt/main/a', '/mnt/main/b'], opsPerS: 25 }]);
});

it('mounts of two file systems stay two', () => {
  const later = { read: 2000, ops: '20 20 0 1400 1200 0 40 42 0' };
  const rates = parseMountRates(looks([...mount(...A), ...mount(...B)], [...mount(...A, later), ...mount(...B)]));
  expect(rates.map(({ paths, times }) => [paths, times])).toEqual([
    [['/mnt/main/a'], { rttMs: 2, exeMs: 2.1 }],
    [['/mnt/main/b'], undefined],
  ]);
});

it('a mount that came, went or was made anew in between has no rate', () => {
  expect(parseMountRates(looks(mount(...A), mount(...B)))).toEqual([]);
  expect(parseMountRates(looks(mount(...A), mount(...A, { ops: '2 2 0 1400 1200 0 2 2 0' })))).toEqual([]);
});

it('NFSv3 and kernels before 5.3, which count no errors', () => {
  const old = (ops: string) => [
    'device [fd00::15]:/mnt/main/two\\040words mounted on /mnt/x\\040y with fstype nfs statvers=1.0',
    '\topts:\trw,vers=3,hard',
    '\tage:\t159',
    '\tbytes:\t15 15 0 0 15 15 1 1 ',
    '\tRPC iostats version: 1.0  p/v: 100003/3 (nfs)',
    '\txprt:\ttcp 795 1 2 0 2 15 15 0 15 0 2 0 0',
    '\tper-op statistics',
    `\t     GETATTR: ${ops}`,
  ];
  expect(parseMountRates(looks(old('5 5 0 600 500 0 5 5'), old('9 9 0 600 500 0 13 17')))).toMatchObject([
    { server: 'fd00::15', paths: ['/mnt/main/two words'], mountPoints: ['/mnt/x y'], times: { rttMs: 2, exeMs: 3 } },
  ]);
});

it('a node without NFS mounts has no rates', () => {
  expect(parseMountRates(looks([], []))).toEqual([]);
});

describe('it is no answer where', () => {
  it.each([
    ['nothing was printed', ''],
    ['there is one look', `100.00 1.00\n${OTHERS.join('\n')}\n`],
    ['the second look is empty', `100.00 1.00\n${OTHERS.join('\n')}\n103.00 1.00\n`],
    ['there are three looks', looks([], []) + looks([], [])],
    ['no time passed', looks([], [], 0)],
    ['a mount has no statistics', looks(mount(...A).slice(0, 5), mount(...A).slice(0, 5))],
    ['an operation has more figures than are known', looks([], mount(...A, { ops: '1 1 0 1 1 0 1 1 0 0' }))],
    ['the statistics are of a version that nobody knows', looks([], mount(...A)).replaceAll('statvers=1.1', 'statvers=2.0')],
  ])('%s', (_, text) => {
    expect(() => parseMountRates(text)).toThrow(Error);
  });
});
