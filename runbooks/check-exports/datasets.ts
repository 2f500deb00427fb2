import type { Dataset } from '../../src/commands/zfs.ts';
import { together } from '../../src/core/finding.ts';
import { isAtOrBelow } from '../../src/core/path.ts';
import type { Known } from '../../src/core/reading.ts';
import { exportStateOf } from '../../src/topology/exported.ts';
import type { Facts } from './facts.ts';
import { isMeant, unmounted } from './facts.ts';
import type { Part } from './finding.ts';
import { found, NOTHING } from './finding.ts';

/** What clients of an export see empty, or will: datasets that are not mounted, and such as lie below an exported directory. */
export function diagnoseDatasets(facts: Facts): Part {
  const { datasets } = facts.nas;
  if (!datasets?.known) return NOTHING;
  const away = unmounted(facts.nas).flatMap((dataset) => {
    const concerned = isMeant(facts, dataset.mountPoint) ? concernedBy(dataset, facts) : undefined;
    return concerned === undefined
      ? []
      : [notMounted(facts, dataset, { path: concerned.path, seen: [datasets, ...concerned.seen] })];
  });
  return together([...away, ...hidden(facts, datasets)]);
}

interface Concerned {
  readonly path: string;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

/** A path that is exported or used, at, above or below the place of this dataset. */
function concernedBy({ mountPoint }: Dataset, { nas: { active }, users }: Facts): Concerned | undefined {
  const touches = ({ path }: { readonly path: string }) => isAtOrBelow(path, mountPoint) || isAtOrBelow(mountPoint, path);
  const entry = active?.known ? active.value.find(touches) : undefined;
  if (active?.known && entry !== undefined) return { path: entry.path, seen: [active] };
  const user = users.find(touches);
  return user && { path: user.path, seen: user.seen };
}

function notMounted({ empty }: Facts, dataset: Dataset, { path, seen }: Concerned): Part {
  const { name, mountPoint } = dataset;
  const place = empty.find((each) => each.dataset.name === name)?.isEmpty;
  if (place?.known && !place.value) {
    return found({
      code: 'mountpoint-not-empty',
      subject: name,
      says: `${name} is not mounted, and files lie in ${mountPoint}, where it belongs: clients of ${path} have written there meanwhile`,
      remedy: `Look at both: what lies in ${mountPoint}, and what the dataset holds (mount it elsewhere, read-only). Move the new files aside, then mount it.`,
      doNot: 'Do not mount it over them: the files would be hidden, and taken for lost. Do not delete them either.',
      seen: [...seen, place],
    });
  }
  return found({
    code: 'dataset-not-mounted',
    subject: name,
    says: `${name} is not mounted: clients of ${path} see an empty directory at ${mountPoint}`,
    remedy: `Mount it if its directory is empty: /storage diagnose nfs of the service that uses ${path} offers that. Pods then need a fresh mount.`,
    doNot: 'Do not restore anything, and do not create its directories: the data is in the dataset.',
    seen,
  });
}

/** NFS does not go from one file system into the next, unless the export says so. */
function hidden(facts: Facts, datasets: Known<readonly Dataset[]>): Part[] {
  const { active } = facts.nas;
  if (!active?.known) return [];
  const one = active.value.filter(({ clients }) => !/\b(crossmnt|nohide)\b/.test(clients));
  const inForce = { active: one, datasets: datasets.value, network: facts.site.nas.clientNetwork };
  return datasets.value
    .filter(({ mounted, mountPoint }) => mounted && isMeant(facts, mountPoint))
    .filter(({ mountPoint }) => exportStateOf(mountPoint, { ...inForce, active: active.value }) === 'hidden')
    .filter(({ mountPoint }) => exportStateOf(mountPoint, inForce) === 'hidden')
    .map(({ name, mountPoint }) =>
      found({
        code: 'dataset-hidden',
        subject: mountPoint,
        says: `${name} is a dataset of its own at ${mountPoint}, below an exported directory: clients of that export see it empty`,
        remedy:
          'Compare what a pod and what the NAS see there, then export the dataset itself, or move its data into a plain directory.',
        doNot: 'Do not destroy the dataset because a client sees it empty: the data is in it.',
        seen: [active, datasets],
      }),
    );
}
