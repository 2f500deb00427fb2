import type { Diagnosis } from '../core/finding.ts';
import type { Outcome, Recording } from '../core/output.ts';
import { isFailure } from '../core/output.ts';
import { sha256Of } from './canonical.ts';
import type { AuditEvent, SeenLine } from './event.ts';

/** What a look saw and what it means; the recording that is stored must be the one given here. */
export function lookedEvent(of: { run: string; round: number; recording: Recording; diagnosis: Diagnosis }): AuditEvent {
  const { run, round, recording, diagnosis } = of;
  const linesOf = (seen: readonly { readonly line: string }[]) => seen.map(({ line }) => line);
  return {
    kind: 'looked',
    run,
    round,
    seen: Object.entries(recording).map(([line, outcome]) => seenLine(line, outcome)),
    findings: diagnosis.findings.map(({ code, subject, says, seen }) => ({ code, subject, says, proof: linesOf(seen) })),
    evidence: diagnosis.evidence.map(({ status, says, seen }) => ({ status, says, proof: linesOf(seen) })),
  };
}

function seenLine(line: string, outcome: Outcome): SeenLine {
  const words = isFailure(outcome) ? `could not look: ${outcome.failed}` : `exit code ${outcome.exitCode}`;
  return { line, outcome: words, sha256: sha256Of(outcome) };
}
