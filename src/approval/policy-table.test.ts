import { describe, expect, test } from 'vitest';
import { by, clickOrders, clicks, decision, directory, wordings } from './fixtures/clicks.ts';
import { approvedBy, type Click, expected } from './fixtures/oracle.ts';
import { type ResolvedRule, resolveRule } from './groups.ts';
import { type Judgement, judge, type Question } from './judge.ts';
import type { TierRule } from './policy.ts';

type Judge = (rule: ResolvedRule, question: Question) => Judgement;

const table = [...wordings(), ...clicks()].map((click) => ({ click, wanted: expected(directory, click) }));
const membersOf = async (group: string) => directory[group] ?? [];
const resolved = new Map<TierRule, ResolvedRule>();
for (const { rule } of table.map(({ click }) => click))
  if (!resolved.has(rule)) resolved.set(rule, await resolveRule(rule, membersOf));

/** A refusal tells what to do instead. */
const ADVICE = /\b(Start|Ask|Make this change|Have|type exactly|must come from|cancel the run|say why|say it)\b/;

/** The clicks that a judge answers otherwise than the oracle; all of them, or the first one alone. */
function disagreements(judging: Judge, enough = Number.POSITIVE_INFINITY): string[] {
  const found: string[] = [];
  for (const { click, wanted } of table) {
    const judged = judging(ruleOf(click), click.question);
    const complete = judged.allowed && judged.complete;
    const agrees = judged.allowed === wanted.allowed && complete === wanted.complete;
    if (!agrees || !(judged.allowed || ADVICE.test(judged.says))) found.push(JSON.stringify({ click, judged, wanted }));
    if (found.length >= enough) break;
  }
  return found;
}

function ruleOf({ rule }: Click): ResolvedRule {
  const found = resolved.get(rule);
  if (found === undefined) throw new Error('every rule of the table is resolved');
  return found;
}

test('the table holds every combination, allowed and refused, complete and not', () => {
  const count = (allowed: boolean, complete: boolean) =>
    table.filter(({ wanted }) => wanted.allowed === allowed && wanted.complete === complete).length;
  expect(table.length).toBeGreaterThan(100_000);
  for (const some of [count(false, false), count(true, false), count(true, true)]) expect(some).toBeGreaterThan(5_000);
});

test('every decision is judged as the policy means it', () => {
  expect(disagreements(judge).slice(0, 3)).toEqual([]);
});

test('three clicks approve a step in whatever order exactly when their people together may', () => {
  const wrong: string[] = [];
  let approvedCount = 0;
  for (const [click, order] of clickOrders()) {
    const done = approvedIn(click, order);
    if (done) approvedCount += 1;
    if (done !== approvedBy(directory, click, new Set(order))) wrong.push(JSON.stringify({ click, order, done }));
  }
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(approvedCount).toBeGreaterThan(1_000);
});

/** What counts is kept, what is refused is not, as the engine does it. */
function approvedIn(click: Click, order: readonly string[]): boolean {
  const decisionsSoFar: ReturnType<typeof decision>[] = [];
  for (const id of order) {
    const judged = judge(ruleOf(click), { ...click.question, actor: by(id), decisionsSoFar });
    if (!judged.allowed) continue;
    if (judged.complete) return true;
    decisionsSoFar.push(decision(id, 'approve'));
  }
  return false;
}

describe('the table notices a judge', () => {
  const someoneElse = by('USOMEBODYELSE');
  const also = (rule: ResolvedRule, ...ids: readonly string[]): ResolvedRule => ({
    ...rule,
    sources: [...rule.sources, ...ids.map((id) => ({ id, members: [id] }))],
  });
  const mutants: readonly (readonly [string, Judge])[] = [
    [
      'that allows self-approval at high risk',
      (rule, question) => judge(rule, { ...question, risk: question.risk === 'high' ? 'normal' : question.risk }),
    ],
    ['that allows self-approval everywhere at normal risk', (rule, question) => judge({ ...rule, selfApproval: true }, question)],
    ['that allows it nowhere', (rule, question) => judge({ ...rule, selfApproval: false }, question)],
    [
      'that looks at the requester of the first approval only',
      (rule, question) => judge(rule, question.decisionsSoFar.length > 0 ? { ...question, requester: someoneElse } : question),
    ],
    ['that wants one approval less', (rule, question) => judge({ ...rule, count: rule.count - 1 }, question)],
    ['that wants one approval more', (rule, question) => judge({ ...rule, count: rule.count + 1 }, question)],
    ['that takes two people for two groups', (rule, question) => judge({ ...rule, differentGroups: false }, question)],
    ['that wants different groups everywhere', (rule, question) => judge({ ...rule, differentGroups: true }, question)],
    ['that forgets a group', (rule, question) => judge({ ...rule, sources: rule.sources.slice(0, 2) }, question)],
    ['that takes a stranger for an approver', (rule, question) => judge(also(rule, question.actor.id), question)],
    [
      'that takes an empty list for everybody',
      (rule, question) => judge(rule.sources.length > 0 ? rule : also(rule, 'UA'), question),
    ],
    [
      'that counts the approval of who has left',
      (rule, question) => judge(also(rule, ...question.decisionsSoFar.map(({ actor }) => actor.id)), question),
    ],
    [
      'that counts one person twice',
      (rule, question) => {
        const again = question.decisionsSoFar.filter(({ actor }) => actor.id !== question.actor.id);
        return judge(
          { ...rule, count: rule.count - (question.decisionsSoFar.length - again.length) },
          { ...question, decisionsSoFar: again },
        );
      },
    ],
    [
      'that forgets a denial',
      (rule, question) =>
        judge(rule, { ...question, decisionsSoFar: question.decisionsSoFar.filter(({ verdict }) => verdict === 'approve') }),
    ],
    ['for whom an offer still stands at its end', (rule, question) => judge(rule, { ...question, now: question.now - 1 })],
    ['for whom an offer never ends', (rule, question) => judge(rule, { ...question, now: 0 })],
    ['for whom it ends one moment early', (rule, question) => judge(rule, { ...question, now: question.now + 1 })],
    ['that needs no reason', (rule, question) => judge(rule, { ...question, reason: 'because' })],
    [
      'that needs a reason of the requester too',
      (rule, question) => judge(rule, question.verdict === 'deny' ? { ...question, requester: someoneElse } : question),
    ],
    [
      'that needs no word',
      (rule, { wordToType = '', ...question }) => judge(rule, { ...question, wordToType, typed: wordToType }),
    ],
    [
      'that does not tell capitals',
      (rule, { typed = '', ...question }) => judge(rule, { ...question, typed: typed.toLowerCase() }),
    ],
    [
      'that overlooks what cannot be seen',
      (rule, { typed = '', ...question }) => judge(rule, { ...question, typed: typed.replace('\u200b', '') }),
    ],
    [
      'that refuses without a word of advice',
      (rule, question) => {
        const judged = judge(rule, question);
        return judged.allowed ? judged : { allowed: false, says: 'No.' };
      },
    ],
  ];

  test.each(mutants)('%s', (_name, mutant) => {
    expect(disagreements(mutant, 1)).toHaveLength(1);
  });
});
