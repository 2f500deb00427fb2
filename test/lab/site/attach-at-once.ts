import type { KubeObject } from '../kubernetes/store.ts';
import { attachmentsOf, createAttachment, reportAttached } from './attachments.ts';
import { publish } from './block-driver.ts';
import type { Cluster } from './cluster.ts';
import { PROXMOX_DRIVER, text, volumesOf } from './volumes.ts';

/** For what ran before the lab's time begins. */
export function attachAtOnce(cluster: Cluster, pod: KubeObject): void {
  const { store } = cluster.parts;
  const node = text(pod, 'spec', 'nodeName');
  for (const { volume, driver, handle = '' } of volumesOf(store, pod)) {
    if (driver !== PROXMOX_DRIVER) continue;
    const wanted = { volume, handle, node };
    if (attachmentsOf(store).some((one) => one.volume === volume)) continue;
    const { name } = createAttachment(store, wanted);
    const published = publish(cluster.parts, wanted);
    if ('error' in published) throw new Error(published.error);
    reportAttached(store, name, published.metadata);
  }
}
