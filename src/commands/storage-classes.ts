import { z } from 'zod';
import { defineRead, kubernetes } from '../core/command.ts';
import type { Resource } from '../core/kubernetes.ts';

const CLASSES: Resource = { apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses', namespaced: false };

const BlockClass = z
  .object({
    metadata: z.object({ name: z.string() }),
    provisioner: z.string(),
    volumeBindingMode: z.string().default('Immediate'),
    parameters: z.record(z.string(), z.string()).nullish(),
  })
  .transform(({ metadata: { name }, provisioner, volumeBindingMode, parameters }) => ({
    name,
    provisioner,
    waitsForConsumer: volumeBindingMode === 'WaitForFirstConsumer',
    /** The storage of Proxmox that its volumes are made in. */
    storage: parameters?.['storage'],
    fileSystem: parameters?.['csi.storage.k8s.io/fstype'] ?? 'ext4',
  }));
export type BlockClass = z.output<typeof BlockClass>;

/** By the same line as the plain list. */
export function blockClasses() {
  return defineRead<readonly BlockClass[]>({
    asks: 'Where do the storage classes make their volumes?',
    command: kubernetes({ verb: 'list', resource: CLASSES }),
    answers: [0],
    parse: ({ stdout }) => z.object({ items: z.array(BlockClass) }).parse(JSON.parse(stdout)).items,
  });
}
