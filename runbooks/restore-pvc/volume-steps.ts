import type { LogicalVolume } from '../../src/commands/logical-volumes.ts';
import { copyVolume, logicalVolumes, renameVolume } from '../../src/commands/logical-volumes.ts';
import { uses } from '../../src/core/hold.ts';
import type { Step } from '../../src/core/plan.ts';
import { verify } from '../../src/core/plan.ts';
import { sizeOf } from '../../src/core/size.ts';
import { noBackupRuns } from '../../src/repairs/preflight.ts';
import type { Situation } from './situation.ts';
import { holdsOf, isNamed, nameIsFree, nobodyHasIt, poolHasRoom, volumesAre } from './situation.ts';
import { keptName, undoneName, utc } from './state.ts';

interface CopySource {
  readonly volume: LogicalVolume;
  /** What a copy of a snapshot is known by. */
  readonly tag?: string;
}

function isCopy({ origin, tags }: LogicalVolume, { volume, tag }: CopySource): boolean {
  return tag === undefined ? origin === volume.name : tags.includes(tag);
}

/** The volume as it is gets another name and is kept; its successor will have this tag. */
export function putAsideStep(situation: Situation, current: LogicalVolume, tag: string): Step {
  const { facts, place, because, workName } = situation;
  const { host } = facts.hypervisor;
  const { vg, disk } = place;
  const kept = keptName(disk, workName);
  return {
    title: `Put ${disk} aside as ${kept}`,
    because,
    before: [
      isNamed(situation, current, disk),
      ...nobodyHasIt(situation),
      nameIsFree(situation, kept),
      ...noBackupRuns(situation.facts.hypervisor.host),
    ],
    change: renameVolume(host, { vg, name: disk }, kept),
    after: verify(`${kept} is the volume that was ${disk}, and still closed`, logicalVolumes(host, vg), (all) =>
      all.some(({ name, uuid, isOpen }) => name === kept && uuid === current.uuid && !isOpen),
    ),
    undo: {
      change: renameVolume(host, { vg, name: kept }, disk),
      before: [
        isNamed(situation, current, kept),
        ...nobodyHasIt(situation),
        volumesAre(situation, `${disk} is free, or its successor (${tag}), which is put aside before this`, (all) =>
          all.every((each) => each.name !== disk || each.tags.includes(tag)),
        ),
      ],
      after: verify(`${disk} is the volume that it was`, logicalVolumes(host, vg), (all) =>
        all.some(({ name, uuid }) => name === disk && uuid === current.uuid),
      ),
    },
    holds: holdsOf(situation, disk, kept),
    warnings: [
      `${kept} keeps all that was written until now, and takes room in the thin pool until a person removes it. The site's own job, which removes volumes named _pre_restore_ after three days, leaves it alone.`,
    ],
  };
}

/** A volume that can be written to, made of what the source holds; the source is not used up. */
export function copyStep(situation: Situation, source: CopySource, target: string): Step {
  const { facts, place, because, workName, choice } = situation;
  const { host } = facts.hypervisor;
  const { vg, disk } = place;
  const undone = undoneName(disk, workName);
  const { name, uuid, sizeBytes, pool = '' } = source.volume;
  return {
    title: `Make ${target} anew, of what ${name} holds`,
    because,
    before: [
      nameIsFree(situation, target),
      volumesAre(situation, `${name} is the same volume as before (${uuid})`, (all) =>
        all.some((each) => each.name === name && each.uuid === uuid),
      ),
      ...nobodyHasIt(situation),
      poolHasRoom(situation, pool),
      ...noBackupRuns(situation.facts.hypervisor.host),
    ],
    change: copyVolume(host, { vg, name }, { name: target, ...(source.tag !== undefined && { tag: source.tag }) }),
    after: verify(`${target} is a copy of ${name} and has ${sizeOf(sizeBytes)}`, logicalVolumes(host, vg), (all) =>
      all.some((each) => each.name === target && isCopy(each, source) && each.sizeBytes === sizeBytes && !each.isOpen),
    ),
    undo: {
      change: renameVolume(host, { vg, name: target }, undone),
      before: [
        volumesAre(situation, `${target} is the copy of ${name}, and closed`, (all) =>
          all.some((each) => each.name === target && isCopy(each, source) && !each.isOpen),
        ),
        ...nobodyHasIt(situation),
        nameIsFree(situation, undone),
      ],
      after: verify(`${undone} is what was ${target}`, logicalVolumes(host, vg), (all) => {
        return all.some((each) => each.name === undone) && all.every((each) => each.name !== target);
      }),
      warnings: [`What was written into it since stays in ${undone} alone, until a person removes that.`],
    },
    holds: [...holdsOf(situation, target, undone), uses('lv', `${vg}/${name}`)],
    warnings:
      choice.from === 'snapshot'
        ? [
            `What was written since ${madeAt(source.volume)} is not in it, and is in the volume that was put aside alone.`,
            'The snapshot was taken while the volume was written to: a database finds in it what it finds after a power cut, and repairs itself at its start.',
            ...nearlyFull(situation, pool),
          ]
        : nearlyFull(situation, pool),
  };
}

function madeAt({ createdAt }: LogicalVolume): string {
  return createdAt === undefined ? 'the snapshot' : utc(createdAt);
}

const MUCH_DATA_PERCENT = 80;

function nearlyFull({ logical }: Situation, pool: string): readonly string[] {
  const percent = logical.find(({ name }) => name === pool)?.dataPercent ?? 0;
  if (percent < MUCH_DATA_PERCENT) return [];
  return [
    `Thin pool ${pool} is ${percent} % full: from now on each block that changes takes room twice, in the volume and in what was put aside.`,
  ];
}

/** The copy with the files gets the name by which the driver finds the volume. */
export function placeStep(situation: Situation, made: string, tag: string): Step {
  const { facts, place, because } = situation;
  const { host } = facts.hypervisor;
  const { vg, disk } = place;
  const isHere = (name: string, says: string) =>
    volumesAre(situation, says, (all) => all.some((each) => each.name === name && each.tags.includes(tag) && !each.isOpen));
  return {
    title: `Put ${made} in the place of ${disk}`,
    because,
    before: [
      isHere(made, `${made} has the tag ${tag}, and is closed`),
      nameIsFree(situation, disk),
      ...nobodyHasIt(situation),
      ...noBackupRuns(situation.facts.hypervisor.host),
    ],
    change: renameVolume(host, { vg, name: made }, disk),
    after: { ...isHere(disk, `${disk} has the tag ${tag}, and is closed`), withinMs: 30_000 },
    undo: {
      change: renameVolume(host, { vg, name: disk }, made),
      before: [
        isHere(disk, `${disk} is what was restored (${tag}), and closed`),
        ...nobodyHasIt(situation),
        nameIsFree(situation, made),
      ],
      after: { ...isHere(made, `${made} is what was restored (${tag})`), withinMs: 30_000 },
      warnings: [`What was written since the restore stays in ${made} alone.`],
    },
    holds: holdsOf(situation, disk, made),
  };
}
