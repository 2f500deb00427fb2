import type { App } from '../app.ts';
import { Refusal } from '../core/errors.ts';
import type { RunView } from '../core/run.ts';
import { hasEnded } from '../slack/words.ts';
import { renderRunText } from '../text/run-text.ts';
import { approveSteps } from './approve.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts';
import { localUser } from './local-user.ts';
import { offerIn } from './offer.ts';
import { approving, footer } from './run.ts';
import { inBotState, print, requirePerson, type Session } from './session.ts';
import type { Wanted } from './wanted.ts';

/** Rejects with a Refusal where it is not done. */
export async function knownRun(session: Session, wanted: Wanted): Promise<ExitCode> {
  const { flags, terminal } = session;
  if (wanted.word === 'approve' || flags.apply) requirePerson(terminal, wanted.word === 'approve' ? 'approve' : '--apply');
  return inBotState(session, inSlack(wanted), (app) => perform(session, app, wanted));
}

function inSlack({ word, run }: Wanted): string {
  if (word === 'approve' || word === 'again') return `the buttons of run ${run}, if it was asked for there`;
  return `/storage ${word} ${run}${word === 'undo' ? '' : ' <reason>'}`;
}

function perform(session: Session, app: App, wanted: Wanted): Promise<ExitCode> {
  switch (wanted.word) {
    case 'approve':
      return approve(session, app, wanted.run);
    case 'undo':
    case 'again':
      return follow(session, app, { how: wanted.word, run: wanted.run });
    case 'cancel':
    case 'takeover':
      return intervene(session, app, wanted);
  }
}

/** Asks whoever sits here for the steps of a run that others have asked for, here or in Slack. */
async function approve(session: Session, { engine }: App, run: string): Promise<ExitCode> {
  const { terminal, config } = session;
  const before = await engine.settled(run);
  terminal.note(renderRunText(before));
  if (offerIn(before) === undefined) throw new Refusal('stale', `Nothing of run ${run} is on offer. ${whyNot(before)}`);
  const about = { engine, terminal, actor: localUser(), policy: config.approval, onEnter: 'leave' } as const;
  const { view, left } = await approveSteps(about, run);
  print(session, view, '');
  if (left !== undefined) terminal.note(`\n${left}`);
  return exitCodeOf(view);
}

function whyNot(view: RunView): string {
  const detail = view.rounds.flatMap(({ steps }) => steps.map((step) => step.detail)).findLast((each) => each !== undefined);
  const ended = hasEnded(view) ? `It has ended${detail === undefined ? '' : `: ${detail}`}.` : '';
  return `${ended.replace('..', '.')} To plan again: storagebot again ${view.id} --apply`.trimStart();
}

/** A run of its own: it only looks, and is ended at once, unless its steps are to be approved here. */
async function follow(session: Session, app: App, { how, run }: { how: 'undo' | 'again'; run: string }): Promise<ExitCode> {
  const { engine } = app;
  const answer = await engine.follow({ run, how, actor: localUser(), origin: { kind: 'cli' } });
  if (answer.run === undefined) throw new Refusal('stale', answer.says);
  if (session.flags.apply) return approving(session, app, answer.run);
  const view = await engine.settled(answer.run);
  await engine.withdraw(answer.run, 'It was asked for at a terminal, to look only.');
  await engine.settled(answer.run);
  print(session, view, footer(view, `${how} ${run}`));
  return exitCodeOf(view);
}

async function intervene(session: Session, { engine }: App, wanted: Extract<Wanted, { reason: string }>): Promise<ExitCode> {
  const { word, run, reason } = wanted;
  const action = { run, actor: localUser(), reason };
  const { accepted, says } = await (word === 'cancel' ? engine.cancel(action) : engine.takeOver(action));
  const said = says.replaceAll('/storage ', 'storagebot ');
  if (!accepted) throw new Refusal('stale', said);
  session.terminal.note(word === 'takeover' ? `${said} storagebot approve ${run}\n` : `${said}\n`);
  // What is being made is ended and verified, or stopped at its target, before this ends.
  print(session, await engine.settled(run), '');
  return EXIT.well;
}
