import { endedByTimeout } from '../../src/commands/bounded.ts';
import type { Diagnosis, Evidence } from '../../src/core/finding.ts';
import { couldNotLook, notSeen, together } from '../../src/core/finding.ts';
import { isFailure } from '../../src/core/output.ts';
import { sizeOf } from '../../src/core/size.ts';
import type { Backup, NamedJob } from '../../src/topology/backup-look.ts';
import type { Code } from './codes.ts';
import { diagnoseContent } from './content.ts';
import type { Facts, JobFacts } from './facts.ts';
import { diagnoseFiles } from './files.ts';
import { diagnoseOffsite } from './offsite.ts';
import { diagnosePushed } from './pushed.ts';
import { diagnoseRuns } from './runs.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { jobs, clock, pods, claims, volumes, datasets, offsite } = facts;
  const shared = [
    ...notSeen('The CronJobs and Jobs of the cluster', [jobs.schedules, jobs.runs]),
    ...notSeen('Pods, claims and volumes', [pods, claims, volumes]),
    ...notSeen('The clock of the NAS', [clock]),
    ...notSeen('The datasets of the NAS', datasets === undefined ? [] : [datasets]),
    ...notSeen('The snapshots that copies off the site leave', offsite === undefined ? [] : [offsite]),
    ...notPushed(facts),
  ];
  return together([
    { evidence: shared, findings: [] },
    ...facts.each.map((each) => diagnoseJob(facts, each)),
    diagnoseOffsite(facts),
  ]);
}

/** One that is large takes longer than people wait for all of them. */
function notLookedInto({ name, word }: NamedJob, { file, content: { seen } }: Backup): readonly Evidence[] {
  if (seen.known || isFailure(seen.outcome) || !endedByTimeout(seen.outcome))
    return notSeen(`${name}: what is in ${file.name}`, [seen]);
  const size = file.isDirectory ? '' : ` (${sizeOf(file.bytes)})`;
  const says = `${name}: ${file.name}${size} was not read to its end in the time that it was given`;
  return [couldNotLook(`${says}; /storage diagnose backups ${word} gives it ten minutes`, seen)];
}

/** A site without Prometheus has no metric to miss. */
function notPushed({ pushed, pushedBefore }: Facts) {
  const isThere = pushed.known || pushed.why.failed !== 'not-configured';
  return isThere ? notSeen('What jobs told Pushgateway', [pushed, pushedBefore]) : [];
}

/** What the cluster says of the runs comes first: where it explains an old backup, that is no finding of its own. */
function diagnoseJob(facts: Facts, each: JobFacts): Diagnosis<Code> {
  const runs = diagnoseRuns(facts, each);
  const files = diagnoseFiles(facts, each, { isExplained: runs.findings.length > 0 });
  const { kept, events, named } = each;
  const looks = [kept.files, ...(kept.inner === undefined ? [] : [kept.inner])];
  const unseen = [
    ...notSeen(`${named.name}: its backups on the NAS`, looks),
    ...notSeen(`${named.name}: its events`, [events]),
    ...[kept.newest, kept.oldest].flatMap((backup) => (backup === undefined ? [] : notLookedInto(named, backup))),
  ];
  return together([runs, files, diagnoseContent(each), diagnosePushed(facts, each), { evidence: unseen, findings: [] }]);
}
