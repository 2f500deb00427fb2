import type { DataSpace } from '../../../src/commands/postgres.ts';
import type { Diagnosis } from '../../../src/core/finding.ts';
import { ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { sizeOf } from '../../../src/core/size.ts';
import { found, NOTHING, told } from '../../../src/topology/zfs-findings.ts';
import type { Code } from '../codes.ts';
import type { Facts, InstanceFacts } from '../facts.ts';
import { NOT_LOST } from './words.ts';

/** Four files of the write-ahead log: the operator starts no server that has no room for the next one. */
const FULL_BYTES = 64 * 1_048_576;

/** The log is what fills a volume where it is more than half of what lies there. */
const DOMINANT = 0.5;

export function isFull({ space }: InstanceFacts): boolean {
  return space?.known === true && space.value.freeBytes < FULL_BYTES;
}

export function aboutSpace({ instances }: Facts): Diagnosis<Code> {
  return together(instances.map(spaceOf));
}

function spaceOf(instance: InstanceFacts): Diagnosis<Code> {
  const { pod, space } = instance;
  if (space?.known !== true) return NOTHING;
  const { bytes, freeBytes } = space.value;
  const subject = `${pod.namespace}/${pod.name}`;
  const fills = whatFills(space.value);
  if (isFull(instance)) return full(instance, space, fills);
  if (freeBytes >= bytes / 10)
    return told(ok(`${sizeOf(freeBytes)} of ${sizeOf(bytes)} are free for ${pod.name}; ${fills}`, space));
  return found<Code>({
    code: 'disk-fills',
    subject,
    says: `Only ${sizeOf(freeBytes)} of ${sizeOf(bytes)} are free for ${pod.name}; ${fills}`,
    remedy: `Let its volume grow (/storage expand pvc ${subject}, which says where the operator takes the size from), and see what fills it.`,
    doNot: 'Do not delete files in pg_wal: the server could never start again.',
    seen: [space],
  });
}

function full({ pod }: InstanceFacts, space: Known<DataSpace>, fills: string): Diagnosis<Code> {
  const subject = `${pod.namespace}/${pod.name}`;
  return found<Code>({
    code: 'disk-full',
    subject,
    says: `The volume of ${pod.name} is full: ${sizeOf(space.value.freeBytes)} of ${sizeOf(space.value.bytes)} are free; ${fills}`,
    remedy: `Let its volume grow: /storage expand pvc ${subject} says where the operator takes the size from. Once it runs, find the replica or the slot that keeps the log.`,
    doNot: `${NOT_LOST} Do not delete files in pg_wal: the server could never start again. Do not build the cluster anew.`,
    seen: [space],
  });
}

function whatFills({ bytes, freeBytes, walBytes }: DataSpace): string {
  const isMost = walBytes > (bytes - freeBytes) * DOMINANT;
  return `pg_wal has ${sizeOf(walBytes)}${isMost ? ', more than everything else together' : ''}`;
}
