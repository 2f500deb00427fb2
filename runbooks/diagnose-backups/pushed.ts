import type { Diagnosis } from '../../src/core/finding.ts';
import { ok } from '../../src/core/finding.ts';
import { spanText } from '../../src/core/span.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, JobFacts } from './facts.ts';
import { isFresh } from './files.ts';

/** What Prometheus knows, beside a file that is fresh. Two jobs of one name push over each other: nothing can be said of either. */
export function diagnosePushed({ pushed, pushedBefore, clock, jobs }: Facts, { kept, named }: JobFacts): Diagnosis<Code> {
  const { name, job } = named;
  const { files } = kept;
  if (!pushed.known || !clock.known || !files.known || !jobs.schedules.known) return NOTHING;
  const [newest] = files.value;
  if (newest === undefined || !isFresh(newest, clock.value, job)) return NOTHING;
  if (jobs.schedules.value.filter((each) => each.name === job.cronJob).length !== 1) return NOTHING;
  const atS = pushed.value.succeededAt.get(job.cronJob);
  const seen = [pushed, files, clock, jobs.schedules] as const;
  if (atS === 0)
    return found({
      code: 'metric-never',
      subject: name,
      says: `${name}: Prometheus has its last success in 1970, which stands for never, and ${newest.name} is fresh: only what the job pushes is wrong`,
      remedy: 'Correct what the job pushes at its end; an alert that counts from it shows a time of many years.',
      doNot: 'Do not run the backup again for it, and do not push a time by hand.',
      seen,
    });
  if (atS !== undefined) return told(ok(`${name}: Prometheus knows of its success`, pushed));
  const { gatewaySince } = pushed.value;
  if (!pushedBefore.known || !pushedBefore.value.has(job.cronJob)) return NOTHING;
  const why =
    gatewaySince !== undefined && gatewaySince > newest.modifiedAt
      ? `Pushgateway was started ${spanText(clock.value - gatewaySince)} ago and keeps nothing over a restart`
      : 'what it pushes at its end did not arrive, and the job goes on without it';
  return found({
    code: 'metric-missing',
    subject: name,
    says: `${name}: ${newest.name} is fresh, and Prometheus knows of no success: ${why}`,
    remedy: 'The next run pushes it again. Until then the alert says something of Pushgateway and nothing of the backup.',
    doNot: 'Do not run a heavy backup for it, and do not push a time by hand.',
    seen: [...seen, pushedBefore],
  });
}
