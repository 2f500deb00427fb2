import { partsOfPortal } from '../../src/commands/iscsi-portals.ts';
import { portState } from '../../src/commands/nfs-client.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { check, steps, stop } from '../../src/core/plan.ts';
import { dropSessionStep, recordSteps, recoveryStep } from '../../src/repairs/iscsi.ts';
import type { SessionLook } from '../../src/topology/iscsi-sessions.ts';
import { recordIn, sessionsOf, subjectOf } from '../../src/topology/iscsi-sessions.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';

/** While one of these is so no session is touched. */
const OBSTACLES: readonly Code[] = ['portal-down', 'node-sessions-failed', 'stacked-devices', 'pool-full'];

const STEPS: Readonly<Partial<Record<Code, (because: Finding, about: SessionLook) => readonly Step[]>>> = {
  'leaked-session': drop,
  'session-without-disk': drop,
  'record-defaults': (because, about) => {
    const record = recordIn(about)?.record;
    const found = record?.known === true ? record.value.found : undefined;
    return found === undefined ? [] : recordSteps(concern(because, about), found);
  },
  'live-defaults': (because, about) => (about.live === undefined ? [] : [recoveryStep(concern(because, about), about.live)]),
};

export function plan({ findings, evidence }: Diagnosis<Code>, { look }: Facts): Plan {
  const obstacle = findings.find(({ code }) => OBSTACLES.includes(code));
  if (obstacle !== undefined) return stop(`First: ${obstacle.remedy}`);
  // Two sessions of a node to one target have one subject, and each its own steps.
  const wanted = findings.filter(
    ({ code, subject }, index) =>
      STEPS[code] !== undefined && findings.findIndex((each) => each.code === code && each.subject === subject) === index,
  );
  const isBlind = evidence.some(({ status }) => status === 'unknown');
  if (wanted.length === 0) return stop(findings.length > 0 ? FOR_PEOPLE : isBlind ? BLIND : 'Nothing to do.');
  if (isBlind) return stop(BLIND);
  const sessions = sessionsOf(look);
  const few = wanted.filter((each, index) => !isDrop(each) || wanted.slice(0, index).filter(isDrop).length < MOST_DROPS);
  const planned = few.flatMap((because) => {
    const about = sessions.filter((each) => subjectOf(each) === because.subject);
    return about.flatMap((each) => STEPS[because.code]?.(because, each) ?? []);
  });
  return isSome(planned) ? steps(...planned) : stop(FOR_PEOPLE);
}

/** Logouts of one round: a node can have leaked hundreds of sessions. The next look finds the rest. */
const MOST_DROPS = 10;

function isDrop({ code }: Finding<Code>): boolean {
  return STEPS[code] === drop;
}

const BLIND = 'Not everything that a session depends on could be seen: no plan is made from what is not known.';
const FOR_PEOPLE = 'No command of this runbook repairs this: each finding says what to do, and what not.';

function concern(because: Finding, { node, session: { iqn, portal }, volumes }: SessionLook) {
  return { because, host: node.host, target: { iqn, portal }, volumes: volumes.map(({ volume }) => volume) };
}

/** The server must answer at the moment of the logout: while it is away every session looks leaked. */
function drop(because: Finding, about: SessionLook): readonly Step[] {
  const { node, session } = about;
  const { address, port } = partsOfPortal(session.portal);
  const answers = check(
    `${session.portal} answers ${node.name}`,
    portState(node.host, address, port),
    (state) => state === 'open',
  );
  return [dropSessionStep(concern(because, about), session, [answers])];
}
