import type { Host } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import { samplesOf } from './samples.ts';

// The kernel counts here what goes to storage, NFS among it, and not what the page cache answers. Nothing of it touches a mount.
const TWO_LOOKS = [
  'look() { cat /proc/uptime; grep -s -H kubepods /proc/[0-9]*/cgroup; grep -s -H -E "^(read|write)_bytes" /proc/[0-9]*/io; };',
  'look; sleep 3; look; true',
].join(' ');

export interface PodTraffic {
  readonly podUid: string;
  readonly readKBPerS: number;
  readonly writeKBPerS: number;
}

/** What the processes of each pod read from and wrote to storage within three seconds: the busiest first. */
export function podTraffic(node: Host) {
  return defineRead<readonly PodTraffic[]>({
    asks: `Which pods of ${node.name} read and write how much?`,
    command: boundedAsRoot(node, 8, ['sh', '-c', TWO_LOOKS, 'storagebot']),
    answers: [0],
    parse: ({ stdout }) => parsePodTraffic(stdout),
  });
}

interface Processes {
  readonly podOf: ReadonlyMap<string, string>;
  readonly read: ReadonlyMap<string, number>;
  readonly written: ReadonlyMap<string, number>;
}

export function parsePodTraffic(text: string): PodTraffic[] {
  const [first, second] = samplesOf(text);
  const [before, after] = [processesIn(first.text), processesIn(second.text)];
  const perS = (bytes: number) => bytes / 1024 / (second.uptimeS - first.uptimeS);
  const pods = Map.groupBy([...after.podOf.keys()], (pid) => after.podOf.get(pid) ?? '');
  return [...pods]
    .map(([podUid, pids]) => {
      // A process that was not there before has begun in between, with counters at nothing.
      const grown = (of: 'read' | 'written') =>
        pids.reduce((sum, pid) => sum + Math.max(0, (after[of].get(pid) ?? 0) - (before[of].get(pid) ?? 0)), 0);
      return { podUid, readKBPerS: perS(grown('read')), writeKBPerS: perS(grown('written')) };
    })
    .toSorted((a, b) => trafficOf(b) - trafficOf(a) || (a.podUid < b.podUid ? -1 : 1));
}

function trafficOf({ readKBPerS, writeKBPerS }: PodTraffic): number {
  return readKBPerS + writeKBPerS;
}

// A static pod, as those of a control plane, is named by the hash of its file: 32 digits without dashes.
const LINE =
  /^\/proc\/(\d+)\/(?:cgroup:.*[/-]pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})\b|(io):(read|write)_bytes: (\d+)$)/;

function processesIn(text: string): Processes {
  const [podOf, read, written] = [new Map<string, string>(), new Map<string, number>(), new Map<string, number>()];
  for (const line of linesOf(text)) {
    const [, pid, uid, io, way, bytes] = LINE.exec(line) ?? [];
    if (pid === undefined) throw new Error(`not a line of a process: ${line}`);
    if (uid !== undefined) podOf.set(pid, uid.replaceAll('_', '-'));
    if (io !== undefined) (way === 'read' ? read : written).set(pid, Number(bytes));
  }
  if (podOf.size === 0 || read.size === 0) throw new Error('it shows no process of any pod');
  return { podOf, read, written };
}
