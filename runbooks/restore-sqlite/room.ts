import type { Diagnosis } from '../../src/core/finding.ts';
import { knownOf, ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { provesBacking } from '../../src/topology/sqlite-look.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

/** Before anybody is stopped: the Job itself looks once more, at all files that it copies. */
export function room(facts: Facts): Diagnosis<Code> {
  const { look, asked } = facts;
  const { inside, backing, sqlite } = look;
  const copied = copiedBytes(facts);
  const { mount, space } = inside ?? {};
  if (mount?.known !== true || !mount.value.mounted || space?.known !== true) return NOTHING;
  if (backing?.found !== true || copied === undefined) return NOTHING;
  const { availableBytes, type } = space.value;
  const claim = `${sqlite.namespace}/${backing.volume.name}`;
  const says = `The volume of ${asked.service} has ${sizeOf(availableBytes)} free, and ${sizeOf(copied.bytes)} are copied into it`;
  if (availableBytes >= 2 * copied.bytes) return told(ok(says, space, ...copied.seen));
  return found({
    code: 'no-room',
    subject: claim,
    says: `${says}: twice that is needed, since all that is there now is kept`,
    remedy: type.startsWith('nfs')
      ? 'Make room on the server first: /storage diagnose capacity.'
      : `Let it grow first: /storage expand pvc ${claim}. Or remove what earlier restores put aside there, once nobody needs it.`,
    doNot: 'Do not delete the -wal or the -journal to make room: they are part of the database.',
    seen: [space, mount, ...copied.seen, ...provesBacking(look)],
  });
}

interface Copied {
  readonly bytes: number;
  readonly seen: readonly Known<unknown>[];
}

/** The database of the backup, or the one that is there with its log. */
function copiedBytes({ asked: { choice }, look: { inside }, backups }: Facts): Copied | undefined {
  if (choice?.from === 'reindex') {
    const files = inside?.files;
    if (files?.known !== true) return undefined;
    const { database, wal } = files.value;
    return { bytes: (database?.bytes ?? 0) + (wal?.bytes ?? 0), seen: [files] };
  }
  const [candidate] = backups?.candidates ?? [];
  const sizes = backups?.sizes;
  if (candidate === undefined || sizes?.known !== true) return undefined;
  const own = sizes.value.find(({ path }) => path.startsWith(`${candidate.file.path}/`));
  return own === undefined
    ? undefined
    : { bytes: own.bytes, seen: knownOf<unknown>([sizes, backups?.list].filter((each) => each !== undefined)) };
}
