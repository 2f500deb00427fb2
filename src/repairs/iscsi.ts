import type { Setting, Settings } from '../commands/iscsi-records.ts';
import {
  HARDENED,
  HARDENED_RECOVERY_S,
  logIn,
  logOut,
  recordOf,
  SETTINGS,
  setRecoveryTimeout,
  updateRecord,
} from '../commands/iscsi-records.ts';
import type { LiveSession, Session } from '../commands/iscsi-sessions.ts';
import { liveSessions } from '../commands/iscsi-sessions.ts';
import type { Hold } from '../core/hold.ts';
import { changes, uses } from '../core/hold.ts';
import type { Check, Step } from '../core/plan.ts';
import { check, noUndo } from '../core/plan.ts';
import type { Concern } from './iscsi-checks.ts';
import { isGone, isIn, isInHardened, isListed, isRenewed, nothingUses, stands } from './iscsi-checks.ts';

function holdsOf({ host, target, volumes }: Concern): readonly [Hold, ...Hold[]] {
  return [changes('target', target.iqn), uses('node', host.name), ...volumes.map(({ name }) => uses('pv', name))];
}

/** One step for each setting of the record that is not hardened; the session that stands keeps what it has. */
export function recordSteps(concern: Concern, now: Settings): readonly Step[] {
  return SETTINGS.filter((name) => now[name] !== HARDENED[name]).map((name) =>
    recordStep(concern, { name, from: now[name], to: HARDENED[name] }),
  );
}

/** The same between a logout and a login, which are taken back around them. */
export function recordStepsBetween(concern: Concern, now: Settings): readonly Step[] {
  const gone = isGone(concern);
  return recordSteps(concern, now).map((step) =>
    'none' in step.undo ? step : { ...step, undo: { ...step.undo, before: [...step.undo.before, gone] } },
  );
}

interface Update {
  readonly name: Setting;
  readonly from: string;
  readonly to: string;
}

function recordStep(concern: Concern, { name, from, to }: Update): Step {
  const { because, host, target } = concern;
  const is = (value: string) =>
    check(`The record of ${target.iqn} has ${name} = ${value}`, recordOf(host, target), ({ found }) => found?.[name] === value);
  return {
    title: `Set ${name} to ${to} in the record of ${target.iqn} on ${host.name}`,
    because,
    before: [is(from)],
    change: updateRecord(host, target, { name, value: to }),
    after: { ...is(to), withinMs: 10_000 },
    undo: {
      change: updateRecord(host, target, { name, value: from }),
      before: [is(to)],
      after: { ...is(from), withinMs: 10_000 },
    },
    holds: holdsOf(concern),
  };
}

/** The live session's patience, which takes effect at once and logs nothing out. */
export function recoveryStep(concern: Concern, live: LiveSession): Step {
  const { because, host, target } = concern;
  const { sid, recoveryTimeoutS: before } = live;
  const is = (seconds: LiveSession['recoveryTimeoutS']) =>
    check(`Session ${sid} is to ${target.iqn}, logged in, and its recovery_tmo is ${seconds}`, liveSessions(host), (all) =>
      all.some(
        (each) => each.sid === sid && each.iqn === target.iqn && each.state === 'LOGGED_IN' && each.recoveryTimeoutS === seconds,
      ),
    );
  return {
    title: `Let the live session to ${target.iqn} on ${host.name} wait ${HARDENED_RECOVERY_S} s for the server`,
    because,
    before: [is(before)],
    change: setRecoveryTimeout(host, live, HARDENED_RECOVERY_S),
    after: { ...is(HARDENED_RECOVERY_S), withinMs: 10_000 },
    undo: {
      change: setRecoveryTimeout(host, live, before),
      before: [is(HARDENED_RECOVERY_S)],
      after: { ...is(before), withinMs: 10_000 },
    },
    holds: holdsOf(concern),
    warnings: ['Pings and digests of the live session stay as they are until its next login.'],
  };
}

/** Of a session that somebody will need again: it is taken back by a login. */
export function logOutStep(concern: Concern, session: Session): Step {
  const { because, host, target } = concern;
  return {
    title: `Log ${host.name} out of ${target.iqn}`,
    because,
    before: [stands(concern, session), ...nothingUses(concern)],
    change: logOut(host, target),
    after: isGone(concern),
    undo: { change: logIn(host, target), before: [isGone(concern), isListed(concern)], after: isIn(concern) },
    holds: holdsOf(concern),
    warnings: ['Its disk is gone for the node from here until the login.'],
  };
}

/** Of a session that nothing needs. */
export function dropSessionStep(concern: Concern, session: Session, before: readonly Check[]): Step {
  const { because, host, target } = concern;
  return {
    title: `Log ${host.name} out of ${target.iqn}, which nothing needs`,
    because,
    before: [stands(concern, session), ...nothingUses(concern), ...before],
    change: logOut(host, target),
    after: isGone(concern),
    undo: noUndo('Nothing needed the session. The driver logs in again where a pod wants the volume.'),
    holds: holdsOf(concern),
  };
}

/** Only to a target that the server lists: a login to another one hangs. */
export function logInStep(concern: Concern): Step {
  const { because, host, target } = concern;
  const hardened = check(
    `The record of ${target.iqn} has the hardened settings`,
    recordOf(host, target),
    ({ found }) => found !== undefined && SETTINGS.every((name) => found[name] === HARDENED[name]),
  );
  return {
    title: `Log ${host.name} in to ${target.iqn}`,
    because,
    before: [isListed(concern), isGone(concern), hardened],
    change: logIn(host, target),
    after: isInHardened(concern),
    undo: {
      change: logOut(host, target),
      before: [isRenewed(concern), ...nothingUses(concern)],
      after: isGone(concern),
      warnings: ['Its disk is gone for the node from here on.'],
    },
    holds: holdsOf(concern),
  };
}
