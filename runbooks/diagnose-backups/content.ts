import type { Diagnosis } from '../../src/core/finding.ts';
import { ok, together } from '../../src/core/finding.ts';
import { sizeOf } from '../../src/core/size.ts';
import type { Flaw, Judged } from '../../src/topology/backup-flaws.ts';
import { judge } from '../../src/topology/backup-flaws.ts';
import type { Backup, NamedJob } from '../../src/topology/backup-look.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { JobFacts } from './facts.ts';
import { sizesOf } from './files.ts';

/** What is in the newest backup, and how its size is to those before it. */
export function diagnoseContent(each: JobFacts): Diagnosis<Code> {
  const { named, kept } = each;
  const { newest, oldest } = kept;
  if (newest === undefined || !kept.files.known) return NOTHING;
  const judged = judge(named, newest.content);
  if (judged === undefined) return NOTHING;
  const size = judged.flaws.length > 0 ? NOTHING : diagnoseSizes(each);
  if (judged.flaws.length === 0)
    return together([told(ok(`${named.name}: ${newest.file.name} has ${judged.holds}`, judged.seen)), size]);
  const before = oldest === undefined ? undefined : judge(named, oldest.content);
  return together(
    judged.flaws.map((flaw) => ofFlaw({ named, newest, judged, flaw, files: kept.files, ...aboutOldest(oldest, before) })),
  );
}

function aboutOldest(oldest: Backup | undefined, judged: Judged | undefined): { readonly atFirst?: string } {
  if (oldest === undefined || judged === undefined) return {};
  const same = judged.flaws.map(({ says }) => says).join(', ');
  return { atFirst: `The oldest one that is kept, ${oldest.file.name}: ${same === '' ? `whole, ${judged.holds}` : same}` };
}

interface Flawed {
  readonly named: NamedJob;
  readonly newest: Backup;
  readonly judged: Judged;
  readonly flaw: Flaw;
  readonly files: JobFacts['kept']['files'];
  readonly atFirst?: string;
}

function ofFlaw({ named, newest, judged, flaw, files, atFirst }: Flawed): Diagnosis<Code> {
  const { name, word, job } = named;
  const size = newest.file.isDirectory ? '' : ` (${sizeOf(newest.file.bytes)})`;
  const isEmpty = flaw.is === 'schema-only' || flaw.is === 'empty-database';
  const subject = flaw.database === undefined ? name : `${name}/${flaw.database}`;
  const base = {
    code: flaw.is,
    subject,
    says: `${name}: ${newest.file.name}${size}${isEmpty ? ' is whole, and yet' : ' is of no use as it is'}: ${flaw.says}${atFirst === undefined ? '' : `. ${atFirst}`}`,
  };
  const seen = files.known ? ([judged.seen, files] as const) : ([judged.seen] as const);
  switch (flaw.is) {
    case 'truncated':
      return found({
        ...base,
        remedy: `See that there is room in ${job.path} and that NFS has no errors, then /storage run backup ${word}. For a restore choose the backup before it.`,
        doNot: 'Do not restore the newest only because it is the newest: a dump that was cut restores without an error, in part.',
        seen,
      });
    case 'damaged':
    case 'incomplete':
      return found({
        ...base,
        remedy: `Look at what it copies first, then /storage run backup ${word}. For a restore choose one before it.`,
        seen,
      });
    case 'schema-only':
    case 'empty-database':
      return found({
        ...base,
        remedy:
          'Look at the live database now: an empty one is dumped without an error, and each night takes the place of an older dump. Keep the oldest dump that has rows, and look for copies that were made by hand (as before a migration).',
        doNot: 'Do not restore from it, and do not wait: backups with rows are deleted as they come of age.',
        seen,
      });
  }
}

/** So many dumps in a row do not come to the very same size by chance. */
const SAME_IN_A_ROW = 7;
const BEFORE = 6;

function diagnoseSizes(each: JobFacts): Diagnosis<Code> {
  const { name, job, word } = each.named;
  const counted = sizesOf(each);
  const [newest, ...older] = counted?.sizes ?? [];
  if (counted === undefined || newest === undefined) return NOTHING;
  const isDump = job.kind === 'pg_dumpall' || job.kind === 'mysqldump';
  const last = [newest, ...older].slice(0, SAME_IN_A_ROW);
  if (isDump && last.length === SAME_IN_A_ROW && last.every(({ bytes }) => bytes === newest.bytes))
    return found({
      code: 'constant-size',
      subject: name,
      says: `${name}: the last ${SAME_IN_A_ROW} dumps have the very same size, ${newest.bytes} bytes: nothing was written in all that time, or always the same is dumped`,
      remedy: 'Compare the rows of the dump with those of the live databases: an application may be writing into another one.',
      seen: counted.seen,
    });
  const usual = older
    .slice(0, BEFORE)
    .map(({ bytes }) => bytes)
    .toSorted((a, b) => a - b)[Math.floor(Math.min(BEFORE, older.length) / 2)];
  if (usual === undefined || older.length < 3 || newest.bytes * 2 >= usual) return NOTHING;
  return found({
    code: 'shrunk',
    subject: name,
    says: `${name}: ${newest.name} has ${sizeOf(newest.bytes)}, and those before it ${sizeOf(usual)}`,
    remedy: `Compare what is in both before the older ones are deleted; then /storage run backup ${word}.`,
    seen: counted.seen,
  });
}
