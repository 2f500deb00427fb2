import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { logicalVolumes } from '../../src/commands/logical-volumes.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import { commandLine } from '../../src/core/command.ts';
import { uses } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { startDependants, stopDependants } from '../../src/repairs/dependants.ts';
import { noBackupRuns } from '../../src/repairs/preflight.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import type { Situation } from './situation.ts';
import { allAreClosed, claimStays, inNoMachine, nowhereAttached, volumesAre } from './situation.ts';
import { chosenSnapshot } from './state.ts';

/** Only when all are stopped must the volume be free. */
export function stopSteps(situation: Situation, running: readonly User[]): readonly Step[] {
  const { because, place, stage, facts } = situation;
  const current = 'current' in stage ? [stage.current] : [];
  return stopDependants({
    users: running,
    because,
    until: 'the restore has ended',
    before: [claimStays(situation), ...sourceIsThere(situation), ...noBackupRuns(facts.hypervisor.host)],
    lastAlso: (gone) => andReleased(situation, gone),
    undoBefore: current.map(({ uuid }) =>
      volumesAre(situation, `${place.disk} is the volume from before (${uuid})`, (all) =>
        all.some((each) => each.name === place.disk && each.uuid === uuid),
      ),
    ),
    holds: [uses('lv', `${place.vg}/${place.disk}`)],
    warnings: ({ kind, runs }) =>
      kind === 'StatefulSet' && runs > 1
        ? [
            `All of its ${runs} pods stop. The others keep their own volumes: where they copy to one another, newer data may win over what is restored.`,
          ]
        : [],
  });
}

/** Nobody is stopped for a snapshot that has expired meanwhile. */
function sourceIsThere(situation: Situation): readonly Check[] {
  const { place, choice, logical } = situation;
  const snapshot = choice.from === 'snapshot' ? chosenSnapshot(place, logical, choice) : undefined;
  if (snapshot === undefined) return [];
  const { name, uuid } = snapshot;
  return [
    volumesAre(situation, `${name} is there (${uuid})`, (all) => all.some((each) => each.name === name && each.uuid === uuid)),
  ];
}

/** And the driver has detached the volume: nothing on the hypervisor has it open any more. */
function andReleased({ facts, place }: Situation, gone: Check): Check {
  const [attachments, volumes] = [volumeAttachments(), logicalVolumes(facts.hypervisor.host, place.vg)];
  return {
    says: `${gone.says}; ${place.disk} is detached and closed`,
    line: [gone.line, commandLine(attachments.command), commandLine(volumes.command)].join('; '),
    holds: async (read) => {
      const first = await gone.holds(read);
      if (first.answer !== 'yes') return first;
      const [attached, logical] = await Promise.all([read(attachments), read(volumes)]);
      if (!attached.known) return { answer: 'unknown', seen: attached };
      if (!logical.known) return { answer: 'unknown', seen: logical };
      if (attached.value.some(({ persistentVolume }) => persistentVolume === place.volume.name))
        return { answer: 'no', seen: attached };
      const isClosed = logical.value.every(({ name, isOpen }) => name !== place.disk || !isOpen);
      return { answer: isClosed ? 'yes' : 'no', seen: logical };
    },
  };
}

/** Taken back, the volume must be free once the first that was started is stopped again. */
export function startSteps(situation: Situation, stopped: readonly User[]): readonly Step[] {
  const { because, place, stage, using } = situation;
  const uuid = 'current' in stage ? stage.current.uuid : '';
  const alone = using.pods.length === 0;
  return startDependants({
    users: stopped,
    because,
    before: [
      volumesAre(situation, `${place.disk} is the restored volume (${uuid})`, (all) =>
        all.some((each) => each.name === place.disk && each.uuid === uuid),
      ),
    ],
    ...(alone && {
      firstBefore: [nowhereAttached(situation), inNoMachine(situation), allAreClosed(situation)],
      firstGone: (gone: Check) => andReleased(situation, gone),
    }),
    undoWarnings: (user) => [
      `What ${nameOf(user)} wrote since the restore stays in the restored volume alone, which is put aside.`,
    ],
    holds: [uses('lv', `${place.vg}/${place.disk}`)],
  });
}
