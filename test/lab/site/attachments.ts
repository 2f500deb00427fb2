import { createHash } from 'node:crypto';
import { at, type KubeObject, type ObjectStore } from '../kubernetes/store.ts';
import { kind, PROXMOX_DRIVER, text } from './volumes.ts';

const ATTACHMENTS = kind('storage.k8s.io/v1', 'volumeattachments');
const FINALIZER = 'external-attacher/csi-proxmox-sinextra-dev';

/** A VolumeAttachment of the block driver, in short. */
export interface Attachment {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  /** The persistent volume. */
  readonly volume: string;
  readonly attached: boolean;
  readonly deleting: boolean;
  /** Where the driver says that the disk is: `/dev/disk/by-id/wwn-0x…` */
  readonly devicePath: string;
}

export interface Wanted {
  readonly volume: string;
  readonly handle: string;
  readonly node: string;
}

/** As the attach/detach controller names them. */
export function attachmentName({ handle, node }: Pick<Wanted, 'handle' | 'node'>): string {
  return `csi-${createHash('sha256').update(`${handle}${PROXMOX_DRIVER}${node}`).digest('hex')}`;
}

export function attachmentsOf(store: ObjectStore): readonly Attachment[] {
  return store
    .list({ resource: ATTACHMENTS })
    .filter((object) => text(object, 'spec', 'attacher') === PROXMOX_DRIVER)
    .map(inShort);
}

function inShort(object: KubeObject): Attachment {
  return {
    name: object.metadata.name,
    uid: object.metadata.uid,
    node: text(object, 'spec', 'nodeName'),
    volume: text(object, 'spec', 'source', 'persistentVolumeName'),
    attached: at(object, 'status', 'attached') === true,
    deleting: object.metadata.deletionTimestamp !== undefined,
    devicePath: text(object, 'status', 'attachmentMetadata', 'DevicePath'),
  };
}

export function createAttachment(store: ObjectStore, wanted: Wanted): Attachment {
  const { volume, node } = wanted;
  return inShort(
    store.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: {
        name: attachmentName(wanted),
        annotations: { 'csi.alpha.kubernetes.io/node-id': node },
        finalizers: [FINALIZER],
      },
      spec: { attacher: PROXMOX_DRIVER, source: { persistentVolumeName: volume }, nodeName: node },
      status: { attached: false },
    }),
  );
}

export function reportAttached(store: ObjectStore, name: string, attachmentMetadata: Readonly<Record<string, string>>): void {
  store.patch({ resource: ATTACHMENTS, name }, { status: { attached: true, attachmentMetadata, attachError: null } });
}

export function reportError(
  store: ObjectStore,
  name: string,
  error: { readonly of: 'attachError' | 'detachError'; readonly message: string; readonly time: string },
): void {
  const { of: field, message, time } = error;
  store.patch({ resource: ATTACHMENTS, name }, { status: { [field]: { message, time } } });
}

/** Asks for the end of it; the driver lets go first. */
export function deleteAttachment(store: ObjectStore, { name, uid }: Attachment): void {
  store.delete({ resource: ATTACHMENTS, name }, { uid });
}

/** The driver has let go. */
export function release(store: ObjectStore, name: string): void {
  store.patch({ resource: ATTACHMENTS, name }, { metadata: { finalizers: null } });
}
