import { z } from 'zod';
import { Refusal } from '../core/errors.ts';
import type { Diagnosis, Evidence, Finding } from '../core/finding.ts';
import { isSome, knownOf, notSeen, ok } from '../core/finding.ts';
import type { Check, CheckResult, Plan, Step, Undo } from '../core/plan.ts';
import { steps, stepsOf, stop } from '../core/plan.ts';
import type { Reader } from '../core/reading.ts';
import type { Runbook } from '../core/runbook.ts';
import { defineRunbook } from '../core/runbook.ts';
import { undoSteps } from '../core/undo.ts';
import type { Journal, JournalStep, Store } from '../store/store.ts';
import type { Looks } from './looks.ts';
import { digestOfStep, droppedWords } from './looks.ts';

export const UNDO = 'undo';

export interface UndoParts {
  readonly store: Store;
  readonly looks: Looks;
  readonly buildVersion: string;
}

/** A step that a run has done, and what the conditions of taking it back say now. */
interface Done {
  readonly name: string;
  readonly step: Step;
  readonly undo: Undo;
  readonly before: readonly Checked[];
  /** Of what must follow the undo, where the undo itself was made already. */
  readonly afterwards: readonly Checked[];
}

interface Checked extends CheckResult {
  readonly check: Check;
}

/** Plans to take back what another run did, last step first; each is approved for itself like any other change. */
export function undoRunbook(parts: UndoParts): Runbook {
  return defineRunbook({
    id: UNDO,
    words: [UNDO],
    usage: '<run>',
    title: 'Take back what a run has changed',
    codes: { 'can-be-undone': 'A run has changed this, and it can be taken back.' },
    changes: true,
    params: z.strictObject({
      run: z.string('is missing').regex(/^[0-9a-f]{1,32}$/, 'must be the id of a run, as its messages show it'),
    }),
    fromWords: ([run, ...more]) => (more.length === 0 ? { run } : { run: [run, ...more].join(' ') }),
    gather: async ({ run }, read) => Promise.all((await doneBy(parts, run)).map((done) => lookAt(done, read))),
    diagnose,
    plan,
  });
}

async function doneBy({ store, looks, buildVersion }: UndoParts, id: string): Promise<readonly Pick<Done, 'name' | 'step'>[]> {
  const journal = store.journal(id);
  if (journal === undefined) throw new Refusal('not-found', `There is no run ${id}.`);
  if (journal.run.finishedAt === null) throw new Refusal('stale', `Run ${id} is still going on. Wait for its end, or cancel it.`);
  const done = doneRows(journal);
  const { droppedAt } = journal.run;
  if (droppedAt !== null && done.length > 0) throw new Refusal('stale', `${TOO_OLD} ${droppedWords(journal.run, droppedAt)}`);
  return Promise.all(
    done.map(async (row) => {
      const { plan } = await looks.of(journal.run, row.round);
      const step = stepsOf(plan)[row.index];
      if (step === undefined || digestOfStep(step, row, buildVersion) !== row.digest) throw new Refusal('stale', OTHER_VERSION);
      return { name: `step ${row.round}.${row.index + 1} of run ${id}`, step };
    }),
  );
}

const OTHER_VERSION =
  'Another version or configuration of the bot made that run, so this one cannot tell what its undo would be: see the undo line of each of its steps.';

const TOO_OLD = 'That run is too old to be taken back by the bot: look at the undo line of each of its steps and do it by hand.';

function doneRows({ rounds }: Journal): readonly JournalStep[] {
  return rounds
    .flatMap((round) => round.steps)
    .filter(({ status }) => status === 'done')
    .toReversed();
}

async function lookAt(
  { name, step }: Pick<Done, 'name' | 'step'>,
  read: Reader,
): Promise<Done | { name: string; step: Step; none: string }> {
  const { undo } = step;
  if ('none' in undo) return { name, step, none: undo.none };
  const before = await checked(undo.before, read);
  return { name, step, undo, before, afterwards: await checked(undo.afterwards?.before ?? [], read) };
}

function checked(checks: readonly Check[], read: Reader): Promise<readonly Checked[]> {
  return Promise.all(checks.map(async (check) => ({ check, ...(await check.holds(read)) })));
}

type Facts = readonly Awaited<ReturnType<typeof lookAt>>[];

function diagnose(facts: Facts): Diagnosis<'can-be-undone'> {
  return {
    evidence: facts.flatMap(evidenceOf),
    findings: facts.flatMap((fact) => ('none' in fact || stepsFor(fact).length === 0 ? [] : findingOf(fact))),
  };
}

function evidenceOf(fact: Facts[number]): readonly Evidence[] {
  if ('none' in fact) return [ok(`${fact.name} (${fact.step.title}) has no undo: ${fact.none}`)];
  const { name, step, before } = fact;
  const unknown = notSeen(
    `${name} (${step.title})`,
    before.map(({ seen }) => seen),
  );
  if (unknown.length > 0) return unknown;
  const known = knownOf(before.map(({ seen }) => seen));
  const not = before.find(({ answer }) => answer === 'no');
  if (not === undefined) return [ok(`${name} (${step.title}) can be taken back`, ...known)];
  return [ok(`${name} (${step.title}) is not taken back, because it does not hold that ${not.check.says}`, ...known)];
}

function findingOf(done: Done): readonly Finding<'can-be-undone'>[] {
  const proofs = knownOf((holds(done.before) ? done.before : done.afterwards).map(({ seen }) => seen));
  if (!isSome(proofs)) return [];
  const { name, step } = done;
  const says = `${name} has done this, and it can be taken back: ${step.title}`;
  return [{ code: 'can-be-undone', subject: name, says, remedy: 'Approve taking it back, or leave it.', seen: proofs }];
}

function plan({ findings }: Diagnosis<'can-be-undone'>, facts: Facts): Plan {
  const planned = facts.flatMap((fact) => {
    const because = findings.find(({ subject }) => subject === fact.name);
    return because === undefined || 'none' in fact ? [] : stepsFor(fact).map((step) => ({ ...step, because }));
  });
  const [first, ...more] = planned;
  return first === undefined
    ? stop('There is nothing that can be taken back now: see what was looked at.')
    : steps(first, ...more);
}

/** The undo and what must follow it; only the latter where the undo itself was made already. */
function stepsFor({ step, before, afterwards }: Done): readonly Step[] {
  const back = undoSteps([step]);
  if (holds(before)) return back;
  return holds(afterwards) ? back.slice(1) : [];
}

function holds(checks: readonly Checked[]): boolean {
  return checks.length > 0 && checks.every(({ answer }) => answer === 'yes');
}
