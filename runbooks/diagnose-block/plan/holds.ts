import type { Hold } from '../../../src/core/hold.ts';
import { changes, uses } from '../../../src/core/hold.ts';
import type { Chain } from '../../../src/topology/block-links.ts';
import type { BlockLook } from '../../../src/topology/block-look.ts';
import { handleOf } from '../../../src/topology/block-names.ts';

/** The machine, the logical volume and all that Kubernetes calls it: who changes where a disk is changes each of them. */
export function changesDisk(look: BlockLook, { vmid, subject, node }: Chain): readonly Hold[] {
  const { volume, disk } = subject;
  const claim = volume?.claimRef;
  return [
    changes('lv', `${groupOf(look, volume === undefined ? undefined : handleOf(volume)?.storage, disk)}/${disk}`),
    ...(vmid === undefined ? [] : [changes('vm', `${vmid}`)]),
    ...(volume === undefined ? [] : [changes('pv', volume.name)]),
    ...(claim === undefined ? [] : [changes('pvc', `${claim.namespace}/${claim.name}`)]),
    uses('node', node),
  ];
}

/** The volume group that has it, by the storage that the handle names or by its name. */
function groupOf({ storages, disks }: BlockLook, storage: string | undefined, disk: string): string {
  const known = storages.known ? storages.value : [];
  const found = known.find(({ id }) => {
    const list = disks[id];
    return storage === undefined ? list?.known === true && list.value.some(({ name }) => name === disk) : id === storage;
  });
  return found?.vgName ?? 'pve';
}
