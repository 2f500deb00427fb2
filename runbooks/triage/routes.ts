import type { EventMeaning } from '../../src/commands/pod-events.ts';
import { ELSEWHERE } from '../../src/commands/pod-events.ts';

export const CODES = {
  'nfs-driver': 'The NFS driver is not registered on a node, so that nothing new is mounted there.',
  'nfs-path': 'The NFS server does not give the path: not exported, exported to others, or not there.',
  'nfs-silent': 'A mount gets no answer: the server is silent, or the client of that node is stuck.',
  'nfs-handle': 'The server no longer knows what a mount has, or cannot give it.',
  'slow-ownership': 'The kubelet changes the owner of every file over NFS before it starts the pod.',
  'block-driver': 'The driver of block volumes is not registered on a node.',
  'no-free-slot': 'The virtual machine of a node has no slot for another disk.',
  'multi-attach': 'A block volume is still attached to another node.',
  'device-missing': 'A block volume was attached by name, and the node has no such disk.',
  'file-system': 'The file system of a block volume is damaged.',
  'block-silent': 'A block volume is not attached or mounted in time: its driver gets no answer.',
  'no-space': 'A volume, its inodes or the pool beneath are full.',
  'node-down': 'A node is not ready, and its pods wait for it.',
  database: 'The program says that its database is damaged.',
  'not-storage': "The namespace's quota or limits refuse the pod.",
} as const;
export type Code = keyof typeof CODES;

/** Where most of what is said of NFS is sent. */
export const NEXT = ['diagnose', 'nfs'] as const;

/** Words of another runbook, and what follows them; a test compares them with the runbooks that the bot has. */
export interface NextRun {
  readonly words: readonly [string, string];
  readonly about: 'node' | 'claim' | 'namespace' | 'driver' | 'service';
}

const BLOCK = ['diagnose', 'block'] as const;
const ISCSI = ['diagnose', 'iscsi'] as const;
const CSI = ['diagnose', 'csi'] as const;
export const ON_NODE: NextRun = { words: ['diagnose', 'node'], about: 'node' };

/** What pods with one cause have in common. `node-or-nas`: one node alone, else the server that all of them wait for. */
type Common = 'node' | 'node-or-nas' | 'volume-or-nas' | 'volume' | 'pod' | 'namespace';

export interface Route {
  readonly code: Code;
  readonly common: Common;
  readonly means: string;
  /** Another runbook than that of NFS. */
  readonly next?: NextRun;
  /** What a person has to know, and does where there is no runbook to go on with. */
  readonly byHand?: string;
}

export function isOfNfs({ next, byHand: advice }: Route): boolean {
  return next === undefined && advice === undefined;
}

const NOT_YET = 'This bot does not have that runbook yet: a person does it.';

function goesOn(
  meaning: keyof typeof ELSEWHERE,
  words: NextRun['words'],
  about: NextRun['about'],
): Pick<Route, 'byHand' | 'next'> {
  return { byHand: ELSEWHERE[meaning] ?? '', next: { words, about } };
}

/** Every driver may time out, and says it in the same words: what it means when the volume is no share. */
export const SILENT_BLOCK: Route = {
  code: 'block-silent',
  common: 'volume',
  means: 'its block volume is not attached or mounted in time',
  byHand: 'Whether the hypervisor, the node or the volume is slow is seen along the whole chain; detach nothing before.',
  next: { words: BLOCK, about: 'claim' },
};

/** The same for a disk that comes over iSCSI. */
export const OVER_ISCSI: NextRun = { words: ISCSI, about: 'node' };

/** The table of the triage: what a text means is said in src/commands/pod-events.ts, where it leads is said here. */
export const ROUTES: Readonly<Record<Exclude<EventMeaning, 'waiting-for-consumer' | 'attempt-still-running'>, Route>> = {
  'nfs-driver-not-registered': {
    code: 'nfs-driver',
    common: 'node',
    means: 'the NFS driver is not registered there',
    byHand: 'The server is not at fault, and nothing is done to it.',
    next: { words: CSI, about: 'driver' },
  },
  'nfs-access-denied': {
    code: 'nfs-path',
    common: 'volume-or-nas',
    means: 'the server denies access: the path is not exported, or not to this client',
  },
  'nfs-no-such-path': {
    code: 'nfs-path',
    common: 'volume-or-nas',
    means: 'the path does not exist on the server, whatever the message says of protocols, or every path is hidden behind fsid=0',
  },
  'nfs-timed-out': {
    code: 'nfs-silent',
    common: 'node-or-nas',
    means: 'the server does not answer, or the NFS client of the node is stuck: the comparison of nodes tells',
  },
  'nfs-stale': { code: 'nfs-handle', common: 'volume-or-nas', means: 'the directory on the server is another one now' },
  'nfs-io-error': {
    code: 'nfs-handle',
    common: 'volume-or-nas',
    means: 'the server gives input/output errors, as NFSv3 does after a restart of some servers',
  },
  'slow-ownership-change': {
    code: 'slow-ownership',
    common: 'volume',
    means: 'the owner of every file is changed over NFS, which takes its time and is no fault of the server',
  },
  'block-driver-not-registered': {
    code: 'block-driver',
    common: 'node',
    means: 'the driver of block volumes is not registered there',
    ...goesOn('block-driver-not-registered', CSI, 'driver'),
  },
  'no-free-slot': {
    code: 'no-free-slot',
    common: 'node',
    means: 'no slot is free for another disk',
    ...goesOn('no-free-slot', BLOCK, 'node'),
  },
  'multi-attach': {
    code: 'multi-attach',
    common: 'volume',
    means: 'the volume is still attached to another node',
    ...goesOn('multi-attach', BLOCK, 'claim'),
  },
  'device-not-found': {
    code: 'device-missing',
    common: 'volume',
    means: 'the volume was attached by name, and the node has no such disk',
    ...goesOn('device-not-found', BLOCK, 'claim'),
  },
  'file-system-damaged': {
    code: 'file-system',
    common: 'volume',
    means: 'its file system is damaged',
    ...goesOn('file-system-damaged', ['restore', 'pvc'], 'claim'),
  },
  'no-space': {
    code: 'no-space',
    common: 'namespace',
    means: 'something is full',
    ...goesOn('no-space', ['diagnose', 'capacity'], 'namespace'),
  },
  'database-malformed': {
    code: 'database',
    common: 'pod',
    means: 'the program says that its database is damaged',
    ...goesOn('database-malformed', ['diagnose', 'sqlite'], 'service'),
  },
  quota: {
    code: 'not-storage',
    common: 'namespace',
    means: 'a quota or limit refuses the pod',
    byHand: ELSEWHERE.quota ?? NOT_YET,
  },
};
