import type { BackupFile } from '../../src/commands/backup-files.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { bad, ok } from '../../src/core/finding.ts';
import { isAtOrBelow } from '../../src/core/path.ts';
import type { Known } from '../../src/core/reading.ts';
import { sizeOf } from '../../src/core/size.ts';
import { spanText } from '../../src/core/span.ts';
import { nfsReachOf } from '../../src/topology/volumes.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, JobFacts } from './facts.ts';

interface Context {
  /** What the cluster says of its runs explains already why there is no fresh one. */
  readonly isExplained: boolean;
}

/** So far the clocks of two machines may be apart. */
const MOST_AHEAD_S = 600;

export function isFresh({ modifiedAt }: BackupFile, nowS: number, { staleAfterMs }: JobFacts['named']['job']): boolean {
  const ageS = nowS - modifiedAt;
  return ageS >= -MOST_AHEAD_S && ageS * 1_000 <= staleAfterMs;
}

/** Whether there is a fresh backup, and where it went if a job says that it made one. */
export function diagnoseFiles(facts: Facts, each: JobFacts, { isExplained }: Context): Diagnosis<Code> {
  const { files } = each.kept;
  const { clock } = facts;
  if (!files.known || !clock.known) return NOTHING;
  const { name, job } = each.named;
  const [newest] = files.value;
  const ageS = newest === undefined ? undefined : clock.value - newest.modifiedAt;
  if (newest !== undefined && ageS !== undefined && ageS < -MOST_AHEAD_S)
    return found({
      code: 'stale',
      subject: name,
      says: `${name}: ${newest.name} in ${job.path} has a time that is ${spanText(-ageS)} ahead of the clock of the NAS: nothing tells how old it is, and a newer one would not be taken for the newest`,
      remedy: `Compare the clocks of the NAS and of who wrote it. Once they are right, give the file its true time (touch -t), then /storage run backup ${each.named.word}.`,
      doNot: 'Do not take it for a fresh one.',
      seen: [files, clock],
    });
  if (newest !== undefined && ageS !== undefined && isFresh(newest, clock.value, job)) {
    const sizes = newest.isDirectory ? '' : ` (${sizeOf(newest.bytes)})`;
    const text = `${name}: ${files.value.length} backups in ${job.path}, the newest ${newest.name}${sizes}, ${spanText(ageS)} old`;
    return told(ok(text, files, clock));
  }
  const what =
    newest === undefined
      ? `${job.path} has no backup at all`
      : `the newest backup in ${job.path} is ${newest.name}, ${spanText(ageS ?? 0)} old`;
  if (isExplained) return told(bad(`${name}: ${what}`, files, clock));
  const elsewhere = wroteElsewhere(facts, each, what);
  if (elsewhere.findings.length > 0) return elsewhere;
  return found({
    code: newest === undefined ? 'no-backups' : 'stale',
    subject: name,
    says: `${name}: ${what}`,
    remedy: `See what its runs say, then /storage run backup ${each.named.word}.`,
    doNot: 'Do not push a time of success: it makes no backup.',
    seen: [files, clock],
  });
}

/** Only where the CronJob counts a success as fresh. */
function wroteElsewhere(facts: Facts, each: JobFacts, what: string): Diagnosis<Code> {
  const { jobs, clock } = facts;
  const { files } = each.kept;
  const { name, job, word } = each.named;
  const { schedules } = jobs;
  if (!schedules.known || !clock.known || !files.known) return NOTHING;
  const cron = schedules.value.find((one) => one.namespace === job.namespace && one.name === job.cronJob);
  if (cron?.succeededAt === undefined || (clock.value - cron.succeededAt) * 1_000 > job.staleAfterMs) return NOTHING;
  const seen = [files, clock, schedules] as const;
  const says = `${name} succeeded ${spanText(clock.value - cron.succeededAt)} ago, and ${what}: it wrote somewhere else`;
  // What the volume says is certain; that the directory is hidden is one reason why its files do not come there.
  const cause = otherClaim(facts, each, { says, seen, claims: cron.claims }) ?? hiddenBy(facts, each, { says, seen });
  return (
    cause ??
    found({
      code: 'wrote-elsewhere',
      subject: name,
      says,
      remedy: `Find where: ask a pod that mounts the claim what it sees there, and compare. Then /storage run backup ${word}.`,
      doNot: 'Do not take the success of the Job for a backup.',
      seen,
    })
  );
}

interface Said {
  readonly says: string;
  readonly seen: readonly [Known<unknown>, ...Known<unknown>[]];
}

/** Clients of a share do not come into a dataset that is mounted inside of it: they see, and fill, the directory under it. */
function hiddenBy({ datasets }: Facts, { named: { name, job } }: JobFacts, { says, seen }: Said): Diagnosis<Code> | undefined {
  if (datasets?.known !== true) return undefined;
  const hiding = datasets.value.find(({ mounted, mountPoint }) => mounted && mountPoint === job.path);
  if (hiding === undefined) return undefined;
  return found({
    code: 'dataset-hides',
    subject: name,
    says: `${says}. ${job.path} is a dataset of its own, ${hiding.name}: a share that does not name it shows its clients the directory under it, and there the job writes`,
    remedy:
      'Compare what a pod sees with what lies on the NAS. A person moves what is in the dataset out of it, removes the empty dataset, keeps the directory and exports it again.',
    doNot:
      'Do not destroy the dataset because clients find it empty: it may hold the only old backups. Running the script of the exports again changes nothing.',
    seen: [...seen, datasets],
  });
}

/** The claims of the CronJob that are on this NAS, none of them at the path. */
function otherClaim(
  { claims, volumes, site }: Facts,
  { named: { name, job } }: JobFacts,
  { says, seen, claims: wanted }: Said & { readonly claims: readonly string[] },
): Diagnosis<Code> | undefined {
  if (!claims.known || !volumes.known) return undefined;
  const reached = wanted.flatMap((claimName) => {
    const claim = claims.value.find((each) => each.namespace === job.namespace && each.name === claimName);
    const volume = volumes.value.find((each) => each.name === claim?.volume);
    const reach = volume === undefined ? undefined : nfsReachOf(volume);
    return reach !== undefined && site.nas.nfsAddresses.includes(reach.server) ? [{ claimName, path: reach.path }] : [];
  });
  const [other] = reached;
  if (other === undefined || reached.some(({ path }) => isAtOrBelow(job.path, path))) return undefined;
  return found({
    code: 'claim-elsewhere',
    subject: name,
    says: `${says}. Its claim ${other.claimName} is a volume with the path ${other.path}`,
    remedy: `Say which is right: bind the claim to a volume with the path ${job.path}, or correct the path in storagebot.yaml. Look for the new backups in ${other.path}.`,
    seen: [...seen, claims, volumes],
  });
}

/** Those of which the size counts, the newest first, without what a job is still writing. */
export function sizesOf({
  kept: { files, inner, newest },
  named,
}: JobFacts):
  | { readonly sizes: readonly BackupFile[]; readonly seen: readonly [Known<unknown>, ...Known<unknown>[]] }
  | undefined {
  if (!files.known || newest === undefined || named.job.kind === 'directory') return undefined;
  const whole = files.value.filter(({ modifiedAt }) => modifiedAt <= newest.file.modifiedAt);
  if (inner === undefined) return { sizes: whole, seen: [files] };
  const names = new Set(whole.map(({ name }) => name));
  if (!inner.known) return undefined;
  return { sizes: inner.value.filter(({ name }) => names.has(name.split('/')[0] ?? name)), seen: [files, inner] };
}
