import type { Diagnosis, Evidence, Finding } from '../../../src/core/finding.ts';
import { bad, notSeen, ok, together } from '../../../src/core/finding.ts';
import type { Code } from '../codes.ts';
import type { DriverFacts, LogFacts } from '../facts.ts';
import { logsOfControllers } from '../facts.ts';
import { refusalIn } from '../refusal.ts';

/** A controller that was refused longer ago has worked since, or has had nothing to do: its log does not tell. */
const LATELY_S = 3_600;

/** Whether the hypervisor or the NAS refuses the driver's token now: only the controllers say so, in their logs or before they end. */
export function token(driver: DriverFacts): Diagnosis<Code> {
  const logs = logsOfControllers(driver);
  const unseen = notSeen(
    `Log of the controllers of ${driver.driver.name}`,
    logs.map(({ lines }) => lines),
  );
  const { evidence, findings } = together(logs.map((log) => judge(log, driver)));
  return { evidence: [...unseen, ...evidence], findings: findings.slice(0, 1) };
}

function judge({ pod, lines }: LogFacts, { driver, clocks }: DriverFacts): Diagnosis<Code> {
  const refusal = lines.known ? refusalIn(lines.value) : undefined;
  const clock = clocks[pod.node ?? ''];
  if (refusal === undefined || !lines.known || clock === undefined) return { evidence: [], findings: [] };
  if (!clock.known) return { evidence: notSeen(`When ${pod.name} was refused`, [clock]), findings: [] };
  const atS = refusal.atS(clock.value);
  if (atS === undefined)
    return { evidence: [bad(`${pod.name} was refused, and its log does not tell when: ${refusal.text}`, lines)], findings: [] };
  if (clock.value - atS > LATELY_S) {
    const old: Evidence = ok(`${pod.name} was refused more than an hour ago, and not since: ${refusal.text}`, lines, clock);
    return { evidence: [old], findings: [] };
  }
  const finding: Finding<Code> = {
    code: 'token-refused',
    subject: driver.name,
    says: `The token of ${driver.name} ${howRefused(refusal.text)}: ${pod.name} wrote "${refusal.text}". Nothing new is made or attached with it on any node; what is mounted goes on`,
    remedy: `Restore the token and the privileges of its role (VM.Audit, VM.Config.Disk, Datastore.Allocate, Datastore.AllocateSpace, Datastore.Audit) where they are kept, in Vault and through Terraform; then start the controllers anew, one after the other.`,
    doNot:
      'Do not give the driver root@pam, and do not restart nodes or delete VolumeAttachments: all nodes wait for the same token.',
    seen: [lines, clock],
  };
  return { evidence: [], findings: [finding] };
}

function howRefused(text: string): string {
  if (/\b403\b/.test(text)) return 'lacks a permission';
  return /\b401\b/.test(text) ? 'is not accepted' : 'is not accepted, or lacks a permission';
}
