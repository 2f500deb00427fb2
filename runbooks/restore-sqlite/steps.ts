import type { SqliteWork } from '../../src/commands/sqlite-scripts.ts';
import { putSqliteBack, reindexSqlite, restoreSqlite } from '../../src/commands/sqlite-scripts.ts';
import { workNamed } from '../../src/commands/work.ts';
import type { StartedWork } from '../../src/commands/work-unit.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { verify, within } from '../../src/core/plan.ts';
import { startDependants, stopDependants } from '../../src/repairs/dependants.ts';
import { nameOf } from '../../src/topology/stopped-users.ts';
import { timeOf } from '../../src/topology/zfs-findings.ts';
import type { Situation } from './checks.ts';
import {
  afterOf,
  backupStays,
  both,
  claimIsNamed,
  claimStays,
  holdsBeside,
  isAsBefore,
  noPodUses,
  stageIs,
  stays,
} from './checks.ts';
import { isFor } from './stage.ts';
import { noteFor } from './users.ts';

const RUNS_WITHIN_S = 3_600;

export function stopSteps(situation: Situation, running: readonly User[]): readonly Step[] {
  const { facts, because, backup } = situation;
  return stopDependants({
    users: running,
    because,
    stoppedFor: noteFor(facts, afterOf(situation)),
    until: 'the restore has ended',
    before: [claimStays(situation), ...claimIsNamed(situation), ...backupStays(situation)],
    lastAlso: (gone) => both(gone, noPodUses(situation)),
    undoBefore: [isAsBefore(situation)],
    holds: holdsBeside(situation),
    warnings: () =>
      backup === undefined
        ? []
        : [
            `It goes on with what it had on ${timeOf(backup.candidate.file.modifiedAt)}: tell its people before this is approved.`,
          ],
  });
}

export function startSteps(situation: Situation, stopped: readonly User[]): readonly Step[] {
  const { facts, because, using } = situation;
  const isAlone = using.pods.length === 0;
  return startDependants({
    users: stopped,
    because,
    stoppedFor: noteFor(facts),
    before: [stageIs(situation, 'What was chosen is in its place, by the Job that succeeded last', ({ is }) => is === 'done')],
    ...(isAlone && {
      firstBefore: [noPodUses(situation)],
      firstGone: (gone: Check) => both(gone, noPodUses(situation)),
    }),
    undoWarnings: (user) => [
      `What ${nameOf(user)} wrote since goes into a directory of its own in the volume, and nowhere else.`,
    ],
    holds: holdsBeside(situation),
  });
}

/** The Job that changes the files, and the one that changes them back. */
export function workStep(situation: Situation): Step {
  const { facts, backing, choice, because, workName, using } = situation;
  const { service } = facts.asked;
  const { namespace } = facts.look.sqlite;
  const work = workOf(situation, workNamed(workName, choice.from === 'reindex' ? 'reindex' : 'restore'));
  const started = startWork(situation, work);
  const back = putSqliteBack({ ...work, name: workNamed(workName, 'back') });
  const isolated = [
    ...using.users.map((user) => stays(user, facts)),
    noPodUses(situation),
    claimStays(situation),
    ...claimIsNamed(situation),
  ];
  const kept = `.${work.stamp}-before`;
  return {
    title: choice.from === 'reindex' ? `Make the indexes of ${service} anew` : `Restore ${service} from ${choice.name}`,
    because,
    before: [
      stageIs(
        situation,
        `No Job of the bot works on ${backing.volume.name}, and none has done this`,
        ({ is }) => is === situation.stage.is,
      ),
      ...isolated,
      ...backupStays(situation),
    ],
    change: started.change,
    work: started.work,
    after: succeeded(`${namespace}/${work.name}`, started),
    undo: {
      change: back.change,
      before: [
        stageIs(
          situation,
          `Job ${namespace}/${work.name} was the last that worked on it`,
          (stage) => stage.is === 'done' && stage.job.stamp === work.stamp,
        ),
        ...isolated,
      ],
      after: succeeded(`${namespace}/${workNamed(workName, 'back')}`, back),
      warnings: [`What was written since goes into .${work.stamp}-undone in the volume: it is in the database no more.`],
    },
    holds: [
      changes('pvc', `${namespace}/${backing.volume.name}`),
      changes('workload', `${namespace}/${backing.workload.name}`),
      ...(backing.volume.persistentVolume === undefined ? [] : [uses('pv', backing.volume.persistentVolume)]),
      ...(situation.backup === undefined || facts.backups === undefined ? [] : [uses('backups', facts.backups.place.path)]),
    ],
    warnings: warningsOf(situation, kept),
  };
}

function warningsOf({ facts, choice, backup }: Situation, kept: string): readonly string[] {
  const { needs, mayHave, file } = facts.look.sqlite;
  const always = `Everything that is put aside stays in ${kept} in the volume, until a person removes it.`;
  if (choice.from === 'reindex' || backup === undefined) return [always];
  const { content } = backup.candidate;
  const files = content.known ? content.value.files : [];
  const absent = mayHave.filter((name) => !files.includes(name));
  return [
    `What was written after ${timeOf(backup.candidate.file.modifiedAt)} is not in the backup, and is no longer in the database.`,
    `${[file, ...needs, ...mayHave].join(', ')} are replaced together${absent.length === 0 ? '' : `; the backup has no ${absent.join(', ')}: where the volume has a directory of such a name that stays, and a file is put aside as well`}.`,
    ...(needs.length === 0 ? [] : [`With another ${needs.join(', ')} than now, everybody has to log in again.`]),
    always,
  ];
}

function workOf({ facts, backing, stage, choice, image }: Situation, name: string): SqliteWork {
  const { namespace, file } = facts.look.sqlite;
  // Only the same Job again goes on with what it began; after another one, that one's work is finished first.
  const goesOn = stage.is === 'unclear' && isFor(stage.job, choice);
  const stamp = goesOn ? stage.job.stamp : name;
  return { namespace, name, deadlineS: RUNS_WITHIN_S, image, claim: backing.volume.name, file, stamp };
}

function startWork({ facts, choice, backup }: Situation, work: SqliteWork): StartedWork {
  const { tables, needs, mayHave } = facts.look.sqlite;
  if (choice.from === 'reindex' || backup === undefined) return reindexSqlite({ ...work, tables });
  const { rows, claim: backupClaim } = backup;
  return restoreSqlite({ ...work, backupClaim, from: choice.name, rows, needs, mayHave });
}

function succeeded(name: string, { work }: StartedWork) {
  return within(
    (RUNS_WITHIN_S + 120) * 1_000,
    verify(`Job ${name} has succeeded`, work.state, ({ is }) => is === 'succeeded'),
  );
}
