import type { Host } from '../core/command.ts';
import { defineRead } from '../core/command.ts';
import type { Output } from '../core/output.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';

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
  requireWhole(output);
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

/** A session of which the kernel tells nothing is left out, and iscsiadm ends with 0 all the same. */
function requireWhole({ stderr }: Output): void {
  if (/could not (?:read|find|get)|can not get/i.test(stderr)) throw new Error(stderr);
}

export interface AttachedDisk {
  /** `sda`. */
  readonly name: string;
  /** `running`, `blocked`, `transport-offline` … */
  readonly state: string;
}

export interface Session extends SessionRow {
  /** The name that the node gave itself at the server. */
  readonly initiator: string;
  /** `LOGGED IN`, `TRANSPORT WAIT` … */
  readonly connection: string;
  /** `LOGGED_IN`, `FAILED`, `FREE`. */
  readonly state: string;
  /** `NO CHANGE`, `REOPEN` … */
  readonly iscsid: string;
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
  requireWhole(output);
  const sessions = blocksOf(output.stdout).map(toSession);
  if (sessions.length === 0) throw new Error('no session is described');
  return sessions;
}

interface Block {
  readonly iqn: string;
  readonly portal: string;
  readonly lines: string[];
}

/** Each session begins with its interface. Those of one target at one portal stand below one line of each. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let [iqn, portal] = ['', ''];
  for (const line of linesOf(text).map((each) => each.trim())) {
    const target = /^Target: (\S+)/.exec(line)?.[1];
    // Its record and the plain list have the persistent portal; a server may have led the session on to another one.
    const persistent = /^Persistent Portal: (.*)$/.exec(line)?.[1];
    if (target !== undefined) iqn = target;
    else if (persistent !== undefined) portal = portalIn(persistent);
    else if (line === 'Interface:') blocks.push({ iqn, portal, lines: [] });
    else blocks.at(-1)?.lines.push(line);
  }
  return blocks;
}

function toSession({ iqn, portal, lines }: Block): Session {
  const field = (name: string) => {
    const value = lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    if (value === undefined) throw new Error(`${iqn}: no ${name}`);
    return value;
  };
  if (iqn === '' || portal === '') throw new Error('a session without target or portal');
  return {
    iqn,
    portal,
    sid: wholeNumber(field('SID')),
    initiator: field('Iface Initiatorname'),
    connection: stateIn(field('iSCSI Connection State')),
    state: stateIn(field('iSCSI Session State')),
    iscsid: stateIn(field('Internal iscsid Session State')),
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
  /** `off`: its disks are held back until the server is there again, however long that takes. */
  readonly recoveryTimeoutS: number | 'off';
  /** What it was given at its login. A session that is not logged in may have none. */
  readonly login?: LiveLogin;
  readonly disks: readonly LiveDisk[];
}

export interface LiveLogin {
  /** A ping goes out after so long without a sign of the server … */
  readonly pingAfterS: number;
  /** … and the connection is given up where it is not answered within this. */
  readonly pingTimeoutS: number;
  /** Whether headers and data carry checksums, as the server agreed. */
  readonly headerDigest: boolean;
  readonly dataDigest: boolean;
}

export interface LiveDisk extends AttachedDisk {
  /** What the kernel built on it or on a partition of it: `dm-0`, `swap`. */
  readonly holders: readonly string[];
  /** File systems that live on it, mounted in whichever namespace: `ext4`. The table of mounts shows those of the host alone. */
  readonly fileSystems: readonly string[];
}

/** A line for each session, its connection, each of its disks and all that stands on one; the first line says that it looked. */
export const SYSFS_SCRIPT =
  'echo sessions; for s in /sys/class/iscsi_session/session*; do [ -e "$s" ] || continue; echo "${s##*/} $(cat "$s/targetname") $(cat "$s/state") $(cat "$s/recovery_tmo")"; for c in "$s"/device/connection*/iscsi_connection/connection*; do [ -e "$c" ] || continue; echo "login $(cat "$c/recv_tmo") $(cat "$c/ping_tmo") $(cat "$c/header_digest") $(cat "$c/data_digest")"; done; for b in "$s"/device/target*/*:*/block/*; do [ -e "$b" ] || continue; echo "disk ${b##*/} $(cat "$b/device/state")"; for p in "$b" "$b/${b##*/}"[0-9]*; do [ -e "$p" ] || continue; n="${p##*/}"; for h in "$p"/holders/*; do [ -e "$h" ] && echo "holder ${h##*/}"; done; for f in /sys/fs/*/"$n"; do [ -e "$f" ] && f="${f%/*}" && echo "filesystem ${f##*/}"; done; grep -q "^/dev/$n " /proc/swaps && echo "holder swap"; done; done; done; exit 0';

export function liveSessions(node: Host) {
  return defineRead<readonly LiveSession[]>({
    asks: `What does the kernel of ${node.name} say of its iSCSI sessions?`,
    command: boundedAsRoot(node, LOOK_S, ['sh', '-c', SYSFS_SCRIPT, 'sessions']),
    answers: [0],
    parse: ({ stdout }) => parseLiveSessions(stdout),
  });
}

interface OpenSession extends LiveSession {
  login?: LiveLogin;
  readonly disks: OpenDisk[];
}

interface OpenDisk extends LiveDisk {
  readonly holders: string[];
  readonly fileSystems: string[];
}

export function parseLiveSessions(text: string): LiveSession[] {
  const [first, ...rows] = linesOf(text);
  if (first !== 'sessions') throw new Error('it did not look');
  const sessions: OpenSession[] = [];
  for (const row of rows.map((each) => each.trim())) {
    const begun = sessionIn(row);
    if (begun === undefined) addTo(sessions.at(-1), row);
    else sessions.push(begun);
  }
  const bare = sessions.find(({ state, login }) => state === 'LOGGED_IN' && login === undefined);
  if (bare !== undefined) throw new Error(`session ${bare.sid} is logged in without a connection`);
  return sessions;
}

function sessionIn(row: string): OpenSession | undefined {
  const [, sid, iqn, state, seconds = ''] = /^session(\d+) (\S+) (\S+) (\S+)$/.exec(row) ?? [];
  if (sid === undefined || iqn === undefined || state === undefined) return undefined;
  const recoveryTimeoutS = seconds === 'off' ? seconds : wholeNumber(seconds);
  return { sid: Number(sid), iqn, state: stateIn(state), recoveryTimeoutS, disks: [] };
}

function addTo(session: OpenSession | undefined, row: string): void {
  const [what, one = '', ...more] = row.split(/\s+/);
  const disk = session?.disks.at(-1);
  if (what === 'login' && session !== undefined && session.login === undefined) session.login = loginIn([one, ...more]);
  else if (what === 'disk' && session !== undefined && more[0] !== undefined && more.length === 1)
    session.disks.push({ name: one, state: more[0], holders: [], fileSystems: [] });
  else if (disk === undefined || one === '' || more.length > 0) throw new Error(`not of a session: ${row}`);
  else if (what === 'holder') disk.holders.push(one);
  else if (what === 'filesystem') disk.fileSystems.push(one);
  else throw new Error(`not of a session: ${row}`);
}

function loginIn([after = '', timeout = '', header = '', data = '']: readonly string[]): LiveLogin {
  if (!/^[01]$/.test(header) || !/^[01]$/.test(data)) throw new Error(`not whether there are digests: ${header} ${data}`);
  return {
    pingAfterS: wholeNumber(after),
    pingTimeoutS: wholeNumber(timeout),
    headerDigest: header === '1',
    dataDigest: data === '1',
  };
}
