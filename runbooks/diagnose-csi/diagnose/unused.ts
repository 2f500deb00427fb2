import type { Diagnosis, Evidence } from '../../../src/core/finding.ts';
import { knownOf, notSeen, ok } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import { namersOf, podsUsing } from '../facts.ts';
import type { Around } from './around.ts';

/** What is wrong with a driver that nothing uses is one finding, which says that nobody needs to mend it. */
export function asNoise(whole: Diagnosis<Code>, { facts, driver, pods }: Around): Diagnosis<Code> {
  const { pods: all, claims, volumes, attachments, workloads } = facts.cluster;
  const { name } = driver.driver;
  const users = podsUsing(name, facts.cluster);
  const lists = workloads.map(({ list }) => list);
  const isSeen = lists.every(({ known }) => known);
  if (users === undefined || !isSeen || !all.known || !claims.known || !volumes.known || !attachments.known) {
    const unseen = notSeen(`Who uses ${name}`, [all, claims, volumes, attachments, ...lists]);
    return { ...whole, evidence: [...whole.evidence, ...unseen] };
  }
  const namers = namersOf(name, facts.cluster);
  const attached = attachments.value.filter(({ attacher }) => attacher === name);
  const waiting = claims.value.filter(({ volume }) => volume === undefined);
  const seen = [all, claims, volumes, attachments, ...knownOf<unknown>(lists)] as const;
  if (users.length > 0 || namers.length > 0 || attached.length > 0 || waiting.length > 0) {
    const later = users.length > 0 || namers.length === 0 ? '' : `, and ${namers.join(', ')} may run one`;
    const says = `${name} is used by ${users.length} pods${later}; ${attached.length} of its volumes are attached`;
    return { ...whole, evidence: [...whole.evidence, ok(says, ...seen)] };
  }
  const left = volumes.value.filter((volume) => volume.driver === name).length;
  const nobody = `no pod mounts one of its ${left} volumes, no workload names one, and none is attached`;
  const unused: Evidence = ok(`Nothing uses ${name}: ${nobody}`, ...seen);
  const [first] = whole.findings;
  if (first === undefined) return { ...whole, evidence: [...whole.evidence, unused] };
  return {
    evidence: [...whole.evidence, unused],
    findings: [
      {
        code: 'driver-unused',
        subject: name,
        says: `${name} is not well (${whole.findings.map(({ code, subject }) => `${code}: ${subject}`).join('; ')}), and nothing uses it: ${nobody}, and no claim waits. An alert about it is noise`,
        remedy: `Take its alert rule and, through Terraform, the driver away once somebody has looked through its ${left} volumes, which are kept. Nothing has to be mended before.`,
        doNot:
          'Do not reinstall it, and do not delete its volumes for the sake of the alert: they may hold the only copy from before the move.',
        seen: [pods, ...new Set([...seen, ...first.seen].filter((each) => each !== pods))],
      },
    ],
  };
}
