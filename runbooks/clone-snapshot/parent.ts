import type { StoredDataset } from '../../src/commands/zfs-stored.ts';

/** The dataset below which a clone appears: the one above its origin, or the pool's own. */
export function parentOf(all: readonly StoredDataset[], { name }: Pick<StoredDataset, 'name'>): StoredDataset | undefined {
  const above = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : name;
  return all.find((each) => each.name === above);
}
