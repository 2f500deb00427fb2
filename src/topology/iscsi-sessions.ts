import type { Pod } from '../commands/cluster-objects.ts';
import type { DaemonFact, DiskMount } from '../commands/iscsi-node.ts';
import type { LiveSession, Session } from '../commands/iscsi-sessions.ts';
import type { Known, Seen } from '../core/reading.ts';
import { usesClaim } from './claim-users.ts';
import type { InitiatorLook, IscsiLook, IscsiVolume, NodeLook, PortalLook, RecordLook } from './iscsi-look.ts';
import { waitingClaims } from './iscsi-look.ts';
import { nameOf } from './stopped-users.ts';

/** A session as iscsiadm and the kernel show it, each of them known. */
export interface SessionLook {
  readonly node: NodeLook;
  readonly initiator: InitiatorLook;
  readonly session: Session;
  /** Absent where the kernel does not have it. */
  readonly live?: LiveSession;
  /** Both views: `iscsiadm -m session` alone would list a dead one as it lists a sound one. */
  readonly proofs: readonly [Known<unknown>, Known<unknown>];
  /** One for each LUN of the target that Kubernetes knows. */
  readonly volumes: readonly IscsiVolume[];
}

/** All sessions of the nodes that were looked at. */
export function sessionsOf({ nodes, volumes = [] }: IscsiLook): readonly SessionLook[] {
  return nodes.flatMap((node): SessionLook[] => {
    const { initiator } = node;
    const [details, live] = [initiator?.details, initiator?.live];
    if (initiator === undefined || details?.known !== true || live?.known !== true) return [];
    return details.value.map((session) => {
      const own = live.value.find(({ sid, iqn }) => sid === session.sid && iqn === session.iqn);
      const on = volumesOn(volumes, session.iqn);
      return { node, initiator, session, proofs: [details, live], volumes: on, ...(own && { live: own }) };
    });
  });
}

export function volumesOn(volumes: readonly IscsiVolume[], iqn: string): readonly IscsiVolume[] {
  return volumes.filter(({ target }) => target?.iqn === iqn);
}

/** Logged in as both say, with all its disks running. */
export function works({ session, live }: SessionLook): boolean {
  const isLoggedIn = session.connection === 'LOGGED IN' && session.state === 'LOGGED_IN' && live?.state === 'LOGGED_IN';
  return isLoggedIn && [...session.disks, ...live.disks].every(({ state }) => state === 'running');
}

export function disksOf({ session, live }: SessionLook): readonly string[] {
  return [...new Set([...session.disks, ...(live?.disks ?? [])].map(({ name }) => name))];
}

/** A target may have sessions on several nodes. */
export function subjectOf({ node, session }: Pick<SessionLook, 'node' | 'session'>): string {
  return `${node.name} ${session.iqn}`;
}

export function describe({ session, live }: SessionLook): string {
  const disks = (live?.disks ?? session.disks).map(({ name, state }) => `${name} ${state}`).join(', ') || 'no disk';
  return `${session.connection}, ${session.state}, ${session.iscsid}; ${disks}`;
}

export function portalOf({ node, session }: SessionLook): PortalLook | undefined {
  return node.portals.find(({ portal }) => portal === session.portal);
}

export function recordIn({ initiator, session }: SessionLook): RecordLook | undefined {
  return initiator.records.find(({ target }) => target.iqn === session.iqn && target.portal === session.portal);
}

/**
 * Claims of the driver that a workload names, whether it runs now or not: a CronJob uses its claim at night alone. And those that wait for
 * the driver to make their volume.
 */
export function consumersOf(look: IscsiLook): readonly string[] | undefined {
  const { volumes } = look;
  const { cluster } = look.cluster;
  const waiting = waitingClaims(look);
  if (cluster === undefined || volumes === undefined || waiting === undefined) return undefined;
  const named = volumes.flatMap(({ volume: { claimRef } }) => {
    const users = claimRef === undefined ? [] : cluster.workloads.filter((each) => usesClaim(each, claimRef));
    return users.map((user) => `${nameOf(user)} (claim ${claimRef?.name})`);
  });
  return [...named, ...waiting.map(({ namespace, name }) => `${namespace}/${name}, which has no volume yet`)];
}

/** Who needs the session, or why that is not known. */
export interface Need {
  readonly mounts: readonly DiskMount[];
  readonly pods: readonly Pod[];
  readonly attached: boolean;
  /** What the kernel has on top of its disks: devices, swap, file systems that are mounted in whichever namespace. */
  readonly holders: readonly string[];
  readonly proofs: readonly Known<unknown>[];
}

export function needOf(look: IscsiLook, about: SessionLook): Need | undefined {
  const { initiator, node, volumes: own, live } = about;
  const { pods, volumes } = look.cluster;
  const { mounts } = initiator;
  const lists = [mounts, look.attachments, pods, volumes] as const;
  if (!mounts.known || !look.attachments.known || !pods.known || !volumes.known) return undefined;
  const isHere = (each: { readonly node?: string | undefined }) => each.node === node.name;
  // A volume that does not name its target could be on this very session.
  const nameless = look.volumes?.filter(({ target }) => target === undefined) ?? [];
  if (nameless.some((each) => each.pods.some(isHere) || each.attachments.some(isHere))) return undefined;
  return {
    mounts: mounts.value.filter(({ disk }) => disksOf(about).includes(disk)),
    pods: own.flatMap((each) => each.pods).filter(isHere),
    attached: own.some(({ attachments }) => attachments.some(isHere)),
    holders: (live?.disks ?? []).flatMap(({ holders, fileSystems }) => [...holders, ...fileSystems]),
    proofs: lists.filter((each) => each.known),
  };
}

export function isNeeded({ mounts, pods, attached, holders }: Need): boolean {
  return mounts.length > 0 || pods.length > 0 || attached || holders.length > 0;
}

/** Whether the server has the target, and the device and volume behind it. */
export interface Backing {
  readonly is: 'target-missing' | 'device-missing' | 'volume-missing' | 'whole';
  readonly proofs: readonly Known<unknown>[];
}

/** Undefined where it could not be seen. */
export function backingOfTarget({ server }: IscsiLook, iqn: string): Backing | undefined {
  const { targets, devices, stored } = server ?? {};
  if (targets?.known !== true) return undefined;
  const target = targets.value.find((each) => each.iqn === iqn);
  if (target === undefined) return { is: 'target-missing', proofs: [targets] };
  if (devices?.known !== true) return undefined;
  const own = devices.value.filter(({ name }) => target.devices.includes(name));
  if (own.length === 0 || own.length < target.devices.length) return { is: 'device-missing', proofs: [targets, devices] };
  if (stored?.known !== true) return undefined;
  const proofs = [targets, devices, stored];
  const gone = own.find(({ path }) => zvolOf(path) !== undefined && !stored.value.some(({ name }) => name === zvolOf(path)));
  return gone === undefined ? { is: 'whole', proofs } : { is: 'volume-missing', proofs };
}

/** `main/iscsi/csi-pvc-1` of `/dev/zvol/main/iscsi/csi-pvc-1`. */
export function zvolOf(path: string): string | undefined {
  return /^\/dev\/zvol\/(\S+)$/.exec(path)?.[1];
}

/** The volume of ZFS under the target, where everything about it was seen. */
export function zvolUnder({ server }: Pick<IscsiLook, 'server'>, iqn: string): string | undefined {
  const { targets, devices } = server ?? {};
  if (targets?.known !== true || devices?.known !== true) return undefined;
  const target = targets.value.find((each) => each.iqn === iqn);
  const device = devices.value.find(({ name }) => target?.devices.includes(name) ?? false);
  return device === undefined ? undefined : zvolOf(device.path);
}

/**
 * Whether the node was refused when it last tried. A refusal without a name is this target's only where its session is dead, or missing,
 * and no other one is.
 */
export function isRefused(look: IscsiLook, { node, log, iqn }: Login): boolean {
  const sessions = sessionsOf(look).filter((each) => each.node.name === node);
  const isOut = sessions.every((each) => each.session.iqn !== iqn || !works(each));
  const others = sessions.filter((each) => each.session.iqn !== iqn && !works(each));
  const last = log.findLast((fact) => {
    if ('iqn' in fact && fact.iqn !== undefined) return fact.iqn === iqn;
    return fact.is === 'login-refused' && isOut && others.length === 0;
  });
  return last?.is === 'login-refused';
}

interface Login {
  readonly node: string;
  readonly iqn: string;
  readonly log: readonly DaemonFact[];
}

/** Less than this is no room: the last kilobytes of a full pool stay free. */
const NO_ROOM_BYTES = 1_048_576;

/** The volume under the target, or the highest dataset above it that has no room either: a pool that is full, or a quota. */
export function fullUnder(look: Pick<IscsiLook, 'server'>, iqn: string): { readonly dataset: string } | undefined {
  const zvol = zvolUnder(look, iqn);
  const stored = look.server?.stored;
  if (zvol === undefined || stored?.known !== true) return undefined;
  const parts = zvol.split('/');
  const path = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  const full = path.filter((name) => stored.value.some((each) => each.name === name && each.availableBytes < NO_ROOM_BYTES));
  // A volume with a reservation has room where the pool has none.
  return full.at(-1) === zvol && full[0] !== undefined ? { dataset: full[0] } : undefined;
}

export function looksOf(look: IscsiLook): readonly (readonly [what: string, seen: readonly Seen<unknown>[]])[] {
  const { cluster, attachments, classes, nodes, elsewhere, server, events } = look;
  const ofServer =
    server === undefined
      ? []
      : [server.kernel, server.middleware, server.stored, server.targets, server.devices, server.sessions];
  return [
    [
      'Objects of the cluster',
      [...cluster.lists, cluster.nodes, attachments, classes, ...(events === undefined ? [] : [events])],
    ],
    ...nodes.map(({ name, sessions, portals, initiator }) => {
      const { records = [], ...own } = initiator ?? {};
      const ofPortals = portals.flatMap(({ state, listed }) => [state, ...(listed === undefined ? [] : [listed])]);
      return [
        `iSCSI of ${name}`,
        [sessions, ...ofPortals, ...Object.values(own), ...records.map(({ record }) => record)],
      ] as const;
    }),
    ...elsewhere.map(({ name, portals }) => [`The way from ${name} to the portal`, portals.map(({ state }) => state)] as const),
    ['The iSCSI server', ofServer.filter((each) => each !== undefined)],
  ];
}
