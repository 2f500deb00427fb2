import { backupFiles } from '../../src/commands/backup-files.ts';
import type { PgDatabase } from '../../src/commands/postgres.ts';
import { postgresDatabases, tableCounts } from '../../src/commands/postgres.ts';
import { POSTGRES_RESTORE, POSTGRES_SAFETY_COPY } from '../../src/commands/postgres-scripts.ts';
import type { Read } from '../../src/core/command.ts';
import { commandLine, show } from '../../src/core/command.ts';
import { changes } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { check, noUndo, verify, within } from '../../src/core/plan.ts';
import { sizeOf } from '../../src/core/size.ts';
import { amountOf, differences } from './rows.ts';
import type { Situation } from './situation.ts';
import {
  BACKUPS_AT,
  databaseJob,
  dumpStays,
  isWithoutCopy,
  jobHolds,
  liveIs,
  nameIsFree,
  quiet,
  roomFor,
  unseenAlerts,
} from './situation.ts';
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
  // A copy is always packed, also where the job leaves its dumps as they are.
  const own = { ...names, begins: 'pre_restore_', ends: '.sql.gz' };
  const deadlineS = secondsFor(live.bytes);
  const part = backupFiles(site.nas.host, { ...own, ends: '.part' });
  const progress: Read<string> = {
    ...part,
    asks: `How large is the copy ${copy}?`,
    parse: (output) => `${sizeOf(part.parse(output).find(({ name }) => name === `${copy}.part`)?.bytes ?? 0)} written`,
  };
  const { change, work } = databaseJob(situation, 'safety-copy', {
    script: POSTGRES_SAFETY_COPY,
    args: [target.name, `${BACKUPS_AT}/${copy}`],
    deadlineS,
    risk: 'normal',
    progress,
    writesBackups: true,
  });
  return {
    title: `Keep a copy of ${target.name} as it is now`,
    because,
    before: [
      liveIs(situation, live),
      check(`${names.path} has no ${copy}`, backupFiles(site.nas.host, own), (all) => all.every(({ name }) => name !== copy)),
      ...quiet(situation),
    ],
    change,
    work,
    after: within(
      (deadlineS + 120) * 1_000,
      verify(`${names.path} has ${copy}`, backupFiles(site.nas.host, own), (all) =>
        all.some(({ name, bytes }) => name === copy && bytes > 0),
      ),
    ),
    undo: noUndo(`Nothing to take back: a file was added. A person who no longer needs it removes ${names.path}/${copy}`),
    holds: [changes('backups', names.path), ...jobHolds(situation).filter(({ kind }) => kind !== 'backups')],
    warnings: [
      'The copy is made while the database is used: what is written while and after it is made is in the database itself, which is kept.',
      `If ${target.name} is damaged so that it cannot be dumped, ask again with without-copy at the end: it is kept under another name all the same.`,
    ],
  };
}

/** The dump's section of the database, into one of another name: nothing that is there is touched. */
export function restoreStep(situation: Situation, owner: string): Step {
  const { because, target, file, workName, primary } = situation;
  const made = scratchName(target.name, workName);
  const deadlineS = secondsFor(20 * file.bytes);
  const databases = postgresDatabases(primary.container);
  const progress: Read<string> = {
    ...databases,
    asks: `How large is ${made}?`,
    parse: (output) => `${sizeOf(databases.parse(output).find(({ name }) => name === made)?.bytes ?? 0)} restored`,
  };
  const { change, work } = databaseJob(situation, 'restore', {
    script: POSTGRES_RESTORE,
    args: [`${BACKUPS_AT}/${file.name}`, `${file.bytes}`, target.name, made, owner, markOf(target.name, file)],
    deadlineS,
    risk: 'normal',
    progress,
  });
  return {
    title: `Restore ${target.name} from ${file.name} beside it, as ${made}`,
    because,
    before: [dumpStays(situation), nameIsFree(situation, made), roomFor(situation), ...quiet(situation)],
    change,
    work,
    after: { ...isWhole(situation, made), withinMs: (deadlineS + 120) * 1_000 },
    undo: noUndo(
      `Nothing to take back: a database was added, and the bot drops none. A person who no longer needs it: DROP DATABASE "${made}"`,
    ),
    holds: jobHolds(situation),
    warnings: [
      'Roles and their passwords stay as they are: nothing else of the dump is loaded.',
      ...uncopied(situation),
      ...unseenAlerts(situation),
    ],
  };
}

function uncopied({ facts, stage: { live }, target: { name } }: Situation): readonly string[] {
  if (live === undefined || !isWithoutCopy(facts)) return [];
  return [
    `No copy of ${name} as it is now is made, as was asked: what it has is in itself alone, which the swap keeps under another name.`,
  ];
}

/** It says that it is whole, and its rows are those of the dump: one that was never made has none that could be asked for. */
function isWhole({ target, file, own, primary }: Situation, made: string): Check {
  const [databases, counts] = [postgresDatabases(primary.container), tableCounts(primary.container, made)];
  return {
    says: `${made} has ${amountOf(own)}, table for table as the dump`,
    line: `${show(databases.command)}; ${commandLine(counts.command)}`,
    holds: async (read) => {
      const all = await read(databases);
      if (!all.known) return { answer: 'unknown', seen: all };
      const isThere = all.value.some((each) => each.name === made && isMarked(each, markOf(target.name, file)));
      if (!isThere) return { answer: 'no', seen: all };
      const rows = await read(counts);
      if (!rows.known) return { answer: 'unknown', seen: rows };
      return { answer: differences(own, rows.value).length === 0 ? 'yes' : 'no', seen: rows };
    },
  };
}
