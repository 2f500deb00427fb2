import type { FileSystemUse } from '../../../src/commands/block-devices.ts';
import type { Evidence } from '../../../src/core/finding.ts';
import { bad, isSome, ok, together } from '../../../src/core/finding.ts';
import type { Known } from '../../../src/core/reading.ts';
import { HOST_FILES_PERCENT, usedPercent } from '../../../src/repairs/host-volume.ts';
import type { HostFiles } from '../facts.ts';
import type { Part } from './part.ts';
import { NOTHING } from './part.ts';

/** What the hypervisor itself has mounted, as what it exports over NFS. */
export function hostFiles({ use }: HostFiles): Part {
  if (!use.known) return NOTHING;
  const full = use.value.filter((each) => usedPercent(each) >= HOST_FILES_PERCENT);
  const evidence: Evidence[] = isSome(full) ? [] : [ok(`No file system of the hypervisor is ${HOST_FILES_PERCENT} % full`, use)];
  return together([{ evidence, findings: [] }, ...full.map((each) => ofFull(each, use))]);
}

function ofFull(full: FileSystemUse, use: Known<readonly FileSystemUse[]>): Part {
  const { mountPoint, sizeBytes } = full;
  const says = `${mountPoint} of the hypervisor is ${usedPercent(full).toFixed(1)} % full (of ${(sizeBytes / 2 ** 30).toFixed(0)} GiB)`;
  const finding = {
    code: 'host-volume-full',
    subject: mountPoint,
    says,
    remedy: 'Find out what grows there; where it is on a thin volume, that can be made larger as long as its pool has the room.',
    doNot: 'Do not make it larger than its pool can hold: the pool then stops everything that writes to it.',
    seen: [use],
  } as const;
  return { evidence: [bad(says, use)], findings: [finding] };
}
