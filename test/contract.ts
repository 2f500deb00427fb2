import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { show } from '../src/core/command.ts';
import type { Diagnosis, Finding, Verdict } from '../src/core/finding.ts';
import { verdictOf } from '../src/core/finding.ts';
import type { Failure, Recording } from '../src/core/output.ts';
import { stepsOf } from '../src/core/plan.ts';
import { readerOver, replay } from '../src/core/reading.ts';
import type { Look, Runbook } from '../src/core/runbook.ts';
import type { Site } from '../src/core/site.ts';
import { isFull, leftOut, sampled } from './depth.ts';
import { planContract } from './plan-contract.ts';

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

const TIMED_OUT: Failure = { failed: 'timed-out', says: 'No answer within the deadline.', toDo: 'Look again.' };

export function recordingOf(runbook: Runbook, { scenario, name }: Pick<Case, 'scenario' | 'name'>): Recording {
  const file = new URL(`../runbooks/${runbook.id}/recordings/${name ?? scenario}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}

/** What every runbook promises, asked of each of its recorded cases. */
export function contract(runbook: Runbook, cases: readonly Case[], makeSite: (each: Case) => Site): void {
  const sites = new Map<string, Site>();
  const siteOf = (each: Case) => {
    const key = `${each.scenario} ${each.nas}`;
    const site = sites.get(key) ?? makeSite(each);
    sites.set(key, site);
    return site;
  };
  const look = (each: Case, recording: Recording) =>
    runbook.look(runbook.fromWords(each.words), readerOver(replay(recording)), siteOf(each));

  describe.each(cases.map((each) => ({ ...each, title: each.name ?? each.scenario })))('$title', (each) => {
    const recording = recordingOf(runbook, each);
    planContract(() => look(each, recording), siteOf(each));

    it(`is ${each.verdict}: ${each.findings.join(', ') || 'no finding'}`, async () => {
      const { diagnosis, plan } = await look(each, recording);
      expect(diagnosis.findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual(each.findings);
      expect({ verdict: verdictOf(diagnosis), evidence: evidenceOf(diagnosis) }).toMatchObject({ verdict: each.verdict });
      expect(stepsOf(plan).map(({ change }) => show(change.command))).toEqual(each.changes);
    });

    it.each(HIDINGS)(
      'draws no conclusion without any of the outputs it cites, %s, and plans nothing from it',
      async (_how, hide) => {
        const { diagnosis } = await look(each, recording);
        for (const finding of diagnosis.findings) {
          for (const { line } of sampled(finding.seen, 2)) {
            const blind = { recording, hide, look: (blinded: Recording) => look(each, blinded) };
            const left = await withoutOutput(finding, line, blind);
            const about = { finding: nameOf(finding), without: line };
            expect({ ...about, ...left }).toEqual({ ...about, survives: false, isWell: false });
          }
        }
      },
    );
  });

  leftOut('outputs cited by findings that cite more than two', 'two of them are hidden, at even distances');

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

type Hide = (recording: Recording, line: string) => Recording;

/** Both are "could not look"; that the first is, in the same way as the second, is seen at full depth. */
const HIDINGS: readonly (readonly [how: string, hide: Hide])[] = [
  ['timed out', (recording, line) => ({ ...recording, [line]: TIMED_OUT })],
  ...(isFull ? [['left out of the recording', leaveOut] as const] : []),
];

function leaveOut(recording: Recording, line: string): Recording {
  return Object.fromEntries(Object.entries(recording).filter(([each]) => each !== line));
}

interface Blind {
  readonly recording: Recording;
  readonly hide: Hide;
  readonly look: (blinded: Recording) => Promise<Look>;
}

/**
 * Whether a finding stands without this output, and whether all seems well then. Another output may take its place, as another node's view may; then that one is
 * blinded as well, until the finding is gone, or stands on nothing new, which is a conclusion that its proofs do not carry.
 */
async function withoutOutput(finding: Finding, line: string, { recording, hide, look }: Blind) {
  const known = new Set(finding.seen.map((seen) => seen.line));
  let blinded = recording;
  for (let next: string | undefined = line; next !== undefined; ) {
    blinded = hide(blinded, next);
    const { diagnosis, plan } = await look(blinded);
    const planned = stepsOf(plan).map(({ because }) => because);
    const still = [...diagnosis.findings, ...planned].find((other) => nameOf(other) === nameOf(finding));
    if (still === undefined) return { survives: false, isWell: verdictOf(diagnosis) === 'well' };
    next = still.seen.map((seen) => seen.line).find((cited) => !known.has(cited));
    if (next !== undefined) known.add(next);
  }
  return { survives: true, isWell: false };
}

function nameOf({ code, subject }: Finding): string {
  return `${code} ${subject}`;
}

/** For the message of a failing test. */
function evidenceOf({ evidence }: Diagnosis): string {
  return evidence.map(({ status, says: what }) => `${status}: ${what}`).join('\n');
}
