import { diskMounts } from '../../src/commands/iscsi-node.ts';
import { liveSessions } from '../../src/commands/iscsi-sessions.ts';
import type { User } from '../../src/commands/workload-volumes.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Check, Plan, Step } from '../../src/core/plan.ts';
import { check, steps, stop } from '../../src/core/plan.ts';
import { logInStep, logOutStep, recordStepsBetween } from '../../src/repairs/iscsi.ts';
import type { Concern } from '../../src/repairs/iscsi-checks.ts';
import { isNotRenewed, isRenewed, nothingHolds } from '../../src/repairs/iscsi-checks.ts';
import { awayOf } from './away.ts';
import type { Code } from './codes.ts';
import { OBSTACLES } from './codes.ts';
import type { Facts } from './facts.ts';
import type { Situation } from './situation.ts';
import { claimsOf, isStopped, situationOf } from './situation.ts';
import { startWriter, stopWriter } from './writers.ts';

const PLANS: Readonly<Partial<Record<Code, (because: Finding, situation: Situation) => readonly Step[]>>> = {
  'writers-run': stopWriters,
  'writers-stopped': renew,
  'to-start': start,
};

/** One round stops the writers, the next renews the session, the last starts them again. */
export function plan({ findings, evidence }: Diagnosis<Code>, facts: Facts): Plan {
  const obstacle = findings.find(({ code }) => OBSTACLES.includes(code));
  if (obstacle !== undefined) return stop(`Nothing is done. ${obstacle.remedy}`);
  if (evidence.some(({ status }) => status === 'unknown')) return stop(BLIND);
  const [because] = findings;
  const situation = situationOf(facts);
  if (because === undefined) return stop('It is sound and hardened: nothing to do.');
  const planned = situation === undefined ? startAway(because, facts) : (PLANS[because.code]?.(because, situation) ?? []);
  return isSome(planned) ? steps(...planned) : stop(because.remedy);
}

const BLIND = 'Not everything that a restart depends on could be seen: no plan is made from what is not known.';

function concernOf(because: Finding, { node, target, volumes }: Situation): Concern {
  return { because, host: node.host, target, volumes: volumes.map(({ volume }) => volume) };
}

function stopWriters(because: Finding, situation: Situation): readonly Step[] {
  const { users, target, volumes } = situation;
  const backOnlyIf = [isNotRenewed(concernOf(because, situation))];
  // CronJobs first: one could start a pod while the last of the others goes.
  const running = users
    .filter(({ runs }) => runs > 0)
    .toSorted((a, b) => Number(b.kind === 'CronJob') - Number(a.kind === 'CronJob'));
  return running.map((user, index) => {
    const released = index === running.length - 1 ? volumes.map(({ volume }) => volume.name) : [];
    const warnings = warningsOf(user, target.iqn);
    return stopWriter({ because, user, iqn: target.iqn, warnings, claims: claimsOf(volumes), released, backOnlyIf });
  });
}

function warningsOf({ kind, runs }: User, iqn: string): readonly string[] {
  const ofSet = kind === 'StatefulSet' && runs > 1 ? [`All of its ${runs} pods stop, also those with other volumes.`] : [];
  return [
    `It is down from here until the session to ${iqn} is renewed; how it ran is noted at it.`,
    ...ofSet,
    'An apply of Terraform meanwhile would start it too early: wait with it until this has ended.',
  ];
}

/** The record is set between logout and login, so that taking everything back logs in with the old one. */
function renew(because: Finding, situation: Situation): readonly Step[] {
  const { session, record } = situation;
  const concern = concernOf(because, situation);
  const now = record?.record.known === true ? record.record.value.found : undefined;
  if (now === undefined) return [];
  const out = session === undefined ? [] : [logOutStep(concern, session.session)];
  return [...out, ...recordStepsBetween(concern, now), logInStep(concern)];
}

function start(because: Finding, situation: Situation): readonly Step[] {
  const { users, target, pods } = situation;
  const concern = concernOf(because, situation);
  // Between offer and approval a person may have begun to check the disk; the first that starts mounts it for the others.
  const isIdle = pods.length === 0 && users.every(({ runs }) => runs === 0);
  return users.filter(isStopped).map((user, index) => {
    const before = [isSound(situation), ...(isIdle && index === 0 ? [nothingHolds(concern)] : [])];
    const step = startWriter({ because, user, iqn: target.iqn, before, backOnlyIf: [isRenewed(concern)] });
    return { ...step, after: { ...writable(situation, step.after), withinMs: step.after.withinMs } };
  });
}

/** The driver has logged out: it logs in for the pods. */
function startAway(because: Finding, facts: Facts): readonly Step[] {
  const away = awayOf(facts);
  if (away === undefined || because.code !== 'to-start') return [];
  const { iqn, stopped } = away;
  const warnings = ['How its file system was left could not be looked at: its disk is attached to no node.'];
  return stopped.map((user) => ({ ...startWriter({ because, user, iqn, before: [], backOnlyIf: [] }), warnings }));
}

function isSound({ node, target }: Situation): Check {
  return check(`The session to ${target.iqn} on ${node.name} is logged in, and its disks run`, liveSessions(node.host), (all) =>
    all.some(
      ({ iqn, state, disks }) =>
        iqn === target.iqn && state === 'LOGGED_IN' && disks.length > 0 && disks.every((disk) => disk.state === 'running'),
    ),
  );
}

/** Its pods are ready, and nothing of the target is mounted read-only on the node. */
function writable({ node, target }: Situation, ready: Check): Check {
  const [live, mounts] = [liveSessions(node.host), diskMounts(node.host)];
  return {
    says: `${ready.says}; the disk of ${target.iqn} is mounted rw wherever ${node.name} mounts it`,
    line: ready.line,
    holds: async (read) => {
      const answer = await ready.holds(read);
      if (answer.answer !== 'yes') return answer;
      const [sessions, table] = [await read(live), await read(mounts)];
      if (!sessions.known) return { answer: 'unknown', seen: sessions };
      if (!table.known) return { answer: 'unknown', seen: table };
      const disks = sessions.value.filter(({ iqn }) => iqn === target.iqn).flatMap((each) => each.disks.map(({ name }) => name));
      return {
        answer: table.value.every(({ disk, isReadOnly }) => !disks.includes(disk) || !isReadOnly) ? 'yes' : 'no',
        seen: table,
      };
    },
  };
}
