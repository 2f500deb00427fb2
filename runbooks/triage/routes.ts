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
  database: 'The program says that its database is damaged.',
  'not-storage': "The namespace's quota or limits refuse the pod.",
} as const;
export type Code = keyof typeof CODES;

/** The only runbook to which this one sends people; a test compares it with those that the bot has. */
export const NEXT = ['diagnose', 'nfs'] as const;

/** What pods with one cause have in common. `node-or-nas`: one node alone, else the server that all of them wait for. */
type Common = 'node' | 'node-or-nas' | 'volume-or-nas' | 'volume' | 'pod' | 'namespace';

export interface Route {
  readonly code: Code;
  readonly common: Common;
  readonly means: string;
  /** Where there is no runbook to go on with: what a person does. */
  readonly byHand?: string;
}

const NOT_YET = 'This bot does not have that runbook yet: a person does it.';

function byHand(meaning: keyof typeof ELSEWHERE): Pick<Route, 'byHand'> {
  return { byHand: `${ELSEWHERE[meaning]} ${NOT_YET}` };
}

/** The table of the triage: what a text means is said in src/commands/pod-events.ts, where it leads is said here. */
export const ROUTES: Readonly<Record<Exclude<EventMeaning, 'waiting-for-consumer' | 'attempt-still-running'>, Route>> = {
  'nfs-driver-not-registered': { code: 'nfs-driver', common: 'node', means: 'the NFS driver is not registered there' },
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
    ...byHand('block-driver-not-registered'),
  },
  'no-free-slot': { code: 'no-free-slot', common: 'node', means: 'no slot is free for another disk', ...byHand('no-free-slot') },
  'multi-attach': {
    code: 'multi-attach',
    common: 'volume',
    means: 'the volume is still attached to another node',
    ...byHand('multi-attach'),
  },
  'device-not-found': {
    code: 'device-missing',
    common: 'volume',
    means: 'the volume was attached by name, and the node has no such disk',
    ...byHand('device-not-found'),
  },
  'file-system-damaged': {
    code: 'file-system',
    common: 'volume',
    means: 'its file system is damaged',
    ...byHand('file-system-damaged'),
  },
  'database-malformed': {
    code: 'database',
    common: 'pod',
    means: 'the program says that its database is damaged',
    ...byHand('database-malformed'),
  },
  quota: {
    code: 'not-storage',
    common: 'namespace',
    means: 'a quota or limit refuses the pod',
    byHand: ELSEWHERE.quota ?? NOT_YET,
  },
};
