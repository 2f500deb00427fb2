import type { PoolStatus } from '../../../src/commands/zfs-status.ts';
import type { StoredDataset } from '../../../src/commands/zfs-stored.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import type { Code } from '../codes.ts';
import type { Facts, NodeRates } from '../facts.ts';
import { FEW_HITS_PERCENT, FRAGMENTED_PERCENT, FULL_PERCENT, ratesOfNodes, SATURATED_PERCENT, SLOW_MS } from '../facts.ts';
import { holderOf } from './hot-dataset.ts';
import type { Slow } from './parts.ts';
import { percent, problem, saysSlow, slowEverywhere } from './parts.ts';
import { saturated } from './saturated.ts';

/** Why the server is slow for all: what reads whole pools first, then the disk, and only with a disk that has time what else there is. */
export function diagnoseServer(facts: Facts): readonly Finding<Code>[] {
  const slow = slowEverywhere(facts);
  if (slow === undefined) return [];
  const scans = scanFindings(facts, slow);
  if (scans.length > 0 || mayBeScan(facts)) return scans;
  const { disk } = facts.host ?? {};
  if (disk?.known && disk.value.busyPercent >= SATURATED_PERCENT) return saturated(facts, slow, disk);
  const ruledOut = notTheDisk(facts);
  return ruledOut === undefined ? [] : otherCauses(facts, slow, ruledOut);
}

function scanFindings(facts: Facts, slow: Slow): Finding<Code>[] {
  const { status, stored } = facts.nas;
  if (!status?.known || !stored?.known) return [];
  return status.value.flatMap((pool) => {
    const waiting = isScanned(pool) ? waitingFor(facts, stored.value, pool.name) : undefined;
    return waiting === undefined ? [] : [scanFinding(pool, slow, [status, stored, waiting.seen])];
  });
}

/** A scan runs, and whose pool NFS waits for is not known. */
function mayBeScan({ nas: { status, stored } }: Facts): boolean {
  return stored?.known !== true && status?.known === true && status.value.some(isScanned);
}

function isScanned({ scan }: PoolStatus): boolean {
  return scan.is === 'running';
}

/** A node that waits for a file system of this pool: the scrub of another pool, on another disk, slows nobody here. */
function waitingFor(facts: Facts, stored: readonly StoredDataset[], pool: string): NodeRates | undefined {
  const { nfsAddresses } = facts.site.nas;
  const isOn = (path: string) => holderOf(stored, path)?.name.split('/', 1)[0] === pool;
  return ratesOfNodes(facts).find(({ seen }) =>
    seen.value.some(
      ({ server, paths, times }) => nfsAddresses.includes(server) && (times?.rttMs ?? 0) >= SLOW_MS && paths.some(isOn),
    ),
  );
}

function scanFinding({ name, scan }: PoolStatus, slow: Slow, proofs: readonly Known<unknown>[]): Finding<Code> {
  const isScrub = scan.is === 'running' && scan.what === 'scrub';
  const how =
    scan.is === 'running' ? `${percent(scan.percent)} done${scan.toGo === undefined ? '' : `, ${scan.toGo} to go`}` : '';
  const what = isScrub ? 'scrubbed' : 'rebuilt';
  return problem(
    {
      code: isScrub ? 'scrub-running' : 'resilver-running',
      subject: name,
      says: `${name} is being ${what} (${how}), and ${saysSlow(slow)}`,
      remedy: isScrub
        ? 'Wait for its end, or pause it and let it go on at a quiet time: what it has checked is kept.'
        : 'Wait: until it has ended the pool lacks its redundancy. Suspend what reads and writes a lot meanwhile.',
      doNot: 'Do not move datasets or add threads to the server: it is over when the pool has been read.',
    },
    [slow[0].seen, slow[1].seen, ...proofs],
  );
}

/** The outputs which say that neither the disk nor a scan is the reason; absent where that is not known. */
function notTheDisk({ nas: { status }, host }: Facts): readonly Known<unknown>[] | undefined {
  if (!status?.known || status.value.some(isScanned) || host?.disk?.known === false) return undefined;
  return host?.disk === undefined ? [status] : [status, host.disk];
}

function otherCauses(facts: Facts, slow: Slow, ruledOut: readonly Known<unknown>[]): Finding<Code>[] {
  const proofs = [slow[0].seen, slow[1].seen, ...ruledOut] as const;
  const about = (seen: Known<unknown>, finding: Omit<Finding<Code>, 'seen'>) =>
    problem({ ...finding, says: `${finding.says}, and ${saysSlow(slow)}` }, [...proofs, seen]);
  const { space, cache, processes } = facts.nas;
  return [
    ...(space?.known ? space.value.flatMap(spaceFinding).map((finding) => about(space, finding)) : []),
    ...(cache?.known ? cacheFinding(facts).map((finding) => about(cache, finding)) : []),
    ...(processes?.known ? threadsFinding(facts).map((finding) => about(processes, finding)) : []),
  ];
}

type About = Omit<Finding<Code>, 'seen'>;
type Space = { readonly name: string; readonly usedPercent: number; readonly fragmentedPercent?: number };

function spaceFinding({ name, usedPercent, fragmentedPercent = 0 }: Space): About[] {
  if (usedPercent >= FULL_PERCENT) {
    return [
      {
        code: 'pool-nearly-full',
        subject: name,
        says: `${name} is ${usedPercent} % full`,
        remedy: 'Make room: old snapshots and dumps first; below 80 % it is quick again.',
        doNot: 'Do not clear errors, add devices to the stripe or move datasets to a pool that has no room for them.',
      },
    ];
  }
  if (fragmentedPercent < FRAGMENTED_PERCENT) return [];
  return [
    {
      code: 'pool-fragmented',
      subject: name,
      says: `The free space of ${name} is ${fragmentedPercent} % fragmented`,
      remedy: 'Nothing puts it together again in place: make room, and in the long run move its data to a new pool.',
      doNot: 'Do not add threads to the server or scrub the pool: neither changes where free space lies.',
    },
  ];
}

function cacheFinding({ nas: { cache }, site }: Facts): About[] {
  if (!cache?.known || cache.value?.nowPercent === undefined) return [];
  const { nowPercent, sinceBootPercent, isFull } = cache.value;
  if (nowPercent >= FEW_HITS_PERCENT) return [];
  const says = `ZFS found ${percent(nowPercent)} in memory while we looked, and ${percent(sinceBootPercent)} since its boot`;
  const subject = site.nas.host.name;
  if (sinceBootPercent >= FEW_HITS_PERCENT) {
    const remedy = 'Nothing to do: cold data is being read, as by the nightly dumps and copies. Look again when they have ended.';
    const doNot = 'Do not move a dataset to a smaller pool for it: that pool would be full, and the next sweep reads as much.';
    return [{ code: 'cache-swept', subject, says, remedy, doNot }];
  }
  if (!isFull) return [];
  const remedy = 'Give the NAS more memory, or let less be read again and again; only then think of other pools.';
  const doNot = 'Do not add threads to the server: they would ask the same disk for the same data.';
  return [{ code: 'working-set-too-large', subject, says: `${says}; its cache is as large as it may be`, remedy, doNot }];
}

/** Idle threads wait for calls; those in state D wait for a disk, which is another cause. */
function threadsFinding({ nas: { processes }, site }: Facts): About[] {
  const threads = processes?.known ? processes.value.filter(({ program }) => /^nfsd\b/.test(program)) : [];
  const isIdle = threads.some(({ state, waitsIn }) => state === 'I' || /^(svc_|rpcsvc)/.test(waitsIn));
  const waiting = threads.filter(({ state }) => state === 'D').length;
  if (threads.length === 0 || isIdle || waiting > threads.length / 2) return [];
  return [
    {
      code: 'threads-busy',
      subject: site.nas.host.name,
      says: `All ${threads.length} threads of the NFS server are at work, ${waiting} of them waiting for a disk`,
      remedy:
        'Find who calls so often (the nodes with the most calls are above) and let it call less; give the NAS more processors.',
      doNot: 'Do not add threads and do not restart the server: more threads on the same processors did not help on 2026-04-22.',
    },
  ];
}
