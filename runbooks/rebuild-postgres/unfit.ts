import type { PostgresDump } from '../../src/commands/backup-dumps.ts';
import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { ok } from '../../src/core/finding.ts';
import { sizeOf } from '../../src/core/size.ts';
import { brokenness, doubts, isOfApplication } from '../../src/topology/postgres-dumps.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

type Part = Diagnosis<Code>;

const CHOOSE = 'Choose another dump: /storage restore postgres <database> lists them, also while no server answers.';

/** What speaks against the dump that the new cluster is to be filled from: it must be good before anything is deleted. */
export function dumpProblem(facts: Facts): Part {
  const { asked, files, dump, names, site } = facts;
  if (!files.known) return NOTHING;
  if (files.value.length === 0)
    return found({
      code: 'no-dump',
      subject: names.path,
      says: `${names.path} on ${site.nas.host.name} has no file ${names.begins}…${names.ends}`,
      remedy: 'Look for the dumps where the NAS copies them to, and in the snapshots of its dataset: /storage diagnose backups.',
      doNot: 'Do not delete the cluster: there is nothing to fill a new one from.',
      seen: [files],
    });
  if (dump === undefined)
    return found({
      code: 'no-such-dump',
      subject: asked.file,
      says: `${names.path} has no file ${asked.file}; the newest are ${files.value
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')}`,
      remedy: CHOOSE,
      seen: [files],
    });
  const { file, seen } = dump;
  if (!seen.known) return NOTHING;
  const broken = brokenness(seen.value);
  if (broken !== undefined)
    return found({
      code: 'dump-broken',
      subject: file.name,
      says: `${file.name}: ${broken}`,
      remedy: CHOOSE,
      doNot: 'Do not build the cluster anew for it: psql ends with 0 for a dump that was cut, with the rows up to there.',
      seen: [files, seen],
    });
  const all = doubtsOf(seen.value, file, files.value);
  if (all.length === 0)
    return told(ok(`${dumpText(file, seen.value)}: it is whole, and as large as dumps usually are`, files, seen));
  const says = `${file.name}: ${all.join('; ')}`;
  if (asked.anyway === 'anyway') return told(ok(`${says}; asked for nevertheless`, files, seen));
  return found({
    code: 'dump-doubtful',
    subject: file.name,
    says,
    remedy: 'Choose another dump, or ask with the word anyway behind it if this is what is wanted.',
    seen: [files, seen],
  });
}

/** Of every database in it that applications use: all of them are gone. */
function doubtsOf(dump: PostgresDump, file: BackupFile, files: readonly BackupFile[]): readonly string[] {
  const own = dump.databases.filter(({ name }) => isOfApplication(name));
  const about = { file, dump, files, serverVersion: undefined };
  const each = own.flatMap((database) => doubts({ ...about, own: database }));
  return own.length === 0 ? ['it has no database of an application'] : [...new Set(each)];
}

/** `dump_….sql.gz of 2026-04-03 00:04 UTC (11.0 MiB, 5 databases)` */
export function dumpText(file: BackupFile, { databases }: PostgresDump): string {
  const own = databases.filter(({ name }) => isOfApplication(name)).length;
  return `${file.name} of ${writtenAt(file)} (${sizeOf(file.bytes)}, ${own} databases)`;
}

export function writtenAt({ modifiedAt }: BackupFile): string {
  return `${new Date(modifiedAt * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
