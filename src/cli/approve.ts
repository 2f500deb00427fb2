import { whyNotConfirmed } from '../approval/confirmation.ts';
import type { DecisionAnswer, DecisionRequest, Engine } from '../core/ports.ts';
import type { RunView } from '../core/run.ts';
import { visible } from '../slack/visible.ts';
import type { Offer, Present, Standing } from './offer.ts';
import { offerIn, openWords, standingOf, TOO_FEW } from './offer.ts';
import type { Terminal } from './terminal.ts';

export interface Approving extends Present {
  readonly engine: Engine;
  readonly terminal: Terminal;
  /** What Enter does: who has just asked for the run denies, who came to look at it leaves it as it is. */
  readonly onEnter: 'deny' | 'leave';
}

export interface Approved {
  readonly view: RunView;
  /** What becomes of an offer that was left open. */
  readonly left?: string;
}

/** Asks for each step that is on offer, until the run has ended or waits for somebody else. */
export async function approveSteps(approving: Approving, run: string): Promise<Approved> {
  for (;;) {
    const view = await approving.engine.settled(run);
    const offer = offerIn(view);
    if (offer === undefined) return { view };
    const left = await decide({ ...approving, view, offer });
    if (left !== undefined) return { view: (await approving.engine.view(run)) ?? view, left };
  }
}

interface Deciding extends Approving {
  readonly view: RunView;
  readonly offer: Offer;
}

/** What becomes of the offer where it stays open; undefined when it was decided. */
async function decide(deciding: Deciding): Promise<string | undefined> {
  const { terminal, offer, view, onEnter } = deciding;
  terminal.note(`\nStep ${offer.step + 1} of round ${offer.round}, exactly as it would run:\n\n${offer.preview}\n\n`);
  const standing = await standingOf(deciding, view, offer);
  const inVain = onEnter === 'deny' && !standing.enough;
  if (standing.objection !== undefined || inVain) return cannotApprove(deciding, standing);
  const word = await wordOf(deciding);
  if (word === 'leave') return leftOpen(deciding);
  if (word === 'deny') return deny(deciding);
  const { accepted, says, heldBy } = await tell(deciding, { verdict: 'approve', ...word });
  terminal.note(`${says}\n`);
  const run = view.id;
  if (heldBy !== undefined)
    terminal.note(`To take it over: storagebot takeover ${run} <reason>, then storagebot approve ${run}\n`);
  return accepted && !(await isOpen(deciding)) ? undefined : leftOpen(deciding);
}

/** An offer that nobody at a terminal can complete is withdrawn by who asked for it, not left open for whoever comes by. */
async function cannotApprove(deciding: Deciding, { objection, expired, enough }: Standing): Promise<string | undefined> {
  const { terminal, onEnter } = deciding;
  terminal.note(`${objection ?? TOO_FEW}\n`);
  return expired || enough || onEnter === 'leave' ? leftOpen(deciding) : deny(deciding);
}

/** What the person decides; an approval with what was typed to confirm a destructive step. */
async function wordOf(deciding: Deciding): Promise<{ readonly typed?: string } | 'deny' | 'leave'> {
  const { terminal, onEnter, offer } = deciding;
  const how = onEnter === 'deny' ? 'or press Enter to deny it' : 'deny to deny it, or press Enter to leave it on offer';
  const answer = (await terminal.ask(`Type ${offer.digest} to approve it, ${how}: `)).trim();
  if (answer === offer.digest) return offer.risk === 'destructive' ? confirmed(deciding) : {};
  if (answer === '' || answer === 'deny') return answer === '' ? onEnter : answer;
  terminal.note(`That is not its digest, so it is ${onEnter === 'deny' ? 'denied' : 'left on offer'}.\n`);
  return onEnter;
}

/** Asks for the name of what a destructive step changes, until it is right or the person gives up. */
async function confirmed({
  terminal,
  offer: { word },
  onEnter,
}: Deciding): Promise<{ readonly typed: string } | 'deny' | 'leave'> {
  const otherwise = onEnter === 'deny' ? 'deny it' : 'leave it on offer';
  const question = `It cannot be undone. Type ${visible(word)} to confirm it, or press Enter to ${otherwise}: `;
  for (;;) {
    const typed = (await terminal.ask(question)).trim();
    if (typed === '') return onEnter;
    const wrong = whyNotConfirmed(typed, word);
    if (wrong === undefined) return { typed };
    terminal.note(`${wrong}\n`);
  }
}

async function deny(deciding: Deciding): Promise<string | undefined> {
  const { terminal, view, actor } = deciding;
  const mine = view.requester.id === actor.id;
  const reason = mine ? '' : (await terminal.ask('Why? Everybody who sees this run reads it: ')).trim();
  const { accepted, says } = await tell(deciding, { verdict: 'deny', ...(reason === '' ? {} : { reason }) });
  terminal.note(`${says}\n`);
  return accepted ? undefined : leftOpen(deciding);
}

function tell(
  { engine, view, actor, offer }: Deciding,
  decision: Pick<DecisionRequest, 'verdict' | 'typed' | 'reason'>,
): Promise<DecisionAnswer> {
  const { round, step, digest } = offer;
  return engine.decide({ run: view.id, round, step, digest, actor, ...decision });
}

async function isOpen({ engine, view, offer }: Deciding): Promise<boolean> {
  const now = await engine.view(view.id);
  return now?.rounds.find(({ number }) => number === offer.round)?.steps[offer.step]?.status === 'waiting';
}

async function leftOpen(deciding: Deciding): Promise<string> {
  const { engine, view } = deciding;
  const now = await engine.view(view.id);
  const offer = now && offerIn(now);
  if (now !== undefined && offer !== undefined) {
    const standing = await standingOf(deciding, now, offer);
    if (!standing.expired) return openWords(now, offer, standing);
  }
  return `It is not on offer any more. To plan again: storagebot again ${view.id} --apply\n`;
}
