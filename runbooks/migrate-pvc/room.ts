import { BLOCK_DRIVER } from '../../src/commands/block-attachments.ts';
import type { ProxmoxStorage } from '../../src/commands/proxmox-storage.ts';
import type { BlockClass } from '../../src/commands/storage-classes.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { knownOf, ok } from '../../src/core/finding.ts';
import { bytesOf } from '../../src/core/quantity.ts';
import { sizeOf } from '../../src/core/size.ts';
import { stateOf } from '../../src/repairs/thin-pool-state.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, Place } from './facts.ts';
import { slots } from './slots.ts';
import { idOf } from './source.ts';

type Part = Diagnosis<Code>;

const GIB = 2 ** 30;
/** What the new volume is to have at least, as a share of what the files take. */
const MARGIN = 1.3;
const FULL_PERCENT = 80;

/** The thin pool in which a class makes its volumes; undefined where it makes them elsewhere. */
export function storageOf(
  name: string,
  classes: readonly BlockClass[],
  storages: readonly ProxmoxStorage[],
): ProxmoxStorage | undefined {
  const own = classes.find((each) => each.name === name);
  if (own?.provisioner !== BLOCK_DRIVER) return undefined;
  return storages.find(({ id, type }) => id === own.storage && type === 'lvmthin');
}

function isMeasured({ tree, usage, source }: Place): boolean {
  const isOwn = (each: { readonly namespace: string; readonly claim: string }) =>
    each.namespace === source.namespace && each.claim === source.name;
  return tree !== undefined || (usage?.known === true && usage.value.some(isOwn));
}

/** What the files take: counted, measured, or at most as much as the disk has. */
export function usedBytes({ tree, usage, source }: Place): number | undefined {
  if (tree !== undefined) return tree.known ? tree.value.bytes : undefined;
  if (usage?.known !== true) return undefined;
  const own = usage.value.find(({ namespace, claim }) => namespace === source.namespace && claim === source.name);
  return own === undefined ? (source.capacityBytes ?? source.requestedBytes) : own.capacityBytes - own.availableBytes;
}

/** What the new claim asks for: as much as the old one, unless the files need more. */
export function newSize({ asked }: Facts, place: Place): string | undefined {
  const used = usedBytes(place);
  if (used === undefined) return undefined;
  if (asked.size !== undefined) return asked.size;
  const gibibytes = Math.ceil(Math.max(used * MARGIN, place.source.requestedBytes) / GIB);
  return `${Math.max(1, gibibytes)}Gi`;
}

/** What is in the way of a new disk of that size. */
export function roomObstacles(facts: Facts, place: Place): readonly Part[] {
  const { claims, classes } = facts.cluster;
  const { storages } = facts.pool;
  if (!classes.known || !storages.known || !claims.known) return [];
  const storage = storageOf(facts.asked.storageClass, classes.value, storages.value);
  if (storage === undefined)
    return [
      found({
        code: 'class-unfit',
        subject: facts.asked.storageClass,
        says: `The class ${facts.asked.storageClass} is not there, or makes its volumes in no thin pool that Proxmox shows`,
        remedy: 'Look at kubectl get storageclasses and at the storages of Proxmox.',
        seen: [classes, storages],
      }),
    ];
  const isMade = place.made?.phase === 'Bound';
  return [size(facts, place), ...(isMade ? [] : [pool(facts, place, storage), slots(facts)])];
}

function size(facts: Facts, place: Place): Part {
  const used = usedBytes(place);
  const { claims } = facts.cluster;
  const [look] = knownOf<unknown>([place.tree, place.usage].filter((each) => each !== undefined));
  const wanted = newSize(facts, place);
  if (used === undefined || look === undefined || wanted === undefined || !claims.known) return NOTHING;
  const bytes = place.made?.requestedBytes ?? bytesOf(wanted);
  const most = isMeasured(place) ? '' : 'at most ';
  const says = `The files of ${idOf(place)} take ${most}${sizeOf(used)}; the new claim ${place.made ? 'has' : 'gets'} ${sizeOf(bytes)}`;
  // What nobody has mounted is not measured; the Job counts it before it copies.
  const isLeftToJob = place.made !== undefined && !isMeasured(place);
  if (bytes >= used * MARGIN || isLeftToJob) return told(ok(says, claims, look));
  const remedy = place.made
    ? `Let ${place.target} grow first: /storage expand pvc ${place.source.namespace}/${place.target}`
    : `Name a size of at least ${Math.ceil((used * MARGIN) / GIB)}Gi.`;
  return found({ code: 'too-small', subject: place.target, says, remedy, seen: [claims, look] });
}

function pool({ pool: { pools, storages, logical } }: Facts, place: Place, { vgName, thinPool }: ProxmoxStorage): Part {
  const used = usedBytes(place);
  const looks = knownOf<unknown>([place.tree, place.usage].filter((each) => each !== undefined));
  if (!pools.known || !storages.known || logical?.known !== true || used === undefined) return NOTHING;
  const name = `${vgName}/${thinPool}`;
  const own = pools.value.find((each) => each.name === name);
  const bytes = logical.value.find((each) => `${each.vg}/${each.name}` === name)?.sizeBytes;
  const seen = [pools, storages, logical, ...looks] as const;
  const broken = (why: string) =>
    found<Code>({
      code: 'pool-unfit',
      subject: name,
      says: `Thin pool ${name} ${why}`,
      remedy: 'Make room first: /storage diagnose capacity.',
      doNot: 'Do not fill the pool: every machine on it stops writing at once.',
      seen,
    });
  if (own === undefined || bytes === undefined) return broken('is not there');
  const { failed, metadata } = stateOf(own);
  const after = own.dataPercent + (100 * used) / bytes;
  if (failed || metadata !== 'ok')
    return broken(`is not fit (${own.attributes}; ${own.metadataPercent} % of its metadata are used)`);
  if (after >= FULL_PERCENT) return broken(`has used ${own.dataPercent} %, and would be at ${after.toFixed(1)} %`);
  return told(ok(`Thin pool ${name} has used ${own.dataPercent} %, and would be at ${after.toFixed(1)} %`, ...seen));
}
