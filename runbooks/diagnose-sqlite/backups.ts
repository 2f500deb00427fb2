import type { SqliteBackup } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { SqliteSite } from '../../src/core/databases.ts';
import type { Diagnosis, Evidence, Finding } from '../../src/core/finding.ts';
import { bad, notSeen, ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { spanText } from '../../src/core/span.ts';
import type { Code } from './codes.ts';
import type { Backups, Facts, TriedBackup } from './facts.ts';

/** Whole, with what must be beside it, and not empty. */
export function isGood({ bytes }: BackupFile, { integrity, rows, files }: SqliteBackup, { tables, needs }: SqliteSite): boolean {
  const counts = tables.map((table) => rows[table]);
  const isFilled = counts.every((count) => count !== undefined) && (counts.length === 0 || counts.some((count) => count !== 0));
  return bytes > 0 && integrity === 'ok' && isFilled && needs.every((name) => files.includes(name.split('/')[0] ?? name));
}

export interface GoodBackup {
  readonly file: BackupFile;
  readonly seen: Known<SqliteBackup>;
}

/** The newest that is good. */
export function goodBackup({ look, backups }: Facts): GoodBackup | undefined {
  const { file, seen } = backups?.tried.at(-1) ?? {};
  return file !== undefined && seen?.known === true && isGood(file, seen.value, look.sqlite) ? { file, seen } : undefined;
}

/** What there is to restore from, where the database is damaged; `because` proves that it is. */
export function backups(facts: Facts, because: readonly Known<unknown>[]): Diagnosis<Code> {
  const { look, backups: all } = facts;
  if (all === undefined) {
    return { evidence: [ok(`The configuration names no backups of ${look.service}`)], findings: [] };
  }
  return {
    evidence: [
      ...notSeen(`The backups of ${look.service}`, [all.list, ...all.tried.map(({ seen }) => seen)]),
      ...notSeen('When its backups were made', [all.schedules]),
      ...all.tried.flatMap((tried) => triedEvidence(tried, facts)),
    ],
    findings: [...refused(facts, all, because), ...noneGood(facts, all)],
  };
}

function triedEvidence({ file, seen }: TriedBackup, { look }: Facts): Evidence[] {
  if (!seen.known) return [];
  const { integrity, rows, files } = seen.value;
  const counts = Object.entries(rows).map(([table, count]) => `${count} ${table}`);
  const missing = look.sqlite.needs.filter((name) => !files.includes(name.split('/')[0] ?? name));
  const lacks = missing.length === 0 ? '' : `, without ${missing.join(', ')}`;
  const says = `Backup ${backupName(file)} of ${utc(file.modifiedAt)}: ${integrity === 'ok' ? 'whole' : integrity}, ${counts.join(', ') || 'no rows'}${lacks}`;
  return [isGood(file, seen.value, look.sqlite) ? ok(says, seen) : bad(says, seen)];
}

/** The directory of a backup's database. */
export function backupName({ name }: BackupFile): string {
  return name.split('/')[0] ?? name;
}

/** What would be lost: everything between the backup and the last write. */
export function lossText({ look }: Facts, { file }: GoodBackup): string {
  const files = look.inside?.files;
  const written = files?.known === true ? [files.value.database, files.value.wal].map((each) => each?.modifiedAt ?? 0) : [];
  const lastAt = Math.max(0, ...written);
  const since = `what was written since ${utc(file.modifiedAt)} is lost`;
  return lastAt > file.modifiedAt
    ? `${since}: the last write was ${spanText(lastAt - file.modifiedAt)} later, at ${utc(lastAt)}`
    : since;
}

export function utc(atS: number): string {
  return `${new Date(atS * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function refused({ look }: Facts, { schedules, jobs }: Backups, because: readonly Known<unknown>[]): Finding<Code>[] {
  const { namespace } = look.sqlite;
  if (!schedules.known) return [];
  const failing = schedules.value.filter(
    ({ namespace: own, name, lastAt, succeededAt = 0 }) =>
      own === namespace && jobs.includes(name) && lastAt !== undefined && succeededAt < lastAt,
  );
  return failing.map(({ name, lastAt = 0, succeededAt }) => ({
    code: 'backups-refused',
    subject: `${namespace}/${name}`,
    says: `CronJob ${namespace}/${name} began last at ${utc(lastAt)} and ${succeededAt === undefined ? 'has never succeeded' : `succeeded last at ${utc(succeededAt)}`}, while the database is damaged: it checks its source, and refuses a damaged one.`,
    remedy: `Repair the database first; the job then succeeds by itself. Until then nothing new can be backed up.`,
    doNot: 'Do not let the job skip its check: it would put damaged copies in the place of good ones.',
    seen: [schedules, ...because],
  }));
}

function noneGood(facts: Facts, { list, tried }: Backups): Finding<Code>[] {
  const seen = tried.map((each) => each.seen).filter((each) => each.known);
  if (!list.known || seen.length < tried.length || goodBackup(facts) !== undefined) return [];
  const { service, sqlite } = facts.look;
  const says =
    tried.length === 0
      ? `There is no backup of ${service} in ${sqlite.backups?.path}.`
      : `None of the ${tried.length} newest backups of ${service} in ${sqlite.backups?.path} is whole.`;
  return [
    {
      code: 'no-good-backup',
      subject: service,
      says,
      remedy:
        'Keep the database with its -wal and -shm as they are. Look for older backups, snapshots of the volume (`/storage restore pvc`) and copies offsite; the last resort is `.recover` from a copy into a new file.',
      doNot: 'Do not restore the newest backup because it is the newest.',
      seen: [list, ...seen],
    },
  ];
}
