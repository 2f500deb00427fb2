import { previewStep, stepsOf } from '../core/plan.ts';
import type { Engine } from '../core/ports.ts';
import type { Actor, RunView } from '../core/run.ts';
import type { Terminal } from './terminal.ts';

export interface Approving {
  readonly engine: Engine;
  readonly terminal: Terminal;
  readonly actor: Actor;
}

/** Asks for each step that is on offer, until the run has ended or waits for somebody else. */
export async function approveSteps(approving: Approving, run: string): Promise<RunView> {
  const { engine } = approving;
  for (;;) {
    const view = await engine.settled(run);
    const offer = view.status === 'waiting' ? offerIn(view) : undefined;
    if (offer === undefined) return view;
    if (!(await decide(approving, view, offer))) return (await engine.view(run)) ?? view;
  }
}

interface Offer {
  readonly round: number;
  readonly step: number;
  readonly digest: string;
  readonly preview: string;
}

function offerIn({ rounds }: RunView): Offer | undefined {
  const round = rounds.at(-1);
  const step = round?.steps.findIndex(({ status }) => status === 'waiting') ?? -1;
  const planned = round && stepsOf(round.plan)[step];
  const view = round?.steps[step];
  if (round === undefined || planned === undefined || view === undefined) return undefined;
  return { round: round.number, step, digest: view.digest, preview: previewStep(planned) };
}

/** False: the run waits for other people than the one here. */
async function decide(approving: Approving, { id: run }: RunView, offer: Offer): Promise<boolean> {
  const { engine, terminal, actor } = approving;
  const { round, step, digest, preview } = offer;
  terminal.note(`\nStep ${step + 1} of round ${round}, exactly as it would run:\n\n${preview}\n\n`);
  const answer = (await terminal.ask(`Type ${digest} to approve it, or press Enter to deny it: `)).trim();
  if (answer !== digest && answer !== '') terminal.note('That is not its digest, so it is denied.\n');
  const tell = async (verdict: 'approve' | 'deny') => {
    const { accepted, says } = await engine.decide({ run, round, step, digest, actor, verdict });
    terminal.note(`${says}\n`);
    return accepted;
  };
  // An offer that nobody here can approve is withdrawn, not left open for whoever comes by.
  if (!(await tell(answer === digest ? 'approve' : 'deny'))) return answer === digest && tell('deny');
  const now = await engine.view(run);
  return now?.rounds.find(({ number }) => number === round)?.steps[step]?.status !== 'waiting';
}
