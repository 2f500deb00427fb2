import { at } from '../../kubernetes/store.ts';
import { pidOf } from '../ids.ts';
import { flowOf, rttMs, sumOf } from '../load.ts';
import { portOf } from '../nfs.ts';
import type { LabNode, PodMount } from '../node.ts';
import { type Answer, type Call, lines, ok } from '../shell.ts';
import { text } from '../volumes.ts';
import type { World } from '../world.ts';

/** How long between two looks. */
export const WINDOW_S = 3;

function uptime({ time }: World, sinceMs: number, laterS: number): string {
  const upS = (time.nowMs - sinceMs) / 1_000 + laterS;
  return `${upS.toFixed(2)} ${(upS * 7.4).toFixed(2)}`;
}

/** What every file system is asked for by each node at any time, for each second. */
const USUAL = { READ: 12, WRITE: 6, GETATTR: 24, ACCESS: 8 } as const;
const KB_PER_OP = 64;

/** Whoever reads it where the NFS client stands still waits with it. */
export function mountstats({ world }: Call, node: LabNode): Answer {
  if (node.wedged || node.processes.some(({ state, waitsIn }) => state === 'D' && waitsIn.startsWith('rpc_')))
    return { ...ok(), afterS: Number.POSITIVE_INFINITY, unkillable: true };
  const look = (laterS: number) => [
    uptime(world, node.bootedMs, laterS),
    'device rootfs mounted on / with fstype rootfs',
    'device proc mounted on /proc with fstype proc',
    ...node.staged.map(({ device, mountPoint }) => `device ${device} mounted on ${mountPoint} with fstype ext4`),
    ...node.mounts.flatMap((mount) => mountLines(world, { node, mount, laterS })),
    'device sunrpc mounted on /run/rpc_pipefs with fstype rpc_pipefs',
  ];
  return { ...ok(lines([...look(0), ...look(WINDOW_S)])), afterS: WINDOW_S };
}

interface Looked {
  readonly node: LabNode;
  readonly mount: PodMount;
  readonly laterS: number;
}

function mountLines(world: World, { node, mount, laterS }: Looked): string[] {
  const { nfs, mountPoint, device } = mount;
  if (device !== undefined) return [`device ${device} mounted on ${mountPoint} with fstype ext4`];
  if (nfs === undefined) return [];
  const isOld = nfs.version === '3';
  return [
    `device ${nfs.server}:${nfs.path} mounted on ${mountPoint} with fstype ${isOld ? 'nfs' : 'nfs4'} statvers=1.1`,
    `\topts:\t${nfs.options}`,
    `\tage:\t${Math.floor((world.time.nowMs - node.bootedMs) / 1_000 + laterS)}`,
    `\tcaps:\tcaps=0x3fcf,wtmult=512,dtsize=131072,bsize=0,namlen=255`,
    ...(isOld
      ? []
      : [
          '\tnfsv4:\tbm0=0xfdffbfff,bm1=0x40f9be3e,bm2=0x28803,acl=0x3,sessions,pnfs=not configured,lease_time=90,lease_expired=0',
        ]),
    '\tsec:\tflavor=1,pseudoflavor=1',
    `\tevents:\t34 120 2 8 21 4 310 250 1 40 0 12 6 2 30 2 0 28 0 3 250 0 0 0 0 0 0 `,
    ...counters(world, { node, mount, laterS }),
    '',
  ];
}

/** The kernel has one superblock, and one set of counters, for all mounts of one file system of a server. */
function counters(world: World, { node, mount, laterS }: Looked): string[] {
  const superblock = superblockOf(world, mount);
  const sharing = node.mounts.filter((each) => each.nfs !== undefined && superblockOf(world, each) === superblock);
  const flow = sumOf([...new Set(sharing.map(({ podUid }) => podUid))].map((uid) => flowOf(world, uid)));
  const isNas = mount.nfs?.server === world.nas.address;
  const answers = portOf(world, node, mount.nfs?.server ?? '', 2049) === 'open';
  const ageS = Math.floor((world.time.nowMs - node.bootedMs) / 1_000);
  const way = world.load.ways.get(node.name) ?? {};
  const rtt = isNas ? rttMs(world, node) : 2.1;
  const queue = isNas ? (way.queueMs ?? 0) + 0.2 : 0.2;
  const row = (name: keyof typeof USUAL, kB: number) => {
    const [then, now] = [USUAL[name] * ageS, answers ? Math.round((USUAL[name] + kB / KB_PER_OP) * laterS) : 0];
    const again = Math.round((now * (isNas ? (way.retransPercent ?? 0) : 0)) / 100);
    const times = [0.2, 1.7, 1.9].map((mean) => Math.round(then * mean));
    const waits = [queue, rtt, queue + rtt].map((mean, index) => (times[index] ?? 0) + Math.round(now * mean));
    return `\t${name.padStart(12)}: ${[then + now, then + now + again, 0, (then + now) * 140, (then + now) * 120, ...waits, 0].join(' ')}`;
  };
  const bytes = (usual: number, kB: number) => Math.round(usual * ageS * 1024 + (answers ? usual + kB : 0) * laterS * 1024);
  const [read, written] = [bytes(90, flow.readKBPerS), bytes(40, flow.writeKBPerS)];
  return [
    `\tbytes:\t${read} ${written} 0 0 ${read} ${written} ${Math.round(read / 4096)} ${Math.round(written / 4096)} `,
    `\tRPC iostats version: 1.1  p/v: 100003/${mount.nfs?.version === '3' ? 3 : 4} (nfs)`,
    '\txprt:\ttcp 756 1 1 0 0 812004 811993 0 909133 0 61 30412 601233',
    '\tper-op statistics',
    '\t        NULL: 1 1 0 44 24 0 0 0 0',
    row('GETATTR', 0),
    row('ACCESS', 0),
    row('READ', flow.readKBPerS),
    row('WRITE', flow.writeKBPerS),
  ];
}

function superblockOf({ nas }: World, { nfs }: PodMount): string {
  const holder = nfs?.server === nas.address ? nas.disk.holder(nfs.path).name : nfs?.path;
  return `${nfs?.server} ${holder} ${nfs?.version}`;
}

/** Each pod as one process of systemd's cgroups. */
export function podIo({ world }: Call, node: LabNode): Answer {
  const pods = world.cluster.pods().filter((pod) => text(pod, 'spec', 'nodeName') === node.name && isRunning(pod));
  const rows = (laterS: number) => {
    const about = pods.map((pod) => {
      const uid = pod.metadata.uid;
      const { readKBPerS, writeKBPerS } = flowOf(world, uid);
      const ageS = Math.floor((world.time.nowMs - node.bootedMs) / 1_000);
      const bytes = (usual: number, kB: number) => Math.round((usual * ageS + (usual + kB) * laterS) * 1024);
      return { pid: pidOf(uid), uid, read: bytes(6, readKBPerS), written: bytes(3, writeKBPerS) };
    });
    const slice = 'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod';
    return [
      uptime(world, node.bootedMs, laterS),
      ...about.map(
        ({ pid, uid }) => `/proc/${pid}/cgroup:0::/${slice}${uid.replaceAll('-', '_')}.slice/cri-containerd-5d1c.scope`,
      ),
      ...about.flatMap(({ pid, read, written }) => [
        `/proc/${pid}/io:read_bytes: ${read}`,
        `/proc/${pid}/io:write_bytes: ${written}`,
      ]),
    ];
  };
  return { ...ok(lines([...rows(0), ...rows(WINDOW_S)])), afterS: WINDOW_S };
}

function isRunning(pod: Parameters<typeof at>[0]): boolean {
  return at(pod, 'status', 'phase') === 'Running';
}
