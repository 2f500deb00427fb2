import { logicalVolumes } from '../../src/commands/logical-volumes.ts';
import { contentOf, copyPath, fillVolume } from '../../src/commands/pvc-copies.ts';
import { isSameTree, treeAt } from '../../src/commands/trees.ts';
import { workNamed } from '../../src/commands/work.ts';
import type { Step } from '../../src/core/plan.ts';
import { check, noUndo, verify, within } from '../../src/core/plan.ts';
import { describeTree } from '../../src/repairs/copy-tree.ts';
import { noBackupRuns } from '../../src/repairs/preflight.ts';
import type { Situation } from './situation.ts';
import { holdsOf, nobodyHasIt, poolHasRoom, volumesAre } from './situation.ts';
import { filesTag } from './state.ts';

/** Makes the files on the copy beside the volume those of the week: what is not among them is deleted there. */
export function fillStep(situation: Situation, name: string, week: string): readonly [Step] | undefined {
  const { facts, place, because, workName, stage } = situation;
  const { hypervisor, asked, volume } = facts;
  const { vg } = place;
  if (hypervisor.copies === undefined || volume?.tree?.known !== true) return undefined;
  const { host, copies } = hypervisor;
  const tree = volume.tree.value;
  const from = copyPath({ root: copies, ...asked }, week);
  // A disk that is busy reads 10 MB and 50 files a second; all is read twice, and ten minutes are for the check of the file system.
  const deadlineS = Math.ceil(600 + tree.bytes / 5_000_000 + tree.files / 25);
  const tag = filesTag(week);
  const made = 'made' in stage ? stage.made : undefined;
  // A restart of the host leaves it inactive: what is on it is then told by the mount alone, which takes nothing but ext4.
  const hasDevice = made === undefined || made.attributes[4] === 'a';
  const unit = { name: workNamed(workName, 'fill'), deadlineS, vg, volume: name, from, tag };
  const { change, work } = fillVolume(host, unit);
  const step: Step = {
    title: `Fill ${name} with the files of week ${week}`,
    because,
    before: [
      volumesAre(situation, `${name} is closed, and a copy without the files yet`, (all) =>
        all.some((each) => each.name === name && !each.isOpen && each.tags.length === 0),
      ),
      ...nobodyHasIt(situation),
      ...(hasDevice ? [check(`${name} holds an ext4`, contentOf(host, { vg, name }), (content) => content === 'ext4')] : []),
      check(
        `${from} holds ${describeTree(tree)}, as before`,
        treeAt(host, from, 600),
        (now) => now.files > 0 && isSameTree(now, tree),
      ),
      poolHasRoom(situation, poolOf(situation), tree.bytes),
      ...noBackupRuns(situation.facts.hypervisor.host),
    ],
    change,
    work,
    after: within(
      (deadlineS + 120) * 1_000,
      verify(
        `${name} is closed and has the tag ${tag}, which it gets when all was read again and is the same`,
        logicalVolumes(host, vg),
        (all) => all.some((each) => each.name === name && !each.isOpen && each.tags.includes(tag)),
      ),
    ),
    undo: noUndo('Nothing uses the copy that it fills: the volume itself is as it was.'),
    holds: holdsOf(situation, place.disk, name),
    warnings: [
      `The volume then holds these ${describeTree(tree)}, and nothing else: what was written since that week is in the volume that is put aside alone.`,
    ],
  };
  return [step];
}

function poolOf({ stage }: Situation): string {
  const volume = 'kept' in stage ? stage.kept : 'current' in stage ? stage.current : undefined;
  return volume?.pool ?? '';
}
