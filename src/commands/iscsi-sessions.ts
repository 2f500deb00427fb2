import type { Host } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { Output } from '../core/output.ts';
import { boundedAsRoot, endedByTimeout, linesOf } from './bounded.ts';

const LOOK_S = 5;

/** What iscsiadm ends with where there is no session, no record or no portal. */
export const NOTHING_FOUND = 21;

export interface SessionRow {
  readonly sid: number;
  /** `10.0.10.15:3260`. */
  readonly portal: string;
  readonly iqn: string;
}

/** That there is a session. Whether it works is not said here: a dead one is listed in the same words. */
export function iscsiSessions(node: Host) {
  return defineRead<readonly SessionRow[]>({
    asks: `Which iSCSI sessions does ${node.name} have?`,
    command: boundedAsRoot(node, LOOK_S, ['iscsiadm', '-m', 'session']),
    answers: [0, NOTHING_FOUND],
    parse: parseSessions,
  });
}

export function parseSessions(output: Output): SessionRow[] {
  if (output.exitCode === NOTHING_FOUND) return requireNone(output);
  const rows = linesOf(output.stdout).map((line) => {
    const [, sid, portal, iqn] = /^tcp: \[(\d+)\] (\S+:\d+),\d+ (\S+)(?: \((?:non-)?flash\))?$/.exec(line) ?? [];
    if (sid === undefined || portal === undefined || iqn === undefined) throw new Error(`not a session: ${line}`);
    return { sid: Number(sid), portal, iqn };
  });
  if (rows.length === 0) throw new Error('iscsiadm ends with 21 where there is no session, and it said nothing');
  return rows;
}

function requireNone({ stdout, stderr }: Output): [] {
  if (/No active sessions\./.test(stdout + stderr)) return [];
  throw new Error(stdout + stderr);
}

export interface AttachedDisk {
  /** `sda`. */
  readonly name: string;
  /** `running`, `blocked`, `transport-offline` … */
  readonly state: string;
}

export interface Session extends SessionRow {
  /** `LOGGED IN`, `TRANSPORT WAIT` … */
  readonly connection: string;
  /** `LOGGED_IN`, `FAILED`, `FREE`. */
  readonly state: string;
  /** `NO CHANGE`, `REOPEN` … */
  readonly iscsid: string;
  readonly recoveryTimeoutS: number;
  readonly headerDigest: string;
  readonly dataDigest: string;
  readonly disks: readonly AttachedDisk[];
}

/** How each session is, with its disks. */
export function sessionDetails(node: Host) {
  return defineRead<readonly Session[]>({
    asks: `How are the iSCSI sessions of ${node.name}?`,
    command: boundedAsRoot(node, LOOK_S, ['iscsiadm', '-m', 'session', '-P', '3']),
    answers: [0, NOTHING_FOUND],
    parse: parseSessionDetails,
  });
}

export function parseSessionDetails(output: Output): Session[] {
  if (output.exitCode === NOTHING_FOUND) return requireNone(output);
  const sessions = blocksOf(output.stdout).map(({ iqn, lines }) => toSession(iqn, lines));
  if (sessions.length === 0) throw new Error('no session is described');
  return sessions;
}

interface Block {
  readonly iqn: string;
  readonly lines: string[];
}

/** A target may have several sessions, each of which begins with its portal. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let iqn: string | undefined;
  for (const line of linesOf(text).map((each) => each.trim())) {
    const target = /^Target: (\S+)/.exec(line)?.[1];
    if (target !== undefined) iqn = target;
    else if (line.startsWith('Current Portal: ') && iqn !== undefined) blocks.push({ iqn, lines: [line] });
    else blocks.at(-1)?.lines.push(line);
  }
  return blocks;
}

/** By its persistent portal, which its record and the plain list have; a server may have led it on to another one. */
function toSession(iqn: string, lines: readonly string[]): Session {
  const field = (name: string) => {
    const value = lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    if (value === undefined) throw new Error(`${iqn}: no ${name}`);
    return value;
  };
  return {
    iqn,
    portal: portalIn(field('Persistent Portal')),
    sid: wholeNumber(field('SID')),
    connection: stateIn(field('iSCSI Connection State')),
    state: stateIn(field('iSCSI Session State')),
    iscsid: stateIn(field('Internal iscsid Session State')),
    recoveryTimeoutS: wholeNumber(field('Recovery Timeout')),
    headerDigest: field('HeaderDigest'),
    dataDigest: field('DataDigest'),
    disks: lines.flatMap((line) => {
      const [, name, state] = /^Attached scsi disk (\w+)\s+State: (\S+)$/.exec(line) ?? [];
      return name === undefined || state === undefined ? [] : [{ name, state }];
    }),
  };
}

function portalIn(text: string): string {
  const portal = /^(\S+:\d+),-?\d+$/.exec(text)?.[1];
  if (portal === undefined) throw new Error(`not a portal: ${text}`);
  return portal;
}

function stateIn(text: string): string {
  if (/^[A-Z]+(?:[_ ][A-Z]+)*$/.test(text)) return text;
  throw new Error(`not a state: ${text}`);
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`not a number: ${text}`);
}

/** What the kernel itself has, which iscsiadm may not show. */
export interface LiveSession {
  readonly sid: number;
  readonly iqn: string;
  readonly state: string;
  readonly recoveryTimeoutS: number;
  readonly disks: readonly LiveDisk[];
}

export interface LiveDisk extends AttachedDisk {
  /** What the kernel built on it or on a partition of it: `dm-0`, `swap`. */
  readonly holders: readonly string[];
  /** File systems that live on it, mounted in whichever namespace: `ext4`. The table of mounts shows those of the host alone. */
  readonly fileSystems: readonly string[];
}

/** A line for each session, each of its disks and all that stands on one; the first line says that it looked. */
export const SYSFS_SCRIPT =
  'echo sessions; for s in /sys/class/iscsi_session/session*; do [ -e "$s" ] || continue; echo "${s##*/} $(cat "$s/targetname") $(cat "$s/state") $(cat "$s/recovery_tmo")"; for b in "$s"/device/target*/*:*/block/*; do [ -e "$b" ] || continue; echo "disk ${b##*/} $(cat "$b/device/state")"; for p in "$b" "$b/${b##*/}"[0-9]*; do [ -e "$p" ] || continue; n="${p##*/}"; for h in "$p"/holders/*; do [ -e "$h" ] && echo "holder ${h##*/}"; done; for f in /sys/fs/*/"$n"; do [ -e "$f" ] && f="${f%/*}" && echo "filesystem ${f##*/}"; done; grep -q "^/dev/$n " /proc/swaps && echo "holder swap"; done; done; done; exit 0';

export function liveSessions(node: Host) {
  return defineRead<readonly LiveSession[]>({
    asks: `What does the kernel of ${node.name} say of its iSCSI sessions?`,
    command: boundedAsRoot(node, LOOK_S, ['sh', '-c', SYSFS_SCRIPT, 'sessions']),
    answers: [0],
    parse: ({ stdout }) => parseLiveSessions(stdout),
  });
}

export function parseLiveSessions(text: string): LiveSession[] {
  const [first, ...rows] = linesOf(text);
  if (first !== 'sessions') throw new Error('it did not look');
  const sessions: (Omit<LiveSession, 'disks'> & { readonly disks: OpenDisk[] })[] = [];
  for (const row of rows) {
    const [head = '', ...words] = row.trim().split(/\s+/);
    const sid = /^session(\d+)$/.exec(head)?.[1];
    const [one, state, third] = words;
    const disks = sessions.at(-1)?.disks;
    if (sid !== undefined && words.length === 3 && one !== undefined && state !== undefined)
      sessions.push({ sid: Number(sid), iqn: one, state: stateIn(state), recoveryTimeoutS: secondsIn(third), disks: [] });
    else if (head === 'disk' && words.length === 2 && one !== undefined && state !== undefined && disks !== undefined)
      disks.push({ name: one, state, holders: [], fileSystems: [] });
    else addToDisk(disks?.at(-1), row.trim());
  }
  return sessions;
}

interface OpenDisk extends LiveDisk {
  readonly holders: string[];
  readonly fileSystems: string[];
}

function addToDisk(disk: OpenDisk | undefined, row: string): void {
  const [, what, name] = /^(holder|filesystem) (\S+)$/.exec(row) ?? [];
  if (disk === undefined || name === undefined) throw new Error(`not of a session: ${row}`);
  (what === 'holder' ? disk.holders : disk.fileSystems).push(name);
}

function secondsIn(text = ''): number {
  return text === 'off' ? 0 : wholeNumber(text);
}

export interface KnownTarget {
  readonly portal: string;
  readonly iqn: string;
}

/** What the server lists to this very node, without writing it into the node's records. */
export type TargetList =
  | { readonly answer: 'listed'; readonly targets: readonly KnownTarget[] }
  | { readonly answer: 'silent' | 'refused' };

const PORTAL = /^(?:\[([\da-fA-F:.]{2,45})\]|([A-Za-z0-9][\w.-]{0,252})):(\d{1,5})$/;

/** Address and port of `10.0.10.15:3260` or `[fd00::15]:3260`; undefined for anything else. */
export function portalParts(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, six, four, port] = PORTAL.exec(text) ?? [];
  const address = six ?? four;
  return address === undefined ? undefined : { address, port: Number(port) };
}

export function requirePortal(text: string): string {
  partsOfPortal(text);
  return text;
}

export function partsOfPortal(text: string): NonNullable<ReturnType<typeof portalParts>> {
  const parts = portalParts(text);
  if (parts !== undefined) return parts;
  throw new Refusal('bad-request', `${JSON.stringify(text.slice(0, 300))} is no portal, as 10.0.10.15:3260 is`);
}

const DISCOVERY_S = 10;

export function listedTargets(node: Host, portal: string) {
  return defineRead<TargetList>({
    asks: `Which iSCSI targets does ${portal} list to ${node.name}?`,
    command: boundedAsRoot(node, DISCOVERY_S, [
      'iscsiadm',
      '-m',
      'discovery',
      '-t',
      'sendtargets',
      '-o',
      'nonpersistent',
      '-p',
      requirePortal(portal),
    ]),
    answers: [0, 4, 8, 11, NOTHING_FOUND, 124, 137],
    parse: parseDiscovery,
  });
}

export function parseDiscovery(output: Output): TargetList {
  const { exitCode, stdout, stderr } = output;
  if (exitCode === 0) {
    const targets = parseTargets(stdout);
    if (targets.length === 0) throw new Error('iscsiadm ends with 21 where no target is listed, and it said nothing');
    return { answer: 'listed', targets };
  }
  const said = stdout + stderr;
  if (exitCode === NOTHING_FOUND && /No portals found|No records found/.test(said)) return { answer: 'listed', targets: [] };
  if (endedByTimeout(output)) return { answer: 'silent' };
  if (/Connection refused/.test(said)) return { answer: 'refused' };
  if (/timed out|No route to host|Network is unreachable|encountered connection failure/.test(said)) return { answer: 'silent' };
  throw new Error(said);
}

/** `10.77.0.1:3260,1 iqn.…`, as discovery prints targets and `-m node` prints records. */
export function parseTargets(text: string): KnownTarget[] {
  return linesOf(text).map((line) => {
    const [, portal, iqn] = /^(\S+:\d+),-?\d+ (\S+)$/.exec(line) ?? [];
    if (portal === undefined || iqn === undefined) throw new Error(`not a target: ${line}`);
    return { portal, iqn };
  });
}
