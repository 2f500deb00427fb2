import type { PgDatabase } from '../../src/commands/postgres.ts';
import { postgresDatabases } from '../../src/commands/postgres.ts';
import { POSTGRES_RESTORE, POSTGRES_SAFETY_COPY } from '../../src/commands/postgres-scripts.ts';
import { changes } from '../../src/core/hold.ts';
import type { Step, Verification } from '../../src/core/plan.ts';
import { noUndo, verify, within } from '../../src/core/plan.ts';
import { announcementsUnseen } from '../../src/repairs/preflight.ts';
import { afterJobMs, databaseGrows, dumpStays, safetyCopy } from '../../src/repairs/restore-beside.ts';
import { isWithoutCopy } from './facts.ts';
import { amountOf } from './rows.ts';
import type { Situation } from './situation.ts';
import { BACKUPS_AT, databaseJob, jobHolds, liveIs, nameIsFree, quiet, roomFor } from './situation.ts';
import { isMarked, markOf, safetyCopyName, scratchName } from './state.ts';

/** At 2 MB/s, which a busy disk still does, and ten minutes besides. */
function secondsFor(bytes: number): number {
  return Math.ceil(600 + bytes / 2_000_000);
}

/** What is in the database now, damaged or not, as a file beside its dumps. */
export function safetyCopyStep(situation: Situation, live: PgDatabase): Step {
  const { because, target, facts, workName } = situation;
  const { site, names } = facts;
  const copy = safetyCopyName(target.name, workName);
  const deadlineS = secondsFor(live.bytes);
  const file = safetyCopy({ nas: site.nas.host, path: names.path, name: copy, unfinished: `${copy}.part`, deadlineS });
  const { change, work } = databaseJob(situation, 'safety-copy', {
    script: POSTGRES_SAFETY_COPY,
    args: [target.name, `${BACKUPS_AT}/${copy}`],
    deadlineS,
    risk: 'normal',
    progress: file.progress,
    writesBackups: true,
  });
  return {
    title: `Keep a copy of ${target.name} as it is now`,
    because,
    before: [liveIs(situation, live), file.isFree, ...quiet(situation)],
    change,
    work,
    after: file.isThere,
    undo: file.undo,
    holds: [changes('backups', names.path), ...jobHolds(situation).filter(({ kind }) => kind !== 'backups')],
    warnings: [
      'The copy is made while the database is used: what is written while and after it is made is in the database itself, which is kept.',
      `If ${target.name} is damaged so that it cannot be dumped, ask again with without-copy at the end: it is kept under another name all the same.`,
    ],
  };
}

/** The dump's section of the database, into one of another name: nothing that is there is touched. */
export function restoreStep(situation: Situation, owner: string): Step {
  const { because, target, facts, file, workName, primary } = situation;
  const made = scratchName(target.name, workName);
  const deadlineS = secondsFor(20 * file.bytes);
  const databases = postgresDatabases(primary.container);
  const { change, work } = databaseJob(situation, 'restore', {
    script: POSTGRES_RESTORE,
    args: [`${BACKUPS_AT}/${file.name}`, `${file.bytes}`, target.name, made, owner, markOf(target.name, file)],
    deadlineS,
    risk: 'normal',
    progress: databaseGrows(databases, made),
  });
  return {
    title: `Restore ${target.name} from ${file.name} beside it, as ${made}`,
    because,
    before: [dumpStays(facts.site.nas.host, file), nameIsFree(situation, made), roomFor(situation), ...quiet(situation)],
    change,
    work,
    after: within(afterJobMs(deadlineS), isWhole(situation, made)),
    undo: noUndo(
      `Nothing to take back: a database was added, and the bot drops none. A person who no longer needs it: DROP DATABASE "${made}"`,
    ),
    holds: jobHolds(situation),
    warnings: [
      'Roles and their passwords stay as they are: nothing else of the dump is loaded.',
      ...uncopied(situation),
      ...announcementsUnseen(situation.facts.alerts),
    ],
  };
}

function uncopied({ facts, stage: { live }, target: { name } }: Situation): readonly string[] {
  if (live === undefined || !isWithoutCopy(facts)) return [];
  return [
    `No copy of ${name} as it is now is made, as was asked: what it has is in itself alone, which the swap keeps under another name.`,
  ];
}

/** The Job says so at the database once it has compared table for table, behind a door that only a swap opens. */
function isWhole({ target, file, own, primary }: Situation, made: string): Verification {
  return verify(
    `${made} is whole by its mark, with ${amountOf(own)}, and takes no connections`,
    postgresDatabases(primary.container),
    (all) => all.some((each) => each.name === made && isMarked(each, markOf(target.name, file)) && !each.allowsConnections),
  );
}
