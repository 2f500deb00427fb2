import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunView } from '../../src/core/run.ts';
import { operator } from '../../src/engine/fixtures/harness.ts';
import { createLongWorkWorld, longWork } from '../../src/engine/fixtures/long-work.ts';
import { start } from '../../src/engine/fixtures/running.ts';
import { createWorld } from '../../src/engine/fixtures/switches.ts';
import { leftOut, sampled } from '../depth.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { targetsOf } from '../lab/site/connect.ts';
import type { LabSite } from '../lab/site/index.ts';
import { startLab } from '../lab/site/index.ts';
import { boxAfter, bytesOf, lineInTerminal, lineOnCard, onTheWire } from './cards.ts';
import type { Offer, Stage } from './drift-stage.ts';
import { offerIn, openStage, stateAfter } from './drift-stage.ts';
import { planning } from './repair-cases.ts';
import { scaleDown } from './world-state.ts';

const TIMEOUT_MS = 120_000;

/** Approves one step after another; what each card and the terminal show is, byte for byte, what the world then executes. */
async function expectShownIsExecuted({ world, approve }: Stage, first: Offer | undefined): Promise<RunView | undefined> {
  let view: RunView | undefined;
  for (let offer = first; offer !== undefined; offer = offerIn(view)) {
    const before = world.executed.length;
    const [card, terminal] = [lineOnCard(offer.view), lineInTerminal(offer.view)];
    view = await approve(offer);
    expect(stateAfter(offer, view)).toMatchObject({ status: 'done' });
    const executed = world.executed.slice(before).map(bytesOf);
    expect([[bytesOf(card)], [bytesOf(terminal)]]).toEqual([executed, executed]);
  }
  return view;
}

const compared = sampled(planning, 2);

describe('the line on the card and in the terminal is, byte for byte, what the host executes', { timeout: TIMEOUT_MS }, () => {
  it.each(compared)('$title, and its undo', async (one) => {
    await using stage = await openStage(one);
    const run = await expectShownIsExecuted(stage, await stage.ask());
    expect(run?.status).toBe('finished');
    scaleDown(stage.world, ['immich']);
    const before = stage.world.executed.length;
    const undone = await expectShownIsExecuted(stage, run && (await stage.undo(run)));
    const steps = undone?.rounds.flatMap((round) => round.steps) ?? [];
    expect(stage.world.executed).toHaveLength(before + steps.length);
  });
});

leftOut('the lines of the other repairs', `${planning.length - compared.length} of ${planning.length} were not compared`);

/** One case for each kind of target that a change can have. */
const OVER_THE_WIRE = [
  ['the NAS', 'add export: new-service-on-debian'],
  ['a node', 'diagnose nfs: stuck-terminating'],
  ['the hypervisor and the API server', 'diagnose nfs: client-wedged'],
] as const;

/** What a server has got that changes something, in the order in which the lines were shown. */
function arrived({ world, kubernetes }: LabSite, shown: readonly string[]): readonly unknown[] {
  const changes = kubernetes.requests.filter(({ method }) => method !== 'GET');
  const lines = new Set(shown.flatMap((line) => (lineOf(line) === undefined ? [] : [lineOf(line)])));
  const received = world.received.filter((line) => lines.has(line));
  return shown.map((line) => {
    if (lineOf(line) !== undefined) return received.shift();
    const request = changes.shift();
    return request && { method: request.method, path: request.path, body: request.body };
  });
}

function lineOf(shown: string): string | undefined {
  const wire = onTheWire(shown);
  return 'received' in wire ? wire.received : undefined;
}

describe.concurrent('over real protocols the shell of the host and the API server get what was shown', {
  timeout: TIMEOUT_MS,
}, () => {
  it.each(OVER_THE_WIRE)('%s: %s', async (_target, title) => {
    const one = planning.find((each) => each.title === title);
    if (one === undefined) throw new Error(`There is no case ${title}`);
    const { scenario, nas } = one.each;
    const lab = await startLab({ scenario: scenarioNamed(scenario), hangScale: 0.01, speed: 100, ...(nas && { flavour: nas }) });
    const targets = await targetsOf(lab);
    const { world, kubernetes } = lab;
    try {
      await using stage = await openStage(one, { reached: { world, targets, patienceMs: 20_000 } });
      const shown: string[] = [];
      let view: RunView | undefined;
      for (let offer = await stage.ask(); offer !== undefined; offer = offerIn(view)) {
        shown.push(lineOnCard(offer.view));
        expect(lineInTerminal(offer.view)).toBe(shown.at(-1));
        view = await stage.approve(offer);
        expect(stateAfter(offer, view)).toMatchObject({ status: 'done' });
      }
      expect(shown.length).toBeGreaterThan(0);
      expect(arrived(lab, shown)).toEqual(shown.map((line) => lineOf(line) ?? onTheWire(line)));
      const changes = kubernetes.requests.filter(({ method }) => method !== 'GET').length + world.executed.length;
      expect(changes).toBe(shown.length);
    } finally {
      await targets.close();
      await lab.stop();
    }
  });
});

it('work that goes on without the bot is begun, and stopped, by the very lines on its card', async () => {
  const world = createLongWorkWorld({ media: 'stale' });
  const { engine, approve } = await start(world, { runbooks: [longWork()] });
  const origin = { kind: 'cli' } as const;
  const run = await engine.start({ runbook: 'long-work', arguments: ['media'], requester: operator, origin });
  const offered = await engine.settled(run);
  const approved = approve(offered);
  while (world.sent.length === 0) await sleep(5);
  world.tell('40 %');
  expect(await engine.cancel({ run, actor: operator, reason: 'It is not wanted any more.' })).toMatchObject({ accepted: true });
  await approved;
  const shown = [lineOnCard(offered), boxAfter(offered, 'Cancel runs:') ?? ''];
  expect(world.sent.map((line) => bytesOf(`box$ ${line}`))).toEqual(shown.map(bytesOf));
});

it('a line that no message has room for is whole in the file of its step, and in the terminal', async () => {
  const name = 'a'.repeat(14_000);
  const world = createWorld({ [name]: 'off' });
  const { ask, approve } = await start(world);
  const offered = await ask(name);
  expect(boxAfter(offered, 'Runs exactly this:')).toBeUndefined();
  const shown = [lineOnCard(offered), lineInTerminal(offered)];
  await approve(offered);
  const sent = bytesOf(`box$ ${world.sent.join()}`);
  expect(shown.map(bytesOf)).toEqual([sent, sent]);
});
