import type { SqliteFiles } from '../../src/commands/sqlite-files.ts';
import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { utc } from './backups.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { type Inside, insideOf } from './inside.ts';
import { permission } from './permission.ts';

/** The file, and what lies beside it. */
export function files(facts: Facts): Diagnosis<Code> {
  const its = insideOf(facts.look);
  const seen = its?.inside.files;
  if (its === undefined || seen?.known !== true) return { evidence: [], findings: [] };
  return {
    evidence: sizes(its, seen),
    findings: [...noFile(its, seen), ...large(its, seen), ...permission(its, seen, facts.look.sqlite)],
  };
}

function sizes({ name }: Inside, seen: Known<SqliteFiles>): Evidence[] {
  const { database, wal, shm, journal } = seen.value;
  if (database === undefined) return [];
  const beside = Object.entries({ wal, shm, journal }).flatMap(([name, file]) =>
    file === undefined ? [] : [`-${name} ${sizeOf(file.bytes)}`],
  );
  const others = beside.length === 0 ? 'nothing beside it' : beside.join(', ');
  return [ok(`${name}: ${sizeOf(database.bytes)}, written ${utc(database.modifiedAt)}, ${others}`, seen)];
}

function noFile(its: Inside, seen: Known<SqliteFiles>): Finding<Code>[] {
  const { service, name, proof } = its;
  const { database } = seen.value;
  if (database === undefined) {
    return [
      {
        code: 'file-missing',
        subject: service,
        says: `${name} is not there.`,
        remedy: `Look at site.databases.sqlite.${service}.file, and at where the application keeps its database. If it is gone, \`/storage restore sqlite ${service}\` puts a backup in its place.`,
        doNot: 'Do not restore into another claim because its name fits: what the pods mount counts.',
        seen: [seen, ...proof],
      },
    ];
  }
  if (database.bytes > 0) return [];
  const wal = seen.value.wal?.bytes ?? 0;
  return [
    {
      code: 'file-empty',
      subject: service,
      says: `${name} has no byte${wal === 0 ? '' : `, and its -wal has ${sizeOf(wal)}`}. SQLite calls that a whole database without tables.`,
      remedy: `\`/storage restore sqlite ${service}\` restores a backup; find out first what emptied it (a full disk, a copy that failed).`,
      doNot: `Do not take "ok" of an integrity check for an answer here${wal === 0 ? '' : ', and open it with nothing: SQLite deletes the -wal beside an empty database, even where it may only read. Copy the -wal first'}.`,
      seen: [seen, ...proof],
    },
  ];
}

const LARGE_BYTES = 64 * 1_048_576;

/** A log grows over a checkpoint that cannot finish; it is that large for good until one starts it anew. */
function large(its: Inside, seen: Known<SqliteFiles>): Finding<Code>[] {
  const { service, name, proof } = its;
  const { database, wal } = seen.value;
  if (wal === undefined || database === undefined || wal.bytes < LARGE_BYTES || wal.bytes < database.bytes / 2) return [];
  return [
    {
      code: 'log-large',
      subject: service,
      says: `The write-ahead log of ${name} has ${sizeOf(wal.bytes)}, the database ${sizeOf(database.bytes)}: a reader that never ends keeps it from being written back.`,
      remedy:
        'Restart the application in a quiet hour: the last one to close the database writes the log back. Look for a job that keeps a transaction open.',
      doNot: 'Do not delete the -wal: committed transactions are in there and nowhere else.',
      seen: [seen, ...proof],
    },
  ];
}
