import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { steps, stop } from '../../src/core/plan.ts';
import type { Situation } from './checks.ts';
import type { Code } from './codes.ts';
import { PROGRESS } from './codes.ts';
import { conditionOf } from './condition.ts';
import { stageNow } from './diagnose.ts';
import type { Facts } from './facts.ts';
import { startSteps, stopSteps, workStep } from './steps.ts';
import { isStoppedForThis, usingOf } from './users.ts';

/** Stop, then the files, then start: what one round did is looked at before the next is planned. */
export function plan({ findings, evidence }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const obstacle = findings.find(({ code }) => !PROGRESS.includes(code));
  if (obstacle !== undefined) return stop(obstacle.remedy);
  if (evidence.some(({ status }) => status === 'unknown')) return stop(BLIND);
  if (facts.asked.choice === undefined) return stop(CHOOSE);
  const [because] = findings;
  if (because === undefined) return stop(DONE);
  const situation = situationOf(facts, because, workName);
  const planned = situation === undefined ? [] : stepsFor(situation);
  return isSome(planned) ? steps(...planned) : stop(BLIND);
}

const BLIND = 'Not everything that a restore depends on could be seen: no plan is made from what is not known.';
const CHOOSE = 'Choose a backup and name it: … from 2026_04_03_06_00.';
const DONE = 'The database is what was asked for: nothing to do. What was put aside is kept until a person removes it.';

function situationOf(facts: Facts, because: Finding, workName: string): Situation | undefined {
  const { look, asked, site, backups } = facts;
  const { choice } = asked;
  const { backing } = look;
  if (choice === undefined || backing?.found !== true || site.toolsImage === undefined) return undefined;
  const claim = backing.volume.name;
  const using = usingOf(facts, claim);
  if (using === undefined) return undefined;
  const stage = stageNow(facts, { claim, choice, condition: conditionOf(look), using });
  if (stage === undefined) return undefined;
  const situation = { facts, backing, choice, stage, using, image: site.toolsImage, because, workName };
  if (choice.from === 'reindex') return situation;
  const [candidate] = backups?.candidates ?? [];
  if (backups === undefined || candidate?.content.known !== true) return undefined;
  return { ...situation, backup: { candidate, claim: backups.place.claim, rows: candidate.content.value.rows } };
}

function stepsFor(situation: Situation): readonly Step[] {
  const { stage, using, facts } = situation;
  if (stage.is === 'done')
    return startSteps(
      situation,
      using.users.filter((user) => isStoppedForThis(facts, user)),
    );
  const running = using.users.filter(({ runs }) => runs > 0);
  return running.length > 0 ? stopSteps(situation, running) : [workStep(situation)];
}
