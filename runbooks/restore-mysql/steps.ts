import type { MysqlDatabase } from '../../src/commands/mysql-databases.ts';
import { mysqlDatabases } from '../../src/commands/mysql-databases.ts';
import { LOAD_BESIDE, SAFETY_DUMP } from '../../src/commands/mysql-scripts.ts';
import { workNamed } from '../../src/commands/work.ts';
import { changes } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { noUndo, verify, within } from '../../src/core/plan.ts';
import { announcementsUnseen } from '../../src/repairs/preflight.ts';
import { afterJobMs, databaseGrows, dumpStays, safetyCopy } from '../../src/repairs/restore-beside.ts';
import type { LookedInto } from './facts.ts';
import { databaseIn } from './flags.ts';
import type { Situation } from './situation.ts';
import { BACKUPS_AT, changesDatabase, databaseJob, databasesAre, quiet, serverHolds, tablesOf } from './situation.ts';
import { besideName } from './state.ts';

/** At 1 MB/s, which a busy disk still does, and ten minutes besides. */
function secondsFor(bytes: number): number {
  return Math.ceil(600 + bytes / 1_000_000);
}

/** What is in the database now, as a file beside its dumps. */
export function safetyStep(situation: Situation, live: MysqlDatabase): Step {
  const { facts, because, workName } = situation;
  const { path } = facts.look.mysql.backups;
  const copy = `pre_restore_${live.name}_${workNamed(workName, 'copy')}.sql.gz`;
  const deadlineS = secondsFor(live.bytes);
  const file = safetyCopy({ nas: facts.site.nas.host, path, name: copy, unfinished: `${copy}.partial`, deadlineS });
  return {
    title: `Keep a copy of ${live.name} as it is now`,
    because,
    before: [...quiet(situation), file.isFree],
    ...databaseJob(situation, 'safety-copy', {
      script: SAFETY_DUMP,
      args: [`${BACKUPS_AT}/${copy}`],
      deadlineS,
      risk: 'normal',
      progress: file.progress,
      backups: 'writes',
    }),
    after: file.isThere,
    undo: file.undo,
    holds: [
      changes('backups', path),
      changesDatabase(facts, live.name),
      ...serverHolds(facts).filter(({ kind }) => kind !== 'backups'),
    ],
    warnings: [
      'It is made while the database is used: what is written meanwhile and afterwards is in the database itself, which is kept.',
      ...announcementsUnseen(facts.alerts),
    ],
  };
}

/** The part of the dump that is of the database, into one of another name: nothing that is there is touched. */
export function loadStep(situation: Situation, { file, dump }: LookedInto): Step {
  const { facts, server, because, workName } = situation;
  const { database } = facts.asked;
  const { path } = facts.look.mysql.backups;
  const made = besideName(database, workName);
  const databases = mysqlDatabases(server.primary.server);
  const tables = dump.known ? databaseIn(dump.value, database)?.tables.length : undefined;
  const deadlineS = secondsFor(file.bytes * 20);
  return {
    title: `Restore ${database} from ${file.name} beside it, as ${made}`,
    because,
    before: [
      ...quiet(situation),
      databasesAre(server, `No database is named ${made}`, (all) => all.every(({ name }) => name !== made)),
      dumpStays(facts.site.nas.host, file),
    ],
    ...databaseJob(situation, 'load', {
      script: LOAD_BESIDE,
      args: [`${BACKUPS_AT}/${file.name}`, made],
      deadlineS,
      risk: 'normal',
      progress: databaseGrows(databases, made),
      backups: 'reads',
    }),
    after: within(
      afterJobMs(deadlineS),
      verify(`${made} is whole, by its mark, and has ${tables ?? 'its'} tables`, databases, (all) =>
        all.some(({ name, isMarked, tables: found }) => name === made && isMarked && found > 0 && found === (tables ?? found)),
      ),
    ),
    undo: noUndo(
      `Nothing to take back: a database was added, and the bot drops none. A person who no longer needs it: DROP DATABASE \`${made}\`;`,
    ),
    // Of one database there is one restore at a time.
    holds: [changesDatabase(facts, made), changesDatabase(facts, database), ...serverHolds(facts)],
    warnings: [
      `Users, their passwords and their rights stay as they are: nothing else of ${path}/${file.name} is loaded.`,
      ...LOADED,
      ...announcementsUnseen(facts.alerts),
    ],
  };
}

const LOADED = [
  'Its rows are compared with those of the dump, byte by byte, before it is marked as whole. Whether they were one moment of the database, the dump does not tell: without --single-transaction each database is locked by itself.',
  'Every member of the group gets it over the binary log, which grows by as much.',
] as const;

export function hasTables(situation: Situation, name: string, tables: number): Check {
  return databasesAre(situation.server, `${name} has ${tables} tables`, (all) => tablesOf(all, name) === tables);
}
