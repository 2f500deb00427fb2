import { backupFiles } from '../../src/commands/backup-files.ts';
import type { MysqlDatabase } from '../../src/commands/mysql.ts';
import { mysqlDatabases } from '../../src/commands/mysql.ts';
import { LOAD_BESIDE, SAFETY_DUMP } from '../../src/commands/mysql-scripts.ts';
import { workNamed } from '../../src/commands/work.ts';
import type { Read } from '../../src/core/command.ts';
import { changes } from '../../src/core/hold.ts';
import type { Check, Step } from '../../src/core/plan.ts';
import { check, noUndo, verify, within } from '../../src/core/plan.ts';
import { sizeOf } from '../../src/core/size.ts';
import type { LookedInto } from './facts.ts';
import { databaseIn } from './flags.ts';
import type { Situation } from './situation.ts';
import {
  BACKUPS_AT,
  changesDatabase,
  databaseJob,
  databasesAre,
  noJobUsesDumps,
  primaryStays,
  serverHolds,
  tablesOf,
} from './situation.ts';
import { besideName } from './state.ts';

/** At 1 MB/s, which a busy disk still does, and ten minutes besides. */
function secondsFor(bytes: number): number {
  return Math.ceil(600 + bytes / 1_000_000);
}

/** What is in the database now, as a file beside its dumps. */
export function safetyStep(situation: Situation, live: MysqlDatabase): Step {
  const { facts, server, because, workName } = situation;
  const { path } = facts.look.mysql.backups;
  const copy = `pre_restore_${live.name}_${workNamed(workName, 'copy')}.sql.gz`;
  const files = backupFiles(facts.site.nas.host, { path, begins: 'pre_restore_', ends: '' });
  const progress: Read<string> = {
    ...files,
    asks: `How large is the copy ${copy}?`,
    parse: (output) => `${sizeOf(files.parse(output).find(({ name }) => name === `${copy}.partial`)?.bytes ?? 0)} written`,
  };
  const deadlineS = secondsFor(live.bytes);
  return {
    title: `Keep a copy of ${live.name} as it is now`,
    because,
    before: [
      ...atLeast(primaryStays(server)),
      noJobUsesDumps(facts),
      check(`${path} has no ${copy}`, files, (all) => all.every(({ name }) => name !== copy)),
    ],
    ...databaseJob(situation, 'safety-copy', {
      script: SAFETY_DUMP,
      args: [`${BACKUPS_AT}/${copy}`],
      deadlineS,
      risk: 'normal',
      progress,
      backups: 'writes',
    }),
    after: within(
      (deadlineS + 120) * 1000,
      verify(`${path} has ${copy}`, files, (all) => all.some(({ name, bytes }) => name === copy && bytes > 0)),
    ),
    undo: noUndo(`Nothing to take back: a file was added. A person who no longer needs it removes ${path}/${copy}`),
    holds: [
      changes('backups', path),
      changesDatabase(facts, live.name),
      ...serverHolds(facts).filter(({ kind }) => kind !== 'backups'),
    ],
    warnings: [
      'It is made while the database is used: what is written meanwhile and afterwards is in the database itself, which is kept.',
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
  const progress: Read<string> = {
    ...databases,
    asks: `How large is ${made}?`,
    parse: (output) => `${sizeOf(databases.parse(output).find(({ name }) => name === made)?.bytes ?? 0)} restored`,
  };
  const tables = dump.known ? databaseIn(dump.value, database)?.tables.length : undefined;
  const deadlineS = secondsFor(file.bytes * 20);
  return {
    title: `Restore ${database} from ${file.name} beside it, as ${made}`,
    because,
    before: [
      ...atLeast(primaryStays(server)),
      noJobUsesDumps(facts),
      databasesAre(server, `No database is named ${made}`, (all) => all.every(({ name }) => name !== made)),
      dumpStays(situation, { file, dump }),
    ],
    ...databaseJob(situation, 'load', {
      script: LOAD_BESIDE,
      args: [`${BACKUPS_AT}/${file.name}`, made],
      deadlineS,
      risk: 'normal',
      progress,
      backups: 'reads',
    }),
    after: within(
      (deadlineS + 120) * 1000,
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
    ],
  };
}

const LOADED = [
  'Its rows are compared with those of the dump, byte by byte, before it is marked as whole. Whether they were one moment of the database, the dump does not tell: without --single-transaction each database is locked by itself.',
  'Every member of the group gets it over the binary log, which grows by as much.',
] as const;

function dumpStays({ facts }: Situation, { file }: LookedInto): Check {
  const { path } = facts.look.mysql.backups;
  return check(
    `${file.path} still has ${file.bytes} bytes, and was not written since`,
    backupFiles(facts.site.nas.host, { path, begins: '', ends: '.gz' }),
    (all) =>
      all.some(({ name, bytes, modifiedAt }) => name === file.name && bytes === file.bytes && modifiedAt === file.modifiedAt),
  );
}

export function atLeast<T>(items: readonly T[]): readonly [T, ...T[]] {
  const [first, ...more] = items;
  if (first === undefined) throw new Error('a step has a check');
  return [first, ...more];
}

export function hasTables(situation: Situation, name: string, tables: number): Check {
  return databasesAre(situation.server, `${name} has ${tables} tables`, (all) => tablesOf(all, name) === tables);
}
