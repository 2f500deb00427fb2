import type { VolumeAttachment } from '../commands/block-attachments.ts';
import { volumeAttachments } from '../commands/block-attachments.ts';
import * as cluster from '../commands/cluster.ts';
import type { KubeEvent, PersistentVolume, Pod, StorageClass } from '../commands/cluster-objects.ts';
import type { DaemonFact, DiskMount, KernelFact } from '../commands/iscsi-node.ts';
import { diskMounts, iscsidLog, iscsiKernelFacts } from '../commands/iscsi-node.ts';
import type { KnownTarget, TargetList } from '../commands/iscsi-portals.ts';
import { listedTargets, partsOfPortal, portalParts } from '../commands/iscsi-portals.ts';
import type { InitiatorDefaults, Settings } from '../commands/iscsi-records.ts';
import { initiatorDefaults, isTargetName, recordOf } from '../commands/iscsi-records.ts';
import type { ServerDevice, ServerSession, ServerTarget } from '../commands/iscsi-server.ts';
import { serverDevices, serverSessions, serverTargets } from '../commands/iscsi-server.ts';
import type { LiveSession, Session, SessionRow } from '../commands/iscsi-sessions.ts';
import { iscsiSessions, liveSessions, sessionDetails } from '../commands/iscsi-sessions.ts';
import type { PortState } from '../commands/nfs-client.ts';
import { portState } from '../commands/nfs-client.ts';
import { clockOf } from '../commands/node-system.ts';
import type { StoredDataset } from '../commands/zfs-stored.ts';
import type { Host } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { Reader, Seen } from '../core/reading.ts';
import type { Site } from '../core/site.ts';
import { nodeHost } from '../core/site.ts';
import { podsOfClaim } from './claim-users.ts';
import type { ClusterLook } from './cluster-look.ts';
import { lookAtCluster } from './cluster-look.ts';
import { lookAtZfs } from './zfs-look.ts';

export const ISCSI_DRIVER = 'org.democratic-csi.iscsi';
export const ISCSI_NAMESPACE = 'iscsi-csi';

/** A volume of the driver, with whoever needs it. */
export interface IscsiVolume {
  readonly volume: PersistentVolume;
  /** Absent where the volume does not name its target. */
  readonly target?: KnownTarget;
  /** Pods that have not ended and name its claim. */
  readonly pods: readonly Pod[];
  readonly attachments: readonly VolumeAttachment[];
}

/** What a node's own tools and kernel say. */
export interface NodeLook {
  readonly name: string;
  readonly host: Host;
  readonly sessions: Seen<readonly SessionRow[]>;
  readonly portals: readonly PortalLook[];
  /** Absent where nothing of iSCSI concerns the node. */
  readonly initiator?: InitiatorLook;
}

export interface PortalLook {
  readonly portal: string;
  readonly state: Seen<PortState>;
  /** Absent where it was not asked: where the portal does not answer, or the sessions work. */
  readonly listed?: Seen<TargetList>;
}

export interface InitiatorLook {
  readonly clock: Seen<number>;
  readonly details: Seen<readonly Session[]>;
  readonly live: Seen<readonly LiveSession[]>;
  readonly log: Seen<readonly DaemonFact[]>;
  readonly kernel: Seen<readonly KernelFact[]>;
  readonly mounts: Seen<readonly DiskMount[]>;
  readonly defaults: Seen<InitiatorDefaults>;
  readonly records: readonly RecordLook[];
}

export interface RecordLook {
  readonly target: KnownTarget;
  readonly record: Seen<{ readonly found?: Settings }>;
}

/** The NAS as an iSCSI server. */
export interface ServerLook {
  readonly kernel: Seen<unknown>;
  readonly middleware: Seen<unknown>;
  readonly stored?: Seen<readonly StoredDataset[]>;
  readonly targets?: Seen<readonly ServerTarget[]>;
  readonly devices?: Seen<readonly ServerDevice[]>;
  readonly sessions?: Seen<readonly ServerSession[]>;
}

export interface IscsiLook {
  readonly cluster: ClusterLook;
  readonly attachments: Seen<readonly VolumeAttachment[]>;
  readonly classes: Seen<readonly StorageClass[]>;
  readonly nodes: readonly NodeLook[];
  /** How the other nodes reach the portals, where one node was named. */
  readonly elsewhere: readonly Pick<NodeLook, 'name' | 'portals'>[];
  /** Of the driver; absent where the lists that tell could not be read. */
  readonly volumes?: readonly IscsiVolume[];
  /** Absent where nothing is known to use iSCSI. */
  readonly server?: ServerLook;
  readonly events?: Seen<readonly KubeEvent[]>;
}

export interface Asked {
  /** Only this node. */
  readonly node?: string | undefined;
  /** A target, or the end of its name: its nodes are looked at although nothing may use it now. */
  readonly target?: string | undefined;
}

/** `iqn.2005-10.org.freenas.ctl:csi-pvc-1`, or what stands behind its colon. */
export function isMeant(iqn: string, word: string): boolean {
  return iqn === word || iqn.endsWith(`:${word}`);
}

/** Of all nodes who has sessions; the rest only where something uses iSCSI or a target is named. */
export async function lookAtIscsi(read: Reader, site: Site, { node, target }: Asked = {}): Promise<IscsiLook> {
  const [seen, attachments, classes] = await Promise.all([
    lookAtCluster(read),
    read(volumeAttachments()),
    read(cluster.storageClasses()),
  ]);
  const names = seen.nodes.known ? seen.nodes.value.map(({ name }) => name) : [];
  if (node !== undefined && seen.nodes.known && !names.includes(node))
    throw new Refusal('not-found', `The cluster has no node ${node}; it has ${names.join(', ')}.`);
  const wanted = node === undefined ? names : [node];
  const rows = await Promise.all(
    wanted.map(async (name) => ({ name, sessions: await read(iscsiSessions(nodeHost(site, name))) })),
  );
  const volumes = volumesOfDriver(seen, attachments);
  const found = { cluster: seen, attachments, classes, ...(volumes && { volumes }) };
  const hosts = rows.map(({ name, sessions }) => ({ name, host: nodeHost(site, name), sessions, portals: [] }));
  const named = (volumes ?? []).flatMap((each) =>
    target !== undefined && each.target && isMeant(each.target.iqn, target) ? [each.target] : [],
  );
  const isWaited = (waitingClaims(found) ?? []).length > 0;
  if (named.length === 0 && !isWaited && !isUsed(rows, volumes, attachments)) return { ...found, nodes: hosts, elsewhere: [] };
  const portals = [
    ...new Set(
      [...rows.flatMap(({ sessions }) => (sessions.known ? sessions.value : [])), ...targetsNeeded(volumes), ...named].map(
        ({ portal }) => portal,
      ),
    ),
  ];
  const [nodes, others, server, events] = await Promise.all([
    Promise.all(hosts.map((each) => lookAtNode(read, each, { portals, volumes: volumes ?? [], named }))),
    Promise.all(names.filter((name) => !wanted.includes(name)).map((name) => portalsOnly(read, nodeHost(site, name), portals))),
    lookAtServer(read, site),
    read(cluster.events()),
  ]);
  return { ...found, nodes, elsewhere: others, server, events };
}

/** Claims for which the driver has yet to make a volume, and which its controller alone can make; undefined where that is not known. */
export function waitingClaims({ cluster: { cluster: seen }, classes }: Pick<IscsiLook, 'cluster' | 'classes'>) {
  if (seen === undefined || !classes.known) return undefined;
  const own = classes.value.filter(({ provisioner }) => provisioner === ISCSI_DRIVER).map(({ name }) => name);
  return seen.claims.filter(
    ({ volume, storageClass }) => volume === undefined && storageClass !== undefined && own.includes(storageClass),
  );
}

/** A session, a volume that is attached or a pod that wants one. */
function isUsed(
  rows: readonly { readonly sessions: Seen<readonly SessionRow[]> }[],
  volumes: readonly IscsiVolume[] | undefined,
  attachments: Seen<readonly VolumeAttachment[]>,
): boolean {
  const isWanted = volumes?.some(({ pods }) => pods.length > 0) ?? false;
  const isAttached = attachments.known && attachments.value.some(({ attacher }) => attacher === ISCSI_DRIVER);
  return isWanted || isAttached || rows.some(({ sessions }) => sessions.known && sessions.value.length > 0);
}

function targetsNeeded(volumes: readonly IscsiVolume[] = []): readonly KnownTarget[] {
  return volumes.flatMap(({ target, pods, attachments }) =>
    target === undefined || pods.length + attachments.length === 0 ? [] : [target],
  );
}

function volumesOfDriver(
  { pods, volumes }: ClusterLook,
  attachments: Seen<readonly VolumeAttachment[]>,
): readonly IscsiVolume[] | undefined {
  if (!pods.known || !volumes.known || !attachments.known) return undefined;
  return volumes.value
    .filter(({ csi }) => csi?.driver === ISCSI_DRIVER)
    .map((volume) => {
      const target = targetOf(volume);
      return {
        volume,
        ...(target && { target }),
        pods: volume.claimRef === undefined ? [] : podsOfClaim(volume.claimRef, pods.value),
        attachments: attachments.value.filter(({ persistentVolume }) => persistentVolume === volume.name),
      };
    });
}

/** The driver may leave the port out, which iscsiadm never does. */
function targetOf({ csi }: PersistentVolume): KnownTarget | undefined {
  const { iqn, portal: written } = csi?.volumeAttributes ?? {};
  if (iqn === undefined || written === undefined || !isTargetName(iqn)) return undefined;
  const portal = [written, `${written}:3260`].find((each) => portalParts(each) !== undefined);
  return portal === undefined ? undefined : { iqn, portal };
}

interface Concerned {
  readonly portals: readonly string[];
  readonly volumes: readonly IscsiVolume[];
  readonly named: readonly KnownTarget[];
}

type HostLook = Pick<NodeLook, 'name' | 'host' | 'sessions'>;

async function lookAtNode(read: Reader, about: HostLook, { portals, volumes, named }: Concerned): Promise<NodeLook> {
  const { host, name, sessions } = about;
  const wanted = volumes.filter((each) => isWantedOn(each, name));
  const rows = sessions.known ? sessions.value : [];
  const states = await Promise.all(portals.map(async (portal) => ({ portal, state: await read(toPortal(host, portal)) })));
  if (rows.length + wanted.length + named.length === 0) return { ...about, portals: states };
  const targets = distinct([...rows, ...targetsNeeded(wanted), ...named]);
  const [clock, details, live, log, kernel, mounts, defaults, records] = await Promise.all([
    read(clockOf(host)),
    read(sessionDetails(host)),
    read(liveSessions(host)),
    read(iscsidLog(host)),
    read(iscsiKernelFacts(host)),
    read(diskMounts(host)),
    read(initiatorDefaults(host)),
    Promise.all(targets.map(async (target) => ({ target, record: await read(recordOf(host, target)) }))),
  ]);
  const initiator = { clock, details, live, log, kernel, mounts, defaults, records };
  return { ...about, portals: await withLists(read, host, states), initiator };
}

/** The list is asked for where the portal answers: elsewhere discovery only waits. */
function withLists(read: Reader, host: Host, states: readonly PortalLook[]): Promise<readonly PortalLook[]> {
  return Promise.all(
    states.map(async (each) => {
      const isOpen = each.state.known && each.state.value === 'open';
      return isOpen ? { ...each, listed: await read(listedTargets(host, each.portal)) } : each;
    }),
  );
}

function isWantedOn({ pods, attachments }: IscsiVolume, node: string): boolean {
  return pods.some((pod) => pod.node === node) || attachments.some((each) => each.node === node);
}

function distinct(targets: readonly KnownTarget[]): readonly KnownTarget[] {
  return [...new Map(targets.map(({ iqn, portal }) => [`${iqn} ${portal}`, { iqn, portal }])).values()];
}

async function portalsOnly(read: Reader, host: Host, portals: readonly string[]) {
  const states = portals.map(async (portal) => ({ portal, state: await read(toPortal(host, portal)) }));
  return { name: host.name, portals: await Promise.all(states) };
}

function toPortal(host: Host, portal: string) {
  const { address, port } = partsOfPortal(portal);
  return portState(host, address, port);
}

async function lookAtServer(read: Reader, { nas }: Site): Promise<ServerLook> {
  const { kernel, middleware, flavour, stored } = await lookAtZfs(nas.host, read);
  if (flavour === undefined) return { kernel, middleware };
  const [targets, devices, sessions] = await Promise.all([
    read(serverTargets(nas.host, flavour)),
    read(serverDevices(nas.host, flavour)),
    read(serverSessions(nas.host, flavour)),
  ]);
  return { kernel, middleware, targets, devices, sessions, ...(stored && { stored }) };
}
