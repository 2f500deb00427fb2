import type { StoredDataset } from '../../../src/commands/zfs-stored.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { Facts } from '../facts.ts';
import { FLOOD_KB_PER_S } from '../facts.ts';
import type { Saturation } from './parts.ts';
import { mb, percent, problem, size } from './parts.ts';

const MOST = 0.6;
const ROOM = 1.2;

/** A dataset below a pool's own that most of NFS is about, where another pool has room for it. */
export function hotDataset(facts: Facts, { says, proofs }: Saturation): Finding<Code> | undefined {
  const { stored } = facts.nas;
  if (!stored?.known) return undefined;
  const traffic = trafficByDataset(facts, stored.value);
  const total = traffic.reduce((sum, { kBPerS }) => sum + kBPerS, 0);
  const [top] = traffic.toSorted((a, b) => b.kBPerS - a.kBPerS);
  if (top === undefined || !top.dataset.name.includes('/') || top.kBPerS < FLOOD_KB_PER_S || top.kBPerS < MOST * total)
    return undefined;
  const { name, usedBytes } = top.dataset;
  const [pool] = name.split('/', 1);
  const roomy = stored.value.find((each) => isForData(each) && each.name !== pool && each.availableBytes > ROOM * usedBytes);
  if (roomy === undefined) return undefined;
  const [busiest] = top.parts.toSorted((a, b) => b.kBPerS - a.kBPerS);
  if (busiest === undefined) return undefined;
  const share = `${percent((100 * top.kBPerS) / total)} of what NFS moves (${mb(top.kBPerS)}) is of the dataset ${name}`;
  const room = `${name} holds ${size(usedBytes)}, and ${roomy.name} has ${size(roomy.availableBytes)} free`;
  const remedy = `Where ${roomy.name} lies on a faster disk: move ${name} there with "move dataset", with its service stopped for the last step.`;
  const doNot = 'Do not copy it with one "zfs send" of the mounted dataset, and do not fill the smaller pool above 80 %.';
  return problem({ code: 'dataset-hot', subject: name, says: `${share}; ${room}; ${says}`, remedy, doNot }, [
    ...proofs,
    busiest.seen,
    stored,
  ]);
}

const SYSTEM_POOLS = ['boot-pool', 'freenas-boot', 'rpool', 'bpool', 'zroot'];

/** The root of a pool that holds data, and not the system. */
function isForData({ name, mounted }: StoredDataset): boolean {
  return mounted && !name.includes('/') && !SYSTEM_POOLS.includes(name);
}

/** What the nodes moved over NFS, by the dataset that holds the paths: the kernel counts for each file system anyway. */
function trafficByDataset({ nodes, site }: Facts, stored: readonly StoredDataset[]) {
  const parts = nodes.flatMap(({ rates }) => {
    if (!rates?.known) return [];
    return rates.value
      .filter(({ server }) => site.nas.nfsAddresses.includes(server))
      .flatMap(({ paths: [path = ''], readKBPerS, writeKBPerS }) => {
        const dataset = holderOf(stored, path);
        return dataset === undefined ? [] : [{ dataset, kBPerS: readKBPerS + writeKBPerS, seen: rates }];
      });
  });
  return [...Map.groupBy(parts, ({ dataset }) => dataset)].map(([dataset, group]) => {
    return { dataset, parts: group, kBPerS: group.reduce((sum, { kBPerS }) => sum + kBPerS, 0) };
  });
}

/** The dataset that holds a path. */
export function holderOf(stored: readonly StoredDataset[], path: string): StoredDataset | undefined {
  return stored
    .filter(({ mounted, mountPoint }) => mounted && (path === mountPoint || path.startsWith(`${mountPoint}/`)))
    .toSorted((a, b) => b.mountPoint.length - a.mountPoint.length)[0];
}
