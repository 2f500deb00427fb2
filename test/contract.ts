import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { show } from '../src/core/command.ts';
import type { Diagnosis, Finding, Verdict } from '../src/core/finding.ts';
import { verdictOf } from '../src/core/finding.ts';
import type { Failure, Recording } from '../src/core/output.ts';
import { previewPlan, stepsOf } from '../src/core/plan.ts';
import { readerOver, replay } from '../src/core/reading.ts';
import type { Look, Runbook } from '../src/core/runbook.ts';
import type { Site } from '../src/core/site.ts';

/** One recorded situation of the simulated site, and what the runbook must make of it. */
export interface Case {
  /** Name of the lab's scenario. */
  readonly scenario: string;
  /** Name of the recording where it is another than the scenario's. */
  readonly name?: string;
  readonly words: readonly string[];
  readonly verdict: Verdict;
  /** `code subject` of every finding, in order. */
  readonly findings: readonly string[];
  /** The lines of the plan's changes, in order; none means that it stops. */
  readonly changes: readonly string[];
  readonly nas?: 'core' | 'scale' | 'debian';
}

/** Remedies that suggest themselves and do harm; no plan may hold one, whatever was seen. */
const FORBIDDEN: readonly RegExp[] = [
  /\w*restart\b.*\b(nfs|nfsd|nfs-server|rpcbind)\b|\b(nfsd?|nfs-server)\b.*\b\w*restart\b/,
  /\bcall nfs\.update\b/, // the middleware restarts the server for it
  /umount\b.*(--force|-f\b|-a\b|--all)/,
  /zfs (destroy|rollback)|zpool (clear|replace|destroy)/,
  /iscsiadm -m node (-u|--logout)$/,
  /chown\b.*(-R|--recursive)/,
  /lvremove|qm destroy|qm set .*--delete/,
  /remount/,
  /delete .*(persistentvolume|volumeattachment)/i,
];

const TIMED_OUT: Failure = { failed: 'timed-out', says: 'No answer within the deadline.', toDo: 'Look again.' };

export function recordingOf(runbook: Runbook, { scenario, name }: Pick<Case, 'scenario' | 'name'>): Recording {
  const file = new URL(`../runbooks/${runbook.id}/recordings/${name ?? scenario}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}

/** What every runbook promises, asked of each of its recorded cases. */
export function contract(runbook: Runbook, cases: readonly Case[], siteOf: (each: Case) => Site): void {
  const look = (each: Case, recording: Recording) =>
    runbook.look(runbook.fromWords(each.words), readerOver(replay(recording)), siteOf(each));

  describe.each(cases.map((each) => ({ ...each, title: each.name ?? each.scenario })))('$title', (each) => {
    const recording = recordingOf(runbook, each);

    it(`is ${each.verdict}: ${each.findings.join(', ') || 'no finding'}`, async () => {
      const { diagnosis, plan } = await look(each, recording);
      expect(diagnosis.findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual(each.findings);
      expect({ verdict: verdictOf(diagnosis), evidence: evidenceOf(diagnosis) }).toMatchObject({ verdict: each.verdict });
      expect(stepsOf(plan).map(({ change }) => show(change.command))).toEqual(each.changes);
    });

    it('plans no forbidden remedy, and each step has a precondition, a verification and an undo', async () => {
      const { plan } = await look(each, recording);
      for (const step of stepsOf(plan)) {
        const lines = [show(step.change.command), ...('none' in step.undo ? [] : [show(step.undo.command)])];
        for (const remedy of FORBIDDEN) expect(lines.join('\n')).not.toMatch(remedy);
        expect(step.before.length).toBeGreaterThan(0);
        expect(step.after.withinMs).toBeGreaterThanOrEqual(5_000);
        expect(step.because.seen.every(({ known }) => known)).toBe(true);
        expect('none' in step.undo ? step.undo.none : show(step.undo.command)).not.toBe('');
      }
    });

    it('plans the same from the same recording', async () => {
      const [first, second] = [await look(each, recording), await look(each, recording)];
      expect(previewPlan(second.plan)).toBe(previewPlan(first.plan));
    });

    it('draws no conclusion without any of the outputs it cites, and plans nothing from it', async () => {
      const { diagnosis } = await look(each, recording);
      for (const finding of diagnosis.findings) {
        for (const { line } of finding.seen) {
          const survives = await outlives(finding, line, (blinded) => look(each, blinded), recording);
          expect({ finding: nameOf(finding), without: line, survives }).toEqual({
            finding: nameOf(finding),
            without: line,
            survives: false,
          });
        }
      }
    });
  });

  it('has a recorded case for every cause it can name', () => {
    const named = new Set(cases.flatMap(({ findings }) => findings.map((finding) => finding.split(' ')[0])));
    expect(named).toEqual(new Set(Object.keys(runbook.codes)));
  });

  it('has a recorded case for "all well" and one for "could not look"', () => {
    expect(cases.map(({ verdict }) => verdict)).toEqual(expect.arrayContaining(['well', 'blind']));
  });

  it('finds nothing and plans nothing where nothing answers', async () => {
    for (const each of cases.slice(0, 1)) {
      const { diagnosis, plan } = await runbook.look(
        runbook.fromWords(each.words),
        readerOver(async () => TIMED_OUT),
        siteOf(each),
      );
      expect(diagnosis.findings).toEqual([]);
      expect(verdictOf(diagnosis)).toBe('blind');
      expect(stepsOf(plan)).toEqual([]);
    }
  });
}

/**
 * Whether a finding stands without this output. Another output may take its place, as another node's view may; then that one is
 * blinded as well, until the finding is gone, or stands on nothing new, which is a conclusion that its proofs do not carry.
 */
async function outlives(
  finding: Finding,
  line: string,
  look: (blinded: Recording) => Promise<Look>,
  recording: Recording,
): Promise<boolean> {
  const known = new Set(finding.seen.map((seen) => seen.line));
  const blinded = { ...recording };
  for (let next: string | undefined = line; next !== undefined; ) {
    blinded[next] = TIMED_OUT;
    const { diagnosis, plan } = await look(blinded);
    const planned = stepsOf(plan).map(({ because }) => because);
    const still = [...diagnosis.findings, ...planned].find((other) => nameOf(other) === nameOf(finding));
    if (still === undefined) return false;
    next = still.seen.map((seen) => seen.line).find((cited) => !known.has(cited));
    if (next !== undefined) known.add(next);
  }
  return true;
}

function nameOf({ code, subject }: Finding): string {
  return `${code} ${subject}`;
}

/** For the message of a failing test. */
function evidenceOf({ evidence }: Diagnosis): string {
  return evidence.map(({ status, says: what }) => `${status}: ${what}`).join('\n');
}
