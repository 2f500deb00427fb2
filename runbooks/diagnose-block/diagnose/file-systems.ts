import type { PersistentVolume } from '../../../src/commands/cluster-objects.ts';
import { together } from '../../../src/core/finding.ts';
import type { Seen } from '../../../src/core/reading.ts';
import type { MachineLook } from '../../../src/topology/block-look.ts';
import { podOfMount, stagingOf } from '../../../src/topology/block-names.ts';
import type { Facts, FileSystems } from '../facts.ts';
import { subjectOf, volumesIn } from '../facts.ts';
import type { Part } from '../finding.ts';
import { found, NOTHING } from '../finding.ts';
import { standsOnIllPool } from './pool.ts';

/** Where all views of a volume agree, and what is on it is not well. */
export function diagnoseFileSystems(facts: Facts): Part {
  const { look } = facts;
  return together(
    look.machines.flatMap((machine) =>
      volumesIn(facts).flatMap((volume) => [readOnly(facts, machine, volume), full(facts, machine, volume)]),
    ),
  );
}

/** The mounts of this volume on a node, by the driver's directory and those of pods, which no other volume has. */
function mountsOf({ mounts }: MachineLook, { name, csi }: PersistentVolume) {
  const staging = csi === undefined ? '' : stagingOf(csi.volumeHandle);
  const all = mounts.known ? mounts.value : [];
  return all.filter(({ mountPoint }) => mountPoint === staging || podOfMount(mountPoint, name) !== undefined);
}

/** Not one that is mounted so on purpose; under an ill pool it is not the cause. */
function readOnly(facts: Facts, machine: MachineLook, volume: PersistentVolume): Part {
  const { look, fileSystems } = facts;
  const mount = mountsOf(machine, volume).find((each) => each.fileSystemReadOnly);
  if (mount === undefined || volume.mountOptions.includes('ro') || standsOnIllPool(facts, volume)) return NOTHING;
  const device = mount.source.slice(mount.source.lastIndexOf('/') + 1);
  const errors = fileSystems.find(({ node }) => node === machine.node)?.errors;
  const said = errors?.known ? errors.value.findLast((each) => each.device === device)?.says : undefined;
  return found(
    {
      code: 'file-system-read-only',
      subject: subjectOf(volume),
      says: `The kernel of ${machine.node} has the file system of ${mount.source} read-only${said === undefined ? '' : `: ${said.slice(0, 200)}`}`,
      remedy: `Stop its pods, so that the node unmounts it; then e2fsck -n on ${machine.node} while nobody has it mounted, and a person decides.`,
      doNot:
        'Do not restart the pod again and again, do not remount it for writing, and run no fsck while it is mounted or attached elsewhere.',
    },
    [machine.mounts, look.volumes],
  );
}

const FULL = 0.99;
const NEARLY_FULL = 0.95;

function full(facts: Facts, machine: MachineLook, volume: PersistentVolume): Part {
  const own = mountsOf(machine, volume);
  const use = facts.fileSystems.find(({ node }) => node === machine.node)?.use;
  const row = rowOf(
    machine,
    own.map(({ number }) => number),
    use,
  );
  if (use === undefined || row === undefined) return NOTHING;
  const used = 1 - row.availableBytes / row.sizeBytes;
  const percent = Math.round(used * 100);
  const proofs = [use, machine.mounts, facts.look.volumes];
  if (used > NEARLY_FULL) return bytes(volume, percent, proofs);
  if (row.inodes === 0 || row.inodesUsed / row.inodes < FULL) return NOTHING;
  return found(
    {
      code: 'inodes-exhausted',
      subject: subjectOf(volume),
      says: `${row.inodesUsed} of ${row.inodes} files are used, and ${percent} % of the bytes: "No space left on device" is true`,
      remedy: 'Remove files that are not needed, or expand the claim: an ext4 gets more inodes as it grows. /storage expand pvc',
      doNot: 'Do not take the alert for wrong because bytes are free.',
    },
    proofs,
  );
}

function bytes(volume: PersistentVolume, percent: number, proofs: readonly Seen<unknown>[]): Part {
  return found(
    {
      code: 'file-system-full',
      subject: subjectOf(volume),
      says: `${percent} % of the bytes of its file system are used: "No space left on device" is true, or will be soon`,
      remedy:
        'Remove what is not needed, or expand the claim: /storage expand pvc. /storage diagnose capacity says how fast it fills.',
      doNot: 'Do not delete files of a database (pg_wal, ibdata, raft), and restore nothing.',
    },
    proofs,
  );
}

/** df names each file system by one of its mounts. */
function rowOf({ mounts }: MachineLook, numbers: readonly string[], use: FileSystems['use'] | undefined) {
  if (use?.known !== true || !mounts.known) return undefined;
  return use.value.find(({ mountPoint }) => {
    const number = mounts.value.find((each) => each.mountPoint === mountPoint)?.number;
    return number !== undefined && numbers.includes(number);
  });
}
