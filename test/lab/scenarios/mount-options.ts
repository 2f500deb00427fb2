import { kind } from '../site/volumes.ts';
import type { World } from '../site/world.ts';

const VOLUMES = kind('v1', 'persistentvolumes');

/** Somebody sets the mount options of a volume, or takes them away; mounts that are there stay as they are. */
export function setMountOptions({ store }: World, name: string, mountOptions: readonly string[] | null): void {
  store.patch({ resource: VOLUMES, name }, { spec: { mountOptions } });
}
