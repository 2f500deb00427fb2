import { describe, expect, it } from 'vitest';
import { cases } from '../../runbooks/diagnose-nfs/cases.ts';
import { CODES } from '../../runbooks/diagnose-nfs/codes.ts';
import type { Case } from '../contract.ts';

interface Row {
  readonly is: string;
  /** Name of a recorded case. */
  readonly recorded: string;
  readonly code: keyof typeof CODES;
  /** What suggests itself there and does harm. */
  readonly never: RegExp;
}

const SERVER = /^truenas\$/m;
const DELETES = /delete --raw=|umount/;
const ANY = /./;

const row = (is: string, recorded: string, code: Row['code'], never: RegExp = ANY): Row => ({ is, recorded, code, never });

/** Each row of the table of evidence and causes for NFS that hangs. */
const DECISIONS: readonly Row[] = [
  row('no node reaches the port, the machine does not run', 'nas-vm-down', 'nas-vm-down', DELETES),
  row('no node reaches the network of the NAS, the NAS is well', 'network-path-down', 'network-path-down'),
  row('the NAS answers and its NFS server is stopped', 'nfsd-stopped', 'nfsd-stopped', /restart/),
  row('only one path is refused, and no line names it', 'export-missing', 'export-missing', /restart|exportfs/),
  row('the line is in the file and not in force: not loaded', 'export-not-loaded', 'export-not-loaded', /restart/),
  row('the line is in the file and not in force: refused', 'export-line-refused', 'export-line-refused'),
  row('the path is empty, its dataset not mounted', 'dataset-not-mounted', 'dataset-not-mounted', DELETES),
  row('every path is missing, and a line has fsid=0', 'fsid-zero', 'fsid-zero', /restart/),
  row('mount.nfs waits on one node only', 'client-wedged', 'client-wedged', SERVER),
  row('an old mount is stale, a fresh one works', 'stale-handle', 'stale-handle', SERVER),
  row('the driver is not registered', 'driver-not-registered', 'driver-not-registered'),
  row('all is slow, nothing refused, the disk busy', 'server-overloaded', 'server-overloaded'),
  row('mounts work, writes are denied', 'write-denied', 'write-denied', /restart|delete/),
  row('all files belong to 65534 over NFSv4', 'owners-unmapped', 'owners-unmapped', /chown|nfs.update/),
  row('NFSv3 fails, NFSv4 works', 'v3-broken', 'v3-broken'),
  row('NFSv4.2 fails, 4.1 works', 'v42-session-broken', 'v42-session-broken'),
  row('a pod waits while kubelet changes its files', 'slow-ownership-change', 'slow-ownership-change'),
  row('only one node does not reach the server', 'node-cut-off', 'node-cut-off'),
];

/** Each incident on NFS of the catalogue, by its number there. */
const INCIDENTS: readonly Row[] = [
  row('R-01: ports of the driver held by what is left of old pods', 'driver-port-forgotten', 'driver-port-forgotten', SERVER),
  row('R-01: the driver has no pod on the node', 'driver-pod-missing', 'driver-pod-missing'),
  row('R-02: a controller on the node holds the port', 'driver-port-taken', 'driver-port-taken'),
  row('R-04: the restart of the server broke NFSv3', 'v3-broken', 'v3-broken'),
  row('R-05: running, ready and frozen', 'frozen-mount', 'frozen-mount', SERVER),
  row('R-06: the class says soft, the mounts are hard', 'hard-mount', 'hard-mount'),
  row('R-07: a dataset hides under the share', 'dataset-hidden', 'dataset-hidden'),
  row('R-08: the script of exports changed nothing', 'export-missing-script', 'export-missing'),
  row('R-09: everything belongs to nobody', 'owners-unmapped', 'owners-unmapped'),
  row('R-10: a job may not write', 'write-denied', 'write-denied', /restart|delete/),
  row('R-12: the hypervisor is a client of a NAS that is gone', 'ghost-client', 'ghost-client'),
  row('R-12: a node is', 'ghost-client-on-node', 'ghost-client'),
  row('G-01: mountd is dead, nfsd lives', 'mountd-down', 'mountd-down', /nfsd|restart/),
  row('G-03: a line is refused', 'export-line-refused', 'export-line-refused'),
  row('G-04: a soft mount lost a write', 'write-maybe-lost', 'write-maybe-lost'),
  row('G-04: on a server that runs Linux', 'write-maybe-lost-on-debian', 'write-maybe-lost'),
];

describe.each([
  ['the decision table', DECISIONS],
  ['the catalogue of incidents', INCIDENTS],
] as const)('%s', (_table, rows) => {
  it.each(rows.map((each) => [each.is, each] as const))('%s', (_is, { recorded, code, never }) => {
    const all: readonly Case[] = cases;
    const found = all.find(({ scenario, name }) => (name ?? scenario) === recorded);
    expect(found?.findings.map((finding) => finding.split(' ')[0])).toContain(code);
    expect(found?.changes.filter((line) => never.test(line))).toEqual([]);
  });
});

it('has a row for every cause, but for those that are of no table', () => {
  const rows = new Set([...DECISIONS, ...INCIDENTS].map(({ code }) => code));
  const others = Object.keys(CODES).filter((code) => ![...rows].some((each) => each === code));
  expect(others.toSorted()).toEqual([
    'event-elsewhere',
    'export-wrong-network',
    'path-missing',
    'pod-stuck-terminating',
    'server-unreachable',
  ]);
});
