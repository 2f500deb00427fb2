import { z } from 'zod';
import { defineChange, defineRead, kubernetes } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';

export const BLOCK_DRIVER = 'csi.proxmox.sinextra.dev';

const ATTACHMENTS: Resource = { apiVersion: 'storage.k8s.io/v1', plural: 'volumeattachments', namespaced: false };

/** What Kubernetes believes about one volume at one node. */
export type VolumeAttachment = z.output<typeof VolumeAttachment>;

const Failed = z.object({ message: z.string().optional() });

const VolumeAttachment = z
  .object({
    metadata: z.object({
      name: z.string(),
      uid: z.string(),
      creationTimestamp: z.string(),
      deletionTimestamp: z.string().optional(),
    }),
    spec: z.object({
      attacher: z.string(),
      nodeName: z.string(),
      source: z.object({ persistentVolumeName: z.string().optional() }),
    }),
    status: z
      .object({
        attached: z.boolean(),
        attachmentMetadata: z.record(z.string(), z.string()).default({}),
        attachError: Failed.nullish(),
        detachError: Failed.nullish(),
      })
      .prefault({ attached: false }),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    uid: metadata.uid,
    attacher: spec.attacher,
    node: spec.nodeName,
    /** Absent for a volume that its pod brings along. */
    ...(spec.source.persistentVolumeName !== undefined && { persistentVolume: spec.source.persistentVolumeName }),
    attached: status.attached,
    deleting: metadata.deletionTimestamp !== undefined,
    ...(status.attachError && { attachError: status.attachError.message ?? '' }),
    ...(status.detachError && { detachError: status.detachError.message ?? '' }),
    /** Where the driver said that the disk would be: `/dev/disk/by-id/wwn-0x5056432d49443032`. It names a slot, not the volume. */
    ...(status.attachmentMetadata['DevicePath'] !== undefined && { devicePath: status.attachmentMetadata['DevicePath'] }),
    /** Seconds since 1970. */
    createdAt: Date.parse(metadata.creationTimestamp) / 1000,
  }));

export function volumeAttachments() {
  return defineRead<readonly VolumeAttachment[]>({
    asks: 'Which volumes are attached to which nodes, as the cluster believes?',
    command: kubernetes({ verb: 'list', resource: ATTACHMENTS }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(VolumeAttachment) }).parse(JSON.parse(stdout)).items,
  });
}

/** Makes the driver detach the disk; where a pod still wants the volume there, an attachment of the same name comes back and attaches again. */
export function deleteAttachment({ name, uid }: Pick<VolumeAttachment, 'name' | 'uid'>) {
  return defineChange({ command: kubernetes({ verb: 'delete', resource: ATTACHMENTS, name, uid }, 15_000), risk: 'high' });
}
