import type { Finding } from '../../src/core/finding.ts';
import type { Code } from './codes.ts';
import type { Facts, ServerFacts } from './facts.ts';
import { databaseIn } from './flags.ts';
import type { Stage } from './state.ts';

type Found = Finding<Code>;

/** Seen before anything is made: in the database that is used, and in the dump. */
export function programObstacles(facts: Facts, server: ServerFacts, stage: Stage): readonly Found[] {
  if (stage.is !== 'none' && stage.is !== 'beside') return [];
  return [...inDatabase(facts, server), ...(stage.is === 'none' ? inDump(facts) : [])];
}

function inDatabase(facts: Facts, { databases, programs }: ServerFacts): readonly Found[] {
  const { database } = facts.asked;
  if (!databases.known || programs?.known !== true || programs.value.length === 0) return [];
  return [
    {
      code: 'has-programs',
      subject: database,
      says: `${database} has ${listOf(programs.value)}. MySQL renames tables only, and refuses those with triggers (ERROR 1435).`,
      remedy: byHand(facts),
      doNot: 'Do not drop the triggers of a database that is used: what is written meanwhile goes past them.',
      seen: [databases, programs],
    },
  ];
}

function inDump(facts: Facts): readonly Found[] {
  const { asked, dumps } = facts;
  const { database, file } = asked;
  const [one] = dumps;
  if (file === undefined || one?.dump.known !== true) return [];
  const programs = databaseIn(one.dump.value, database)?.programs ?? [];
  if (programs.length === 0) return [];
  return [
    {
      code: 'has-programs',
      subject: file,
      says: `${database} in ${file} has ${listOf(programs)}. They name the database that they are in, and no rename takes them along.`,
      remedy: byHand(facts),
      seen: [one.dump],
    },
  ];
}

const NAMED = 10;

function listOf(programs: readonly string[]): string {
  const rest = programs.length - NAMED;
  return `${programs.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** What a person runs where the dumps lie: nothing of it chooses the database that is used, as the lines of the dump itself would. */
export function linesByHand({
  database,
  file,
  host,
}: {
  readonly database: string;
  readonly file: string;
  readonly host: string;
}) {
  const login = `--no-defaults --host=${host} --user=root -p`;
  const beside = `${database}_by_hand`;
  return {
    keep: `mysqldump ${login} --single-transaction --set-gtid-purged=OFF --routines --events --triggers ${database} > ${database}.now.sql`,
    make: `mysql ${login} --execute='CREATE DATABASE ${beside}'`,
    load:
      `gzip -dc ${file} | sed -n '/^-- Current Database: .${database}.$/,/^-- Current Database: /p' | grep -v -e '^USE ' -e '^CREATE DATABASE ' |` +
      ` mysql ${login} --default-character-set=utf8mb4 --init-command='SET SESSION foreign_key_checks = 0' ${beside}`,
  };
}

function byHand({ asked: { database, file = '<dump>' }, look }: Facts): string {
  const { keep, make, load } = linesByHand({ database, file, host: look.mysql.host });
  return (
    `A person restores it, while nobody uses it. 1. Keep what is there: ${keep} 2. Restore it beside: ${make} ${load}` +
    ` 3. Copy the rows that are missing back, table by table (INSERT INTO … SELECT). Triggers would run for each of them and change it: take those` +
    ' of a table away before, and make them again as they are in the file of 1. Views, routines and events stay as they are.'
  );
}
