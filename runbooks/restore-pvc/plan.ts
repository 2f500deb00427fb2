import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import { usingOf } from '../../src/topology/claim-using.ts';
import type { Code } from './codes.ts';
import { PROGRESS } from './codes.ts';
import type { Facts } from './facts.ts';
import { fillStep } from './fill-step.ts';
import { identify } from './identity.ts';
import type { Situation } from './situation.ts';
import { chosenSnapshot, filesTag, newName, snapshotTag, stageOf } from './state.ts';
import { startSteps, stopSteps } from './user-steps.ts';
import { copyStep, placeStep, putAsideStep } from './volume-steps.ts';

/** Stop, then the volume, then start: what one round did is looked at before the next is planned. */
export function plan({ findings, evidence }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => !PROGRESS.includes(code));
  if (obstacle !== undefined) return stop(obstacle.remedy);
  if (evidence.some(({ status }) => status === 'unknown')) return stop(BLIND);
  const { choice } = facts.asked;
  if (choice === undefined) return stop(CHOOSE);
  const [because] = findings;
  if (because === undefined) return stop(DONE);
  const identity = identify(facts);
  const using = usingOf(facts.cluster, facts.asked);
  const logical = facts.volume?.logical;
  if (!('place' in identity) || using === undefined || logical?.known !== true) return stop(BLIND);
  const { place } = identity;
  const stage = stageOf(place, choice, logical.value);
  const planned = stepsFor({ facts, place, choice, stage, logical: logical.value, using, because, workName });
  return isSome(planned) ? steps(...planned) : stop(BLIND);
}

const BLIND = 'Not everything that a restore depends on could be seen: no plan is made from what is not known.';
const CHOOSE = 'Choose one of these and name it: … snapshot 20260403_0300, or … files 2026-14.';
const DONE = 'The volume is what was asked for: nothing to do. What was put aside is kept until a person removes it.';

function stepsFor(situation: Situation): readonly Step[] {
  const { stage, using } = situation;
  if (stage.is === 'restored')
    return startSteps(
      situation,
      using.users.filter(({ ranBefore }) => ranBefore !== undefined),
    );
  const running = using.users.filter(({ runs }) => runs > 0);
  return running.length > 0 ? stopSteps(situation, running) : volumeSteps(situation);
}

function volumeSteps(situation: Situation): readonly Step[] {
  const { place, choice, logical } = situation;
  if (choice.from === 'files') return fileSteps(situation, choice.week);
  const volume = chosenSnapshot(place, logical, choice);
  if (volume === undefined) return [];
  const tag = snapshotTag(volume);
  return [...asideSteps(situation, tag), copyStep(situation, { volume, tag }, place.disk)];
}

/** The files come into a copy of another name: whatever starts a pod meanwhile gets the volume as it was, or none. */
function fileSteps(situation: Situation, week: string): readonly Step[] {
  const { stage, place, workName } = situation;
  const from = 'kept' in stage ? stage.kept : 'current' in stage ? stage.current : undefined;
  if (from === undefined) return [];
  const made = 'made' in stage ? stage.made : undefined;
  const name = made?.name ?? newName(place.disk, workName);
  const tag = filesTag(week);
  const fill = made?.tags.includes(tag) === true ? [] : fillStep(situation, name, week);
  if (fill === undefined) return [];
  return [
    ...(made === undefined ? [copyStep(situation, { volume: from }, name)] : []),
    ...fill,
    ...asideSteps(situation, tag),
    placeStep(situation, name, tag),
  ];
}

function asideSteps(situation: Situation, tag: string): readonly Step[] {
  const { stage } = situation;
  return 'current' in stage ? [putAsideStep(situation, stage.current, tag)] : [];
}
