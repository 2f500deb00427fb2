import type { SqliteContent } from '../../src/commands/sqlite.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { damageIn, quoted, SEARCH_REMEDY } from '../../src/topology/sqlite-damage.ts';
import { backupName, goodBackup, lossText } from './backups.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { claimOf, type Inside, insideOf } from './inside.ts';
import { refusal } from './refusals.ts';

const NONE: Diagnosis<Code> = { evidence: [], findings: [] };

/** What SQLite says of the database, and what that means. */
export function content(facts: Facts): Diagnosis<Code> {
  const its = insideOf(facts.look);
  const { check } = its?.inside ?? {};
  if (its === undefined || check?.known !== true || isNoFile(its)) return NONE;
  const { value } = check;
  switch (value.result) {
    case 'read':
      return read(facts, its, { ...check, value });
    case 'damaged':
      return {
        evidence: [],
        findings: [
          value.code === 26
            ? notADatabase(facts, its, { check, says: value.says })
            : corrupt(facts, its, { check, says: [value.says, ...value.integrity] }),
        ],
      };
    case 'no-table':
      return {
        evidence: [],
        findings: [
          value.integrity.length > 0
            ? corrupt(facts, its, { check, says: value.integrity })
            : noTable(its, { check, table: value.table }),
        ],
      };
    case 'refused':
      return { evidence: [], findings: [refusal(its, check, value)] };
  }
}

/** Of a file that is not there, or is empty, the files tell more. */
function isNoFile({ inside: { files } }: Inside): boolean {
  return files.known && (files.value.database === undefined || files.value.database.bytes === 0);
}

function read(facts: Facts, its: Inside, check: Known<SqliteContent>): Diagnosis<Code> {
  const { name } = its;
  const { integrity, rows, journal, version, brokenKeys } = check.value;
  const counts = Object.entries(rows).map(([table, count]) => `${count} ${table}`);
  const counted = counts.length === 0 ? '' : `: ${counts.join(', ')}`;
  const mode = journal === 'wal' ? 'with a write-ahead log' : 'with a rollback journal';
  const evidence = ok(`SQLite ${version} went through ${name}, ${mode}${counted}`, check);
  const damage = damageIn(integrity);
  if (damage === 'tables') return { evidence: [evidence], findings: [corrupt(facts, its, { check, says: integrity })] };
  if (damage === 'indexes') return { evidence: [evidence], findings: [indexes(its, check)] };
  if (damage === 'search') return { evidence: [evidence], findings: [searchIndex(its, check)] };
  const whole = damage === 'none' ? [ok(`PRAGMA integrity_check of ${name} says "ok"`, check)] : [];
  return { evidence: [evidence, ...whole], findings: damage === 'rules' || brokenKeys > 0 ? [rules(its, check)] : [] };
}

interface Said<Says> {
  readonly check: Known<unknown>;
  readonly says: Says;
}

function corrupt(facts: Facts, its: Inside, { check, says }: Said<readonly string[]>): Finding<Code> {
  const { service, name } = its;
  return {
    code: 'corrupt-tables',
    subject: service,
    says: `SQLite says of ${name}: ${quoted(says)}. That is damage of tables (SQLITE_CORRUPT, 11).`,
    remedy: restoreText(facts, its),
    doNot: harm(its),
    seen: [check, ...its.proof],
  };
}

function notADatabase(facts: Facts, its: Inside, { check, says }: Said<string>): Finding<Code> {
  const { service, name } = its;
  return {
    code: 'not-a-database',
    subject: service,
    says: `SQLite says of ${name}: "${says}". Something wrote over its beginning, or it is encrypted.`,
    remedy: `Where the application encrypts its database this is no fault. Else: ${restoreText(facts, its)}`,
    doNot: harm(its),
    seen: [check, ...its.proof],
  };
}

/** The storage below comes first: on a disk that still loses pages a restored database is soon as damaged. */
function restoreText(facts: Facts, { service, backing }: Inside): string {
  const claim = claimOf(backing);
  const isOnNfs = backing.volume.backing.kind === 'nfs';
  const first = isOnNfs ? '' : `First look below it: \`/storage diagnose block ${claim}\` says whether the disk is sound. Then `;
  const last = isOnNfs ? ` Then \`/storage migrate pvc ${claim} proxmox-lvm\` moves it from NFS to a disk.` : '';
  return `${first}${fromBackup(facts, service)}${last}`;
}

function fromBackup(facts: Facts, service: string): string {
  const good = goodBackup(facts);
  const restore = `\`/storage restore sqlite ${service}\` keeps what is there and puts a backup in its place.`;
  if (good !== undefined) return `${restore} The newest good one is ${backupName(good.file)}; ${lossText(facts, good)}.`;
  if (facts.backups !== undefined) return `${restore} No good one was seen here.`;
  return 'it needs a copy from elsewhere, since the configuration names no backups: snapshots of the volume (`/storage restore pvc`, `/storage restore files`), or copies offsite.';
}

function harm({ backing: { leftovers } }: Inside): string {
  const names = leftovers.map(({ name }) => name).join(', ');
  const others = names === '' ? '' : ` Do not restore into ${names}: nobody mounts that, and the restore would seem to succeed.`;
  return `Do not run VACUUM, REINDEX or .recover on the only copy, and do not delete its -wal: committed transactions are in there.${others}`;
}

function indexes(its: Inside, check: Known<SqliteContent>): Finding<Code> {
  const { service, name } = its;
  return {
    code: 'corrupt-indexes',
    subject: service,
    says: `SQLite says of ${name}: ${quoted(check.value.integrity)}. Every row can be read, and only the indexes made from them disagree.`,
    remedy: `\`/storage restore sqlite ${service} reindex\` indexes a copy anew and puts it in place: no row is lost. A value that was changed in a row looks the same, so compare what was named with a backup.`,
    doNot:
      'Do not restore a backup: it would lose what was written since, and nothing is lost now. Do not REINDEX the only copy.',
    seen: [check, ...its.proof],
  };
}

function searchIndex(its: Inside, check: Known<SqliteContent>): Finding<Code> {
  const { service, name } = its;
  return {
    code: 'corrupt-search-index',
    subject: service,
    says: `SQLite says of ${name}: ${quoted(check.value.integrity)}. The pages of every table are whole, and only what finds words in their rows disagrees with them: a search lacks rows, or fails.`,
    remedy: `${SEARCH_REMEDY} A row that somebody took out of its content by hand looks the same, so compare its rows with a backup.`,
    doNot:
      'Do not restore a backup: it would lose what was written since, and nothing is lost now. Do not try it on the only copy.',
    seen: [check, ...its.proof],
  };
}

function rules(its: Inside, check: Known<SqliteContent>): Finding<Code> {
  const { service, name } = its;
  const { integrity, brokenKeys } = check.value;
  const lines = integrity.filter((line) => line !== 'ok');
  const parts = [
    ...(lines.length === 0 ? [] : [quoted(lines)]),
    ...(brokenKeys === 0 ? [] : [`${brokenKeys} rows refer to rows that are not there`]),
  ];
  return {
    code: 'rules-broken',
    subject: service,
    says: `All pages of ${name} are whole, and rows break rules of their tables: ${parts.join('; ')}.`,
    remedy:
      'Repair these rows with the means of the application. A backup job that wants to hear "ok" may refuse the database until then.',
    doNot: 'Do not restore a backup for this: the rows were written like that, and nothing is damaged.',
    seen: [check, ...its.proof],
  };
}

function noTable(its: Inside, { check, table }: { readonly check: Known<unknown>; readonly table: string }): Finding<Code> {
  const { service, name } = its;
  return {
    code: 'tables-missing',
    subject: service,
    says: `${name} has no table ${table}. Either the application made a new database because it found none, or the configuration names a table that it does not have.`,
    remedy: `Look at when the file was made, and at site.databases.sqlite.${service}.tables. If it is new, find out first why the old one was not there (another volume, another path); then \`/storage restore sqlite ${service}\`.`,
    doNot: 'Do not restore before it is clear where the old database is: it may be whole on another volume.',
    seen: [check, ...its.proof],
  };
}
