import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { claims } from '../../src/commands/claims.ts';
import { createClaim } from '../../src/commands/workload-volumes.ts';
import { commandLine } from '../../src/core/command.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { check, noUndo, verify } from '../../src/core/plan.ts';
import { stopDependants } from '../../src/repairs/dependants.ts';
import { staleBackups } from './diagnose.ts';
import { newSize } from './room.ts';
import { type Situation, sourceStays, targetIsThere } from './situation.ts';

/** The first round: the new claim, and nobody runs any more. */
export function stopSteps(situation: Situation): readonly Step[] {
  const { place, users, because } = situation;
  const { namespace, name } = place.source;
  const running = users.source.users.filter(({ runs }) => runs > 0);
  const claim = place.made === undefined ? claimStep(situation) : [];
  if (claim === undefined) return [];
  const stopped = stopDependants({
    users: running,
    because,
    until: 'the migration has ended',
    before: [sourceStays(situation), targetIsThere(situation)],
    undoBefore: [sourceStays(situation)],
    ...(place.backing.kind === 'csi' && { lastAlso: (gone: Check) => andDetached(situation, gone) }),
    holds: [uses('pvc', `${namespace}/${name}`), uses('pvc', `${namespace}/${place.target}`)],
  });
  return [...claim, ...stopped];
}

function claimStep(situation: Situation): readonly Step[] | undefined {
  const { facts, place, because } = situation;
  const { namespace, name } = place.source;
  const id = `${namespace}/${place.target}`;
  const size = newSize(facts, place);
  if (size === undefined) return undefined;
  const spec = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: facts.asked.storageClass,
    resources: { requests: { storage: size } },
    volumeMode: 'Filesystem',
  };
  const step: Step = {
    title: `Make the claim ${id} with ${size} of class ${facts.asked.storageClass}`,
    because,
    before: [
      check(`There is no claim ${id}`, claims(), (all) =>
        all.every((each) => each.namespace !== namespace || each.name !== place.target),
      ),
      sourceStays(situation),
    ],
    change: createClaim(namespace, place.target, spec),
    after: verify(`${id} is there; that it waits for its first pod is well`, claims(), (all) =>
      all.some(
        (each) => each.namespace === namespace && each.name === place.target && each.storageClass === spec.storageClassName,
      ),
    ),
    undo: noUndo(
      'It stays. Without a volume it takes no room; once it has one, it alone may hold what was written since, and a person deletes it.',
    ),
    holds: [changes('pvc', id), uses('pvc', `${namespace}/${name}`)],
    warnings: [
      `${namespace}/${name} stays as it is, for 7 days at least after the migration; the bot never deletes it.`,
      'A disk takes a slot of the machine that its pod runs on, and is at one node at a time.',
      ...staleBackups(place).map((each) => `No fresh backup: ${each}.`),
    ],
  };
  return [step];
}

/** And the driver has let go of the disk. */
function andDetached({ place: { source } }: Situation, gone: Check): Check {
  const attachments = volumeAttachments();
  return {
    says: `${gone.says}; ${source.volume} is at no node`,
    line: `${gone.line}; ${commandLine(attachments.command)}`,
    holds: async (read) => {
      const first = await gone.holds(read);
      if (first.answer !== 'yes') return first;
      const seen = await read(attachments);
      if (!seen.known) return { answer: 'unknown', seen };
      return { answer: seen.value.every((each) => each.persistentVolume !== source.volume) ? 'yes' : 'no', seen };
    },
  };
}
