import type { Flavour } from '../commands/nas.ts';
import * as zfs from '../commands/zfs.ts';
import { type Snapshot, snapshotsOf } from '../commands/zfs-snapshots.ts';
import { type StoredDataset, storedDatasets } from '../commands/zfs-stored.ts';
import type { Finding } from '../core/finding.ts';
import type { Check } from '../core/plan.ts';
import { check } from '../core/plan.ts';
import type { Site } from '../core/site.ts';

/** What steps about a dataset are planned from. */
export interface ZfsSituation {
  readonly site: Site;
  readonly flavour: Flavour;
  readonly dataset: StoredDataset;
  readonly because: Finding;
  readonly workName: string;
}

export function poolIsFit({ site, flavour, dataset }: Pick<ZfsSituation, 'site' | 'flavour' | 'dataset'>): Check {
  const [pool] = dataset.name.split('/', 1);
  return check(`Pool ${pool} is ONLINE and less than 90 % full`, zfs.pools(site.nas.host, flavour), (all) =>
    all.some((each) => each.name === pool && zfs.isFit(each)),
  );
}

/** Another one may have got its name since: cloudsync-prev is another one every six hours. */
export function sameSnapshot(site: Site, { name, dataset, guid }: Snapshot): Check {
  return check(`${name} is the snapshot that it was`, snapshotsOf(site.nas.host, dataset), (all) =>
    all.some((each) => each.name === name && each.guid === guid),
  );
}

export function noDatasetNamed({ site, flavour }: Pick<ZfsSituation, 'site' | 'flavour'>, name: string): Check {
  return check(`No dataset is named ${name}`, storedDatasets(site.nas.host, flavour), (all) =>
    all.every((each) => each.name !== name),
  );
}
