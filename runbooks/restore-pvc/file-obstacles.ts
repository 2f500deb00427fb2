import { together } from '../../src/core/finding.ts';
import { sizeOf } from '../../src/core/size.ts';
import { found, NOTHING } from '../../src/topology/zfs-findings.ts';
import type { At } from './at.ts';
import type { Code } from './codes.ts';

/** Why the copy of a week cannot come into the volume. */
export function files(at: At) {
  const { choice } = at.facts.asked;
  if (choice?.from !== 'files') return NOTHING;
  return together<Code>([empty(at, choice.week), tooLarge(at, choice.week), otherContent(at)]);
}

function empty({ facts: { asked, volume } }: At, week: string) {
  const tree = volume?.tree;
  if (tree?.known !== true || tree.value.files > 0) return NOTHING;
  return found<Code>({
    code: 'copy-empty',
    subject: week,
    says: `The copy of week ${week} of ${asked.namespace}/${asked.claim} holds no file`,
    remedy: 'Choose another week, or a snapshot; and look why the backup copied nothing.',
    doNot: 'Do not restore it: 0 files of 0 are no success, they empty the volume.',
    seen: [tree],
  });
}

/** Told before anybody is stopped for it. */
function tooLarge({ facts: { volume }, stage, logical, place }: At, week: string) {
  const tree = volume?.tree;
  const target = 'current' in stage ? stage.current : 'kept' in stage ? stage.kept : undefined;
  if (tree?.known !== true || target === undefined || tree.value.bytes < target.sizeBytes) return NOTHING;
  return found<Code>({
    code: 'copy-too-large',
    subject: week,
    says: `The copy of week ${week} holds ${sizeOf(tree.value.bytes)}, and ${place.disk} has ${sizeOf(target.sizeBytes)}`,
    remedy: 'Let the claim grow first (/storage expand pvc), or choose another week.',
    seen: [tree, logical],
  });
}

function otherContent({ facts: { volume } }: At) {
  const content = volume?.content;
  if (content?.seen.known !== true || content.seen.value === 'ext4') return NOTHING;
  const { name, seen } = content;
  return found<Code>({
    code: 'not-ext4',
    subject: name,
    says: `On ${name} is ${seen.value}, and no plain ext4`,
    remedy:
      seen.value === 'crypto_LUKS'
        ? 'A person opens it with cryptsetup and the key of the backup, and copies the files; or restore a snapshot, which keeps its key.'
        : 'Find out what it is first; or restore a snapshot, which needs no file system.',
    seen: [seen],
  });
}
