import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { show } from '../../src/core/command.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { RunView } from '../../src/core/run.ts';
import type { Case, Command, Move } from './commands.ts';
import { actors, EXPIRES_AFTER_MS } from './people.ts';
import type { Press, Shown } from './presses.ts';
import type { Stage, StageParts } from './stage.ts';
import { createStage } from './stage.ts';

/** Plays a case on a stage of its own. */
export async function play(parts: Omit<StageParts, 'selfApproval'>, { runs, selfApproval, moves }: Case): Promise<Stage> {
  const stage = createStage({ ...parts, selfApproval });
  for (const words of runs) {
    const spoken = words.map(({ switch: name, risk }) => `${stage.switches[name]}:${risk}`);
    await stage.life().start({ runbook: 'switches', arguments: spoken, requester: actors.operator, origin: { kind: 'cli' } });
  }
  await stage.letThrough('all', 'well');
  for (const move of moves) await make(stage, move);
  return stage;
}

async function make(stage: Stage, { command, lets, fate }: Move): Promise<void> {
  await carry(stage, command);
  await stage.after();
  await stage.letThrough(lets, fate);
}

async function carry(stage: Stage, command: Command): Promise<void> {
  const { world, groups, tally } = stage;
  switch (command.do) {
    case 'pass':
      return pass(
        stage,
        command.time === 'to-expiry' || command.time === 'before-expiry' ? untilExpiry(stage, command.time) : command.time,
      );
    case 'redeliver':
      return redeliver(stage, command);
    case 'drift':
      world.states.set(stage.switches[command.switch] ?? '', command.to);
      return;
    case 'unreachable':
      world.reachable = !command.is;
      return;
    case 'membership':
      groups.set(command.group, actors.leaver.id, command.joins);
      return;
    case 'freezeByHand':
      writeFileSync(join(stage.bench.directory, 'FROZEN'), '');
      return;
    case 'withdraw':
      return withdraw(stage, runOf(stage, command.run));
    case 'kill':
      return stage.restart(command.build);
    case 'killAtWrite':
      stage.life().fuse = { ...command };
      return;
    default:
      for (const press of await pressesOf(stage, command)) send(stage, press);
      if ('times' in command && command.times === 2) tally.count('double click');
  }
}

function pass(stage: Stage, ms: number): void {
  stage.time.pass(ms);
  stage.life().tick();
}

/** To the end of the offer that ends first, or to just before it. */
function untilExpiry({ oracle, time }: Stage, wanted: 'to-expiry' | 'before-expiry'): number {
  const ahead = [...oracle.offered.values()].filter((at) => at > time.now()).map((at) => at - time.now());
  return Math.max(0, Math.min(EXPIRES_AFTER_MS, ...ahead) - (wanted === 'to-expiry' ? 0 : 1));
}

async function withdraw({ life, oracle, tally }: Stage, run: string): Promise<void> {
  const withdrawn = await life()
    .interventions.withdraw(run, 'The alert has resolved.')
    .catch((error: unknown) => {
      if (life().dead) return false;
      throw error;
    });
  if (!withdrawn) return;
  oracle.ended.set(run, 'withdrawn');
  tally.count('withdrawn');
}

function runOf({ runs }: Stage, number: number): string {
  return runs[number % runs.length] ?? '';
}

function send(stage: Stage, press: Press): void {
  const delivery = { envelope: `e${stage.deliveries.length}`, press };
  stage.deliveries.push(delivery);
  stage.deliver(delivery);
}

/** Slack delivers an envelope of before once more; sometimes under a new name. */
function redeliver(stage: Stage, { envelope, afterMin, asNew }: Extract<Command, { do: 'redeliver' }>): void {
  const { deliveries, tally } = stage;
  const earlier = deliveries[deliveries.length - 1 - (envelope % Math.max(1, deliveries.length))];
  pass(stage, afterMin * 60_000);
  if (earlier === undefined) return;
  tally.count(`redelivered ${afterMin} min later`);
  stage.deliver({ ...earlier, ...(asNew ? { envelope: `again ${stage.time.next()}` } : {}) });
}

type Pressing = Extract<Command, { do: 'click' | 'cancel' | 'takeOver' | 'freeze' | 'unfreeze' | 'follow' }>;

async function pressesOf(stage: Stage, command: Pressing): Promise<readonly Press[]> {
  const who = { who: command.who, actor: actors[command.who], trigger: `t${stage.time.next()}` };
  switch (command.do) {
    case 'freeze':
    case 'unfreeze':
      return [{ ...who, does: command.do, reason: 'the array is being rebuilt' }];
    case 'cancel':
    case 'takeOver':
      return [{ ...who, does: command.do, run: runOf(stage, command.run), reason: command.reason ? 'not needed any more' : ' ' }];
    case 'follow':
      return [{ ...who, does: 'follow', run: runOf(stage, command.run), how: command.how }];
    case 'click': {
      const press = await clickOf(stage, command);
      return Array.from({ length: command.times }, (_, index) => ({ ...who, ...press, trigger: `${who.trigger}.${index}` }));
    }
  }
}

/** A click on what the run shows at this moment. */
async function clickOf(stage: Stage, { run: number, verdict, digest, typed }: Extract<Command, { do: 'click' }>) {
  const run = runOf(stage, number);
  const view = await stage.life().view(run);
  const shown = view === undefined ? NOTHING : shownOf(view);
  const other = view?.rounds.flatMap(({ steps }) => steps).find((step) => step.digest !== shown.digest)?.digest;
  const digests = { shown: shown.digest, garbage: 'feedfacecafe', 'of-another-step': other ?? 'feedfacecafe' };
  const isDestructive = view?.rounds.some(({ plan }) => stepsOf(plan)[shown.step]?.change.risk === 'destructive') ?? false;
  const word = typed === 'right' ? `/srv/${shown.line?.split(' ').at(-1)}` : '/srv/other';
  return {
    does: 'decide',
    run,
    shown,
    digest: digests[digest],
    verdict,
    ...(isDestructive && verdict === 'approve' ? { typed: word } : {}),
    ...(verdict === 'deny' && typed === 'right' ? { reason: 'not at this hour' } : {}),
  } as const;
}

const NOTHING: Shown = { round: 1, step: 0, digest: 'nothing', line: undefined };

/** The step on offer; where there is none, the last one that was. */
function shownOf(view: RunView): Shown {
  const round = view.rounds.findLast(({ steps }) => steps.length > 0);
  if (round === undefined) return NOTHING;
  const waiting = round.steps.findIndex(({ status }) => status === 'waiting');
  const index = waiting === -1 ? round.steps.length - 1 : waiting;
  const step = stepsOf(round.plan)[index];
  const line = step === undefined ? undefined : show(step.change.command);
  return { round: round.number, step: index, digest: round.steps[index]?.digest ?? '', line };
}
