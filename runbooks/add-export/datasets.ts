import type { Dataset } from '../../src/commands/zfs.ts';
import { datasetOf } from '../../src/commands/zfs.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { bad } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

const NOTHING: Diagnosis<Code> = { evidence: [], findings: [] };

/** The trap of datasets: an export shows one file system, and what is mounted where decides which one. */
export function diagnoseDatasets({ nas: { datasets }, path }: Facts): Diagnosis<Code> {
  if (!datasets?.known) return NOTHING;
  const away = awayFrom(path, datasets.value);
  if (away !== undefined) return notMounted(path, away, datasets);
  const below = datasets.value.filter(({ mounted, mountPoint }) => mounted && mountPoint.startsWith(`${path}/`));
  return below.length === 0 ? NOTHING : hidden(path, below, datasets);
}

/** The dataset that people mean by this path, where it is not what they would get. One with canmount=off only holds others. */
function awayFrom(path: string, all: readonly Dataset[]): Dataset | undefined {
  const holder = datasetOf(all, path);
  if (holder !== undefined && !holder.mounted) return holder;
  if (all.some(({ mounted, mountPoint }) => mounted && mountPoint === path)) return undefined;
  return all.find(({ name, mountPoint, canMount }) => canMount !== 'off' && (mountPoint === path || `/mnt/${name}` === path));
}

function notMounted(path: string, { name, mounted, mountPoint }: Dataset, seen: Known<unknown>): Diagnosis<Code> {
  const where = mounted ? `is mounted at ${mountPoint}, and not there` : 'is not mounted';
  const says = `Dataset ${name} belongs to ${path} by its name or mount point, and ${where}: another directory would be exported`;
  const remedy = 'Find out which of the two is meant: mount the dataset there, or choose another path.';
  const doNot = 'Do not create or fill the directory: what lies in it is hidden once the dataset is mounted.';
  const finding = { code: 'dataset-not-mounted', subject: name, says, remedy, doNot, seen: [seen] } as const;
  return { evidence: [bad(says, seen)], findings: [finding] };
}

function hidden(path: string, below: readonly Dataset[], seen: Known<unknown>): Diagnosis<Code> {
  const says = `Below ${path} lie datasets of their own: ${below.map(({ mountPoint }) => mountPoint).join(', ')}`;
  const remedy = 'Export each of these datasets by itself instead: /storage add export with its path.';
  const doNot =
    'Do not export the directory above them alone: clients see an empty directory there, and what they write lands below the dataset.';
  const finding = { code: 'dataset-below', subject: path, says, remedy, doNot, seen: [seen] } as const;
  return { evidence: [bad(says, seen)], findings: [finding] };
}
