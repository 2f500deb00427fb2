import { NAS_ADDRESS } from './addresses.ts';
import { portOf } from './nfs.ts';
import type { LabNode } from './node.ts';
import { kernelSays } from './node.ts';
import { shortIso } from './time.ts';
import type { World } from './world.ts';

/** What a target of the NAS gives to those who log in. */
export interface LabTarget {
  readonly iqn: string;
  /** The extent, or backstore, behind its only LUN. */
  readonly name: string;
  readonly path: string;
  /** False: somebody removed the extent. */
  hasDevice: boolean;
  /** Nodes that are not in its group of initiators: they do not see it. */
  readonly hiddenFrom: Set<string>;
  /** It agrees to no checksums, whatever an initiator offers. */
  declinesDigests?: boolean;
  /** CHAP does not let anybody in. */
  refuses: boolean;
  readonly fileSystem: { needsRecovery: boolean; hasErrors: boolean; isDestroyed?: boolean };
}

export interface IscsiServer {
  runs: boolean;
  readonly targets: LabTarget[];
}

export type RecordSettings = Record<string, string>;

export interface LabSession {
  readonly sid: number;
  readonly iqn: string;
  readonly portal: string;
  readonly host: number;
  state: 'LOGGED_IN' | 'FAILED' | 'FREE';
  recoveryS: number | 'off';
  /** What its login was given. */
  readonly pings: { readonly afterS: number; readonly timeoutS: number };
  readonly digests: { readonly header: boolean; readonly data: boolean };
  readonly disks: LabIscsiDisk[];
}

export interface LabIscsiDisk {
  readonly name: string;
  state: 'running' | 'blocked' | 'transport-offline';
  readonly holders: string[];
  /** Its file system is mounted in the namespace of a container, which the node's own table does not show. */
  mountedElsewhere?: boolean;
  readonly openers: number[];
}

/** The iSCSI initiator of a node. */
export interface Initiator {
  readonly sessions: LabSession[];
  readonly records: Map<string, { readonly portal: string; readonly settings: RecordSettings }>;
  /** What iscsid.conf begins new records with. */
  readonly conf: RecordSettings;
  readonly log: { readonly atMs: number; readonly text: string }[];
  lastSid: number;
}

export const DEFAULTS: RecordSettings = {
  'node.session.timeo.replacement_timeout': '120',
  'node.conn[0].timeo.noop_out_interval': '5',
  'node.conn[0].timeo.noop_out_timeout': '5',
  'node.conn[0].iscsi.HeaderDigest': 'None',
  'node.conn[0].iscsi.DataDigest': 'None',
};

export const HARD: RecordSettings = {
  'node.session.timeo.replacement_timeout': '300',
  'node.conn[0].timeo.noop_out_interval': '10',
  'node.conn[0].timeo.noop_out_timeout': '15',
  'node.conn[0].iscsi.HeaderDigest': 'CRC32C,None',
  'node.conn[0].iscsi.DataDigest': 'CRC32C,None',
};

export const PORTAL = `${NAS_ADDRESS}:3260`;

export function newInitiator(): Initiator {
  return { sessions: [], records: new Map(), conf: { ...HARD }, log: [], lastSid: 0 };
}

export function newIscsiServer(): IscsiServer {
  return { runs: true, targets: [] };
}

export function iqnOf(volume: string): string {
  return `iqn.2005-10.org.freenas.ctl:csi-${volume}`;
}

export type Parts = Pick<World, 'nas' | 'hypervisor'> & { readonly time: { readonly nowMs: number } };

/** Targets that the server shows to this node. */
export function targetsFor({ nas }: Pick<Parts, 'nas'>, node: Pick<LabNode, 'name'>): readonly LabTarget[] {
  return nas.iscsi.targets.filter(({ hiddenFrom }) => !hiddenFrom.has(node.name));
}

export function daemonSays({ iscsi, name }: LabNode, atMs: number, text: string): void {
  iscsi.log.push({ atMs, text: `${shortIso(atMs)} ${name} iscsid[1161]: ${text}` });
}

export type Login = 'in' | 'present' | 'no-record' | 'refused' | 'hangs';

/** What `iscsiadm -m node … --login` meets. */
export function login(parts: Parts, node: LabNode, iqn: string): Login {
  const record = node.iscsi.records.get(iqn);
  if (record === undefined) return 'no-record';
  if (node.iscsi.sessions.some((session) => session.iqn === iqn)) return 'present';
  const target = targetsFor(parts, node).find((each) => each.iqn === iqn);
  if (portOf(parts, node, NAS_ADDRESS, 3260) !== 'open' || target === undefined) return 'hangs';
  if (target.refuses) {
    daemonSays(node, parts.time.nowMs, `Login failed to authenticate with target ${iqn}`);
    return 'refused';
  }
  begin(parts, node, { target, settings: record.settings });
  return 'in';
}

function begin({ time }: Parts, node: LabNode, { target, settings }: { target: LabTarget; settings: RecordSettings }): void {
  const sid = ++node.iscsi.lastSid;
  const host = 5 + sid;
  const numberOf = (name: string) => Number(settings[name]);
  const agrees = (name: string) => target.declinesDigests !== true && settings[name]?.startsWith('CRC32C') === true;
  const name = freeDisk(node);
  const disks: LabIscsiDisk[] = target.hasDevice ? [{ name, state: 'running', holders: [], openers: [] }] : [];
  node.iscsi.sessions.push({
    sid,
    iqn: target.iqn,
    portal: PORTAL,
    host,
    state: 'LOGGED_IN',
    recoveryS: numberOf('node.session.timeo.replacement_timeout'),
    pings: {
      afterS: numberOf('node.conn[0].timeo.noop_out_interval'),
      timeoutS: numberOf('node.conn[0].timeo.noop_out_timeout'),
    },
    digests: { header: agrees('node.conn[0].iscsi.HeaderDigest'), data: agrees('node.conn[0].iscsi.DataDigest') },
    disks,
  });
  kernelSays(node, time.nowMs, `scsi host${host}: iSCSI Initiator over TCP/IP`);
  if (disks.length > 0) kernelSays(node, time.nowMs, `sd ${host}:0:0:0: [${name}] Attached SCSI disk`);
  daemonSays(
    node,
    time.nowMs,
    `Connection${sid}:0 to [target: ${target.iqn}, portal: ${NAS_ADDRESS},3260] through [iface: default] is operational now`,
  );
}

/** Far behind the names of disks that the hypervisor plugs in. */
function freeDisk({ iscsi }: LabNode): string {
  const used = iscsi.sessions.flatMap(({ disks }) => disks.map(({ name }) => name));
  const free = 'q r s t u v w x y z'
    .split(' ')
    .map((letter) => `sd${letter}`)
    .find((name) => !used.includes(name));
  if (free === undefined) throw new Error('The lab has no more names for disks');
  return free;
}

/** The session goes, and its disk with it: whatever is mounted from it breaks. */
export function logout({ time, nas }: Parts, node: LabNode, iqn: string): LabSession | undefined {
  const session = node.iscsi.sessions.find((each) => each.iqn === iqn);
  if (session === undefined) return undefined;
  node.iscsi.sessions.splice(node.iscsi.sessions.indexOf(session), 1);
  daemonSays(
    node,
    time.nowMs,
    `Connection${session.sid}:0 to [target: ${iqn}, portal: ${NAS_ADDRESS},3260] through [iface: default] is shutdown.`,
  );
  for (const { name } of session.disks) {
    const isMounted = node.mounts.some(({ device }) => device === `/dev/${name}`);
    const target = nas.iscsi.targets.find((each) => each.iqn === iqn);
    if (isMounted) abort(node, time.nowMs, name, target);
  }
  return session;
}

/** ext4 gives up its journal; the table of mounts goes on saying rw. */
export function abort(node: LabNode, nowMs: number, disk: string, target?: LabTarget): void {
  kernelSays(node, nowMs, `I/O error, dev ${disk}, sector 5704 op 0x1:(WRITE) flags 0x800 phys_seg 128 prio class 2`);
  kernelSays(node, nowMs, `Aborting journal on device ${disk}-8.`);
  kernelSays(node, nowMs, `EXT4-fs error (device ${disk}): ext4_journal_check_start:83: comm node: Detected aborted journal`);
  kernelSays(node, nowMs, `EXT4-fs (${disk}): Remounting filesystem read-only`);
  if (target !== undefined) target.fileSystem.needsRecovery = true;
}

/** The connection was lost so long ago; once the kernel has waited its time the disk is given up. */
export function drop(
  node: LabNode,
  session: LabSession,
  { atMs, nowMs, code = 1022 }: { atMs: number; nowMs: number; code?: 1020 | 1022 },
): void {
  const { sid, pings } = session;
  const recoveryS = session.recoveryS === 'off' ? Number.POSITIVE_INFINITY : session.recoveryS;
  const isOver = nowMs - atMs >= recoveryS * 1_000;
  session.state = isOver ? 'FREE' : 'FAILED';
  for (const disk of session.disks) disk.state = isOver ? 'transport-offline' : 'blocked';
  if (code === 1022)
    kernelSays(
      node,
      atMs,
      ` connection${sid}:0: ping timeout of ${pings.timeoutS} secs expired, recv timeout ${pings.afterS}, last rx 4295185606, last ping 4295186857, now 4295188160`,
    );
  kernelSays(node, atMs, ` connection${sid}:0: detected conn error (${code})`);
  const why = code === 1022 ? 'ISCSI_ERR_NOP_TIMEDOUT: A NOP has timed out' : 'ISCSI_ERR_TCP_CONN_CLOSE: TCP connection closed';
  daemonSays(node, atMs, `Kernel reported iSCSI connection ${sid}:0 error (${code} - ${why}) state (3)`);
  if (isOver) kernelSays(node, atMs + recoveryS * 1_000, ` session${sid}: session recovery timed out after ${recoveryS} secs`);
}

/** The connection is back; what file systems made of the cut stays. */
export function recover(node: LabNode, session: LabSession, nowMs: number): void {
  session.state = 'LOGGED_IN';
  for (const disk of session.disks) disk.state = 'running';
  daemonSays(node, nowMs, `connection${session.sid}:0 is operational after recovery (3 attempts)`);
}
