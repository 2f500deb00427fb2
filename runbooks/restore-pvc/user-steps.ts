import { volumeAttachments } from '../../src/commands/block-attachments.ts';
import { logicalVolumes } from '../../src/commands/logical-volumes.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import { setUser } from '../../src/commands/workload-volumes.ts';
import { commandLine } from '../../src/core/command.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { noBackupRuns } from '../../src/repairs/preflight.ts';
import { nameOf, noPodLeft, podsReady, type Runs, runsNow, userRuns } from '../../src/topology/stopped-users.ts';
import type { Situation } from './situation.ts';
import { allAreClosed, claimStays, inNoMachine, nowhereAttached, volumesAre } from './situation.ts';
import { chosenSnapshot } from './state.ts';

const STOPS_WITHIN_MS = 240_000;
const STARTS_WITHIN_MS = 300_000;

function holdOf({ namespace, name }: User): Hold {
  return changes('workload', `${namespace}/${name}`);
}

/** CronJobs first: one could start a pod while the last of the others goes. Only when all are stopped must the volume be free. */
export function stopSteps(situation: Situation, running: readonly User[]): readonly Step[] {
  const sorted = running.toSorted((a, b) => Number(b.kind === 'CronJob') - Number(a.kind === 'CronJob'));
  return sorted.map((user, index) => stopStep(situation, user, index === sorted.length - 1));
}

function stopStep(situation: Situation, user: User, isLast: boolean): Step {
  const { because, place, stage } = situation;
  // Somebody may have started what the bot had stopped, and with another number: how it runs now counts.
  const [now, stopped] = [runsNow(user), { runs: 0, ranBefore: user.runs }];
  const current = 'current' in stage ? [stage.current] : [];
  const gone = noPodLeft(user, stopped);
  return {
    title: `Stop ${nameOf(user)}`,
    because,
    before: [
      userRuns(user, now),
      claimStays(situation),
      ...sourceIsThere(situation),
      ...noBackupRuns(situation.facts.hypervisor.host),
    ],
    change: setUser(user, stopped),
    after: { ...(isLast ? andReleased(situation, gone) : gone), withinMs: STOPS_WITHIN_MS },
    undo: {
      change: setUser(user, now),
      before: [
        userRuns(user, stopped),
        ...current.map(({ uuid }) =>
          volumesAre(situation, `${place.disk} is the volume from before (${uuid})`, (all) =>
            all.some((each) => each.name === place.disk && each.uuid === uuid),
          ),
        ),
      ],
      after: { ...podsReady(user, now), withinMs: STARTS_WITHIN_MS },
    },
    holds: [holdOf(user), uses('lv', `${place.vg}/${place.disk}`)],
    warnings: [
      `It is down until the restore has ended; how it ran (${user.kind === 'CronJob' ? 'not suspended' : `replicas: ${user.runs}`}) is noted at it.`,
      ...(user.kind === 'StatefulSet' && user.runs > 1
        ? [
            `All of its ${user.runs} pods stop. The others keep their own volumes: where they copy to one another, newer data may win over what is restored.`,
          ]
        : []),
      'An apply of Terraform meanwhile would start it again: wait with it until the restore has ended.',
    ],
  };
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

/** CronJobs last. Taken back, they go first, and the volume must be free once the first that was started is stopped again. */
export function startSteps(situation: Situation, stopped: readonly User[]): readonly Step[] {
  const sorted = stopped.toSorted((a, b) => Number(a.kind === 'CronJob') - Number(b.kind === 'CronJob'));
  return sorted.map((user, index) => startStep(situation, user, index === 0 && situation.using.pods.length === 0));
}

/** As it ran before, to the same number. */
function startStep(situation: Situation, user: User, isAlone: boolean): Step {
  const { because, place, stage } = situation;
  // Who was started by somebody else meanwhile keeps running as it does, and only the note goes.
  const running: Runs = { runs: user.runs > 0 ? user.runs : (user.ranBefore ?? 0) };
  const stopped = runsNow(user);
  const uuid = 'current' in stage ? stage.current.uuid : '';
  const gone = stopped.runs > 0 ? userRuns(user, stopped) : noPodLeft(user, stopped);
  return {
    title: `Let ${nameOf(user)} run ${running.runs} again`,
    because,
    before: [
      userRuns(user, stopped),
      volumesAre(situation, `${place.disk} is the restored volume (${uuid})`, (all) =>
        all.some((each) => each.name === place.disk && each.uuid === uuid),
      ),
      ...(isAlone ? [nowhereAttached(situation), inNoMachine(situation), allAreClosed(situation)] : []),
    ],
    change: setUser(user, running),
    after: { ...podsReady(user, running), withinMs: STARTS_WITHIN_MS },
    undo: {
      change: setUser(user, stopped),
      before: [userRuns(user, running)],
      after: { ...(isAlone ? andReleased(situation, gone) : gone), withinMs: STOPS_WITHIN_MS },
      warnings: [`What ${nameOf(user)} wrote since the restore stays in the restored volume alone, which is put aside.`],
    },
    holds: [holdOf(user), uses('lv', `${place.vg}/${place.disk}`)],
    warnings: [
      `Look at the application itself afterwards: that its pods are ready does not say that its data are the right ones.`,
    ],
  };
}
