import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/core/plan.ts';
import { isFull, leftOut, sampled } from '../depth.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { inRunOf, isOfOneRun, refusing, TIMED_OUT } from './drift-answers.ts';
import type { Offer, Stage } from './drift-stage.ts';
import { objecting, offerNumber, openStage, stateAfter } from './drift-stage.ts';
import type { RepairCase } from './repair-cases.ts';
import { covering } from './repair-cases.ts';

const TIMEOUT_MS = isFull ? 3_600_000 : 300_000;
const MOST_STEPS = 12;

/** What else may happen to a site between a look and an approval. */
const MISFORTUNES = [
  'nas-vm-down',
  'blind-nas-ssh',
  'nfsd-stopped',
  'export-missing',
  'blind-kubernetes',
  'client-wedged',
  'dataset-not-mounted',
  'stale-handle',
  'pool-full',
  'blind-node-ssh',
];

/**
 * Nothing in these tells that the step was made already, and making it again changes nothing: the exports are read in once more, and a
 * plan of Terraform is made anew, and shown anew before it can be applied.
 */
const HARMLESS_BY_HAND: readonly string[] = [
  'diagnose nfs: fsid-zero, step 2',
  'terraform apply: all-well, step 1',
  'restore postgres rebuild: postgres-rebuild-lost, step 2',
];

const changed = sampled(covering, 2);
const befallen = sampled(covering, 1);

/** Each of these waits until the bot looks again. */
const waiting = sampled(covering, 1);

const counted = { stopped: 0, harmless: 0 };

interface Place {
  readonly one: RepairCase;
  readonly number: number;
  readonly recheckMs?: number;
}

/** A run of its own, in a world of its own, that offers its step of this number; false where it has fewer. */
async function atStep({ one, number, recheckMs }: Place, work: (stage: Stage, offer: Offer) => Promise<void>): Promise<boolean> {
  await using stage = await openStage(one, recheckMs === undefined ? {} : { recheckMs });
  const offer = await offerNumber(stage, number);
  if (offer !== undefined) await work(stage, offer);
  return offer !== undefined;
}

/** Does this at every step of the repair, in the world as the steps before have left it. */
async function atEachStep(place: Omit<Place, 'number'>, work: (stage: Stage, offer: Offer, number: number) => Promise<void>) {
  let number = 0;
  while (number < MOST_STEPS && (await atStep({ ...place, number }, (stage, offer) => work(stage, offer, number)))) number += 1;
  expect(number).toBeGreaterThan(0);
}

/** Approves the offer in what the world has become: refused, in the words of a condition that does not hold, and nothing is sent. */
async function expectRefused({ world, read, approve }: Stage, offer: Offer): Promise<void> {
  const before = [...world.executed];
  const objections = await objecting(offer.step, read);
  const after = await approve(offer);
  const { status, detail = '' } = stateAfter(offer, after) ?? {};
  const isSaid = objections.some(({ says }) => detail.includes(says));
  expect({ line: offer.line, status, isSaid, detail }).toEqual({ line: offer.line, status: 'refused', isSaid: true, detail });
  expect(detail).toMatch(/^Not done, because (it no longer holds that|the bot could not look whether) /);
  expect(after.status).toBe('finished');
  expect(world.executed).toEqual(before);
  counted.stopped += 1;
}

/** What would befall a pod befalls nobody while that is scaled down; the rest of it happens. */
function befallWhatCan(name: string, { world }: Stage): void {
  try {
    scenarioNamed(name).prepare(world);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('The lab has no pod of '))) throw error;
  }
}

/** A drift that no condition is about does no harm either: the very line that was shown is executed, once. */
async function expectMadeOnce({ world, approve }: Stage, offer: Offer): Promise<void> {
  const before = world.executed.length;
  await approve(offer);
  expect(world.executed.slice(before)).toEqual([offer.line]);
  counted.harmless += 1;
}

/** The same line that waits for the same condition: once one of several users runs, the others wait for less. */
function isSameOffer(first: Offer, again: Offer, { says }: Check): boolean {
  return (
    inRunOf(first.line, again.line) === first.line && again.step.before.some((each) => inRunOf(first.line, each.says) === says)
  );
}

async function answersReplaced(place: Place, made: Stage): Promise<void> {
  await atStep(place, async (stage, first) => {
    let again: Offer | undefined = first;
    for (const check of first.step.before) {
      const no = await refusing({ check, step: first.line }, stage.targets.read, [made.targets.read]);
      if (no === undefined) throw new Error(`There is no answer of ${check.line} for which it is not so that ${check.says}`);
      for (const outcome of [no.outcome, TIMED_OUT]) {
        const withThis = async (on: Stage, offer: Offer) => {
          const here = inRunOf(offer.line, { line: no.line, outcome });
          on.replaced.set(here.line, here.outcome);
          await expectRefused(on, offer);
          on.replaced.clear();
        };
        // Where the look after a step does not lead to the same step again, a world of its own is brought there.
        const isSame = again !== undefined && isOfOneRun(again.line) && isSameOffer(first, again, check);
        if (again !== undefined && isSame) await withThis(stage, again);
        else await atStep(place, withThis);
        if (again !== undefined) again = await stage.ask();
      }
    }
  });
}

describe.concurrent('what changes between two steps', { timeout: TIMEOUT_MS }, () => {
  it.each(changed)(
    'stops each step of $title: made by hand, a condition that is answered otherwise, one that cannot be seen',
    async (one) => {
      await atEachStep({ one }, async (stage, offer, number) => {
        await stage.targets.change(offer.step.change.command);
        const isSeen = (await objecting(offer.step, stage.read)).length > 0;
        const name = `${one.title}, step ${number + 1}`;
        expect({ name, isSeen }).toEqual({ name, isSeen: !HARMLESS_BY_HAND.includes(name) });
        await (isSeen ? expectRefused : expectMadeOnce)(stage, offer);
        await answersReplaced({ one, number }, stage);
      });
    },
  );

  it.each(befallen)('stops each step of $title where something befalls the site that a condition is about', async (one) => {
    expect.hasAssertions();
    const start = covering.indexOf(one);
    await atEachStep({ one }, async (ready, first, number) => {
      const chosen = isFull ? MISFORTUNES : [MISFORTUNES[(start + number) % MISFORTUNES.length] ?? ''];
      const befall = (name: string) => async (stage: Stage, offer: Offer) => {
        befallWhatCan(name, stage);
        const isSeen = (await objecting(offer.step, stage.read)).length > 0;
        await (isSeen ? expectRefused : expectMadeOnce)(stage, offer);
      };
      const [soonest, ...more] = chosen;
      for (const name of more) await atStep({ one, number }, befall(name));
      if (soonest !== undefined) await befall(soonest)(ready, first);
    });
  });

  it.each(waiting)('withdraws the offer of each step of $title while nobody has decided', async (one) => {
    await atEachStep({ one, recheckMs: 40 }, async (stage, offer, number) => {
      const { before } = offer.step;
      const check = before[number % before.length] ?? before[0];
      const executed = stage.world.executed.length;
      const no = await refusing({ check, step: offer.line }, stage.targets.read, []);
      if (no === undefined) await stage.targets.change(offer.step.change.command);
      else stage.replaced.set(no.line, no.outcome);
      const objections = await objecting(offer.step, stage.read);
      const state = stateAfter(offer, await stage.endOf(offer));
      expect(state).toMatchObject({
        status: 'withdrawn',
        detail: expect.stringMatching(/^Withdrawn, because it no longer holds/),
      });
      expect(objections.some(({ says }) => state?.detail?.includes(says))).toBe(true);
      expect(await stage.approve(offer)).toMatchObject({ status: 'finished' });
      expect(stage.world.executed.slice(executed)).toEqual(no === undefined ? [offer.line] : []);
    });
  });
});

it('is stopped several times in each repair', () => {
  if (process.env['SHOW_FIGURES'] !== undefined) console.log(counted);
  expect(counted.stopped).toBeGreaterThan(changed.length * 4);
});

leftOut(
  'every drift at every step',
  `of ${covering.length} kinds of repairs ${changed.length} were changed by hand, ${befallen.length} met one of ${MISFORTUNES.length} misfortunes at a step, and ${waiting.length} waited on offer`,
);
