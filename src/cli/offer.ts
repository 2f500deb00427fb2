import { isLocal } from '../approval/entries.ts';
import type { ResolvedRule } from '../approval/groups.ts';
import { resolveRule } from '../approval/groups.ts';
import type { Question } from '../approval/judge.ts';
import { judge } from '../approval/judge.ts';
import type { ApprovalPolicy } from '../approval/policy.ts';
import type { Risk } from '../core/command.ts';
import { previewStep, stepsOf, wordToType } from '../core/plan.ts';
import type { Actor, Decision, RunView } from '../core/run.ts';
import { visible } from '../slack/visible.ts';
import { instant } from '../slack/words.ts';

/** The step that people are asked about now. */
export interface Offer {
  readonly round: number;
  readonly step: number;
  readonly digest: string;
  readonly preview: string;
  readonly risk: Risk;
  /** What must be typed besides the digest where the step is destructive. */
  readonly word: string;
  readonly decisions: readonly Decision[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export function offerIn({ status, rounds }: RunView): Offer | undefined {
  const round = rounds.at(-1);
  const step = round?.steps.findIndex((each) => each.status === 'waiting') ?? -1;
  const planned = round && stepsOf(round.plan)[step];
  const view = round?.steps[step];
  if (status !== 'waiting' || round === undefined || planned === undefined || view === undefined) return undefined;
  const { digest, decisions, expiresAt } = view;
  const about = { preview: previewStep(planned), risk: planned.change.risk, word: wordToType(planned) };
  return { round: round.number, step, digest, decisions, expiresAt, ...about };
}

/** What an offer means at a terminal, by the same rules that the engine judges decisions by. */
export interface Standing {
  /** Why the person who sits here cannot approve it. */
  readonly objection?: string;
  readonly expired: boolean;
  /** Local users who can approve it, as the policy names them. */
  readonly people: readonly string[];
  /** Whether it is decided once all of these have, with the approvals that it has. */
  readonly enough: boolean;
}

export interface Present {
  readonly policy: ApprovalPolicy;
  /** Who sits here. */
  readonly actor: Actor;
}

export async function standingOf({ policy, actor }: Present, { requester }: RunView, offer: Offer): Promise<Standing> {
  const { risk, decisions: decisionsSoFar, expiresAt, word } = offer;
  // Slack alone knows who is in its groups: here they have no members, as in the engine of a terminal.
  const rule = await resolveRule(policy.tiers[risk], async () => []);
  const now = Date.now();
  const about = { risk, verdict: 'approve', requester, decisionsSoFar, now, expiresAt, typed: word, wordToType: word } as const;
  const mine = judge(rule, { ...about, actor });
  const local = rule.sources.map(({ id }) => id).filter(isLocal);
  const people = local.filter((id) => judge(rule, { ...about, actor: { id, name: id } }).allowed);
  return {
    ...(mine.allowed ? {} : { objection: mine.says }),
    expired: now >= expiresAt,
    people,
    enough: canComplete(rule, about, people),
  };
}

function canComplete(rule: ResolvedRule, about: Omit<Question, 'actor'>, people: readonly string[]): boolean {
  const decisionsSoFar = [...about.decisionsSoFar];
  return people.some((id) => {
    const actor = { id, name: id };
    const judgement = judge(rule, { ...about, actor, decisionsSoFar });
    decisionsSoFar.push({ run: '', round: 0, step: 0, digest: '', actor, verdict: 'approve', at: about.now });
    return judgement.allowed && judgement.complete;
  });
}

/** What becomes of an offer that is left open, and who can complete it how. */
export function openWords({ id, requester }: RunView, { round, step, expiresAt }: Offer, { people, enough }: Standing): string {
  const inSlack = isLocal(requester.id) ? '' : ' Or in Slack, by its buttons, once the bot runs again.';
  const here = enough
    ? `Who can approve it here: ${people.join(', ')}. Each does it as that user of this machine, with this same configuration: storagebot approve ${id}`
    : TOO_FEW;
  const lines = [
    `Step ${step + 1} of round ${round} stays on offer until ${instant(expiresAt)}; then it expires, and nothing is changed.`,
    `${here}${inSlack}`,
    `To take it back: storagebot cancel ${id} <reason>`,
  ];
  return visible(`${lines.join('\n')}\n`);
}

export const TOO_FEW =
  'At a terminal it cannot be approved: too few local users may approve it to reach the number that its risk needs.';
