import type { FileSystemState } from '../../src/commands/iscsi-node.ts';
import { fileSystemState, openersOf } from '../../src/commands/iscsi-node.ts';
import type { KnownTarget } from '../../src/commands/iscsi-portals.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import { usersOfKind } from '../../src/commands/workload-volumes.ts';
import type { Reader, Seen } from '../../src/core/reading.ts';
import type { Site } from '../../src/core/site.ts';
import type { IscsiLook, IscsiVolume, NodeLook, RecordLook } from '../../src/topology/iscsi-look.ts';
import { isMeant, lookAtIscsi } from '../../src/topology/iscsi-look.ts';
import type { SessionLook } from '../../src/topology/iscsi-sessions.ts';
import { disksOf, recordIn, sessionsOf, volumesOn, works } from '../../src/topology/iscsi-sessions.ts';

export interface Params {
  readonly node?: string | undefined;
  readonly target?: string | undefined;
}

/** A disk of the session: who has it open, and how its file system was left where nothing mounts it. */
export interface DiskLook {
  readonly disk: string;
  readonly openers: Seen<readonly number[]>;
  readonly fileSystem?: Seen<{ readonly found?: FileSystemState }>;
}

export interface Facts extends Params {
  readonly site: Site;
  readonly look: IscsiLook;
  readonly users: readonly Seen<readonly User[]>[];
  /** Of the one session that is meant. */
  readonly disks: readonly DiskLook[];
}

export async function gather({ node, target }: Params, read: Reader, site: Site): Promise<Facts> {
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
  const [look, users] = await Promise.all([
    lookAtIscsi(read, site, { node, target }),
    Promise.all(kinds.map((kind) => read(usersOfKind(kind)))),
  ]);
  const [session, ...more] = target === undefined ? [] : sessionsMeant(look, target);
  const disks =
    session === undefined || more.length > 0
      ? []
      : await Promise.all(disksOf(session).map((disk) => lookAtDisk(read, session, disk)));
  return { site, node, target, look, users, disks };
}

async function lookAtDisk(read: Reader, session: SessionLook, disk: string): Promise<DiskLook> {
  const { host } = session.node;
  const { mounts } = session.initiator;
  const isMounted = !mounts.known || mounts.value.some((mount) => mount.disk === disk);
  const openers = await read(openersOf(host, disk));
  return isMounted || !works(session)
    ? { disk, openers }
    : { disk, openers, fileSystem: await read(fileSystemState(host, disk)) };
}

export function sessionsMeant(look: IscsiLook, target: string): readonly SessionLook[] {
  return sessionsOf(look).filter(({ session }) => isMeant(session.iqn, target));
}

/** What the words mean: one target as one node has it. */
export interface Meant {
  readonly node: NodeLook;
  readonly target: KnownTarget;
  readonly session?: SessionLook;
  readonly record?: RecordLook;
  /** One for each LUN of the target that Kubernetes knows. */
  readonly volumes: readonly IscsiVolume[];
}

/** The nodes that have a session or a record of it, those with a session alone where there is one. */
export function meantBy({ look, target }: Facts): readonly Meant[] {
  if (target === undefined) return [];
  const sessions = sessionsMeant(look, target).map((session) => {
    const record = recordIn(session);
    const { iqn, portal } = session.session;
    const has = record?.record.known === true && record.record.value.found !== undefined;
    return { node: session.node, target: { iqn, portal }, session, volumes: session.volumes, ...(has && { record }) };
  });
  if (sessions.length > 0) return sessions;
  return look.nodes.flatMap((node): Meant[] => {
    const records = (node.initiator?.records ?? []).filter(({ target: of }) => isMeant(of.iqn, target));
    return records
      .filter(({ record }) => record.known && record.value.found !== undefined)
      .map((record) => ({ node, target: record.target, record, volumes: volumesOn(look.volumes ?? [], record.target.iqn) }));
  });
}
