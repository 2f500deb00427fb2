import type { ApiAlert, Silence, Silences } from '../../src/commands/alertmanager.ts';
import { addSilences, expireSilences, firingAt, silences } from '../../src/commands/alertmanager.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { isSome } from '../../src/core/finding.ts';
import type { Check, Plan } from '../../src/core/plan.ts';
import { check, steps, stop, verify } from '../../src/core/plan.ts';
import type { Mutings } from '../../src/repairs/silences.ts';
import { authorOf, changesAlerts, eachOf, isSilenceOf, mutedBy, mutedNames } from '../../src/repairs/silences.ts';
import { UNTIL_RESOLVED } from '../../src/topology/own-silences.ts';
import type { Code } from './codes.ts';
import { unsilenced } from './diagnose.ts';
import type { Facts, Params } from './facts.ts';
import { lasting } from './words.ts';

export function plan({ findings: [because] }: Diagnosis<Code>, { asked, alerts, silences: list }: Facts, workName: string): Plan {
  if (because !== undefined && because.code !== 'heard') return stop(because.remedy);
  if (!alerts.known || !list.known) return stop(BLIND);
  const each = unsilenced(asked, alerts.value, list.value);
  if (because === undefined || !isSome(each)) return stop('It is silenced already: nothing to do.');
  const { durationMs } = asked;
  const author = authorOf(asked.asker, workName);
  const matchers = eachOf(each);
  const shown = mutedBy(each, alerts.value);
  return steps({
    title: `Silence ${mutedNames(each)} ${lasting(asked)}`,
    because,
    before: [...nothingElse(each, shown), check('This run has not silenced it yet', silences(), (now) => !isThere(now, author))],
    change: addSilences({ each: matchers, durationMs, createdBy: author, comment: commentOf(asked) }),
    after: verify(
      `Alertmanager has ${thoseOf(each)} of ${author}, active, for exactly that and ${lasting(asked)}`,
      silences(),
      (now) => each.every((muting) => now.silences.some((one) => isMade(one, author, durationMs) && isSilenceOf(muting, one))),
    ),
    undo: {
      change: expireSilences(author, matchers),
      before: [check('The silence has not ended', silences(), (now) => isThere(now, author))],
      after: verify(
        `Alertmanager has no silence of ${author} for it any more`,
        silences(),
        (now) => !now.silences.some((one) => one.createdBy === author && each.some((muting) => isSilenceOf(muting, one))),
      ),
    },
    holds: changesAlerts(each),
    warnings: warningsOf(asked, each, shown.length),
  });
}

const BLIND = 'Not all of Alertmanager could be seen: nothing is silenced blindly.';

/** Who approves has read how many are muted: hours later others could fire with these labels. */
function nothingElse(each: Mutings, shown: readonly ApiAlert[]): readonly [Check, Check] {
  const known = new Set(shown.map(({ fingerprint }) => fingerprint));
  return [
    check(`${mutedNames(each)} fires`, firingAt(), (now) => mutedBy(each, now).length > 0),
    check(`Nothing else fires with these labels than what this plan shows (${shown.length})`, firingAt(), (now) =>
      mutedBy(each, now).every(({ fingerprint }) => known.has(fingerprint)),
    ),
  ];
}

function isThere({ silences: all }: Silences, author: string): boolean {
  return all.some(({ createdBy }) => createdBy === author);
}

/** A call takes a while, and the clock of HTTP has whole seconds. */
const ABOUT_MS = 60_000;

function isMade({ createdBy, state, startsAt, endsAt }: Silence, author: string, durationMs: number): boolean {
  return createdBy === author && state === 'active' && Math.abs(endsAt - startsAt - durationMs) <= ABOUT_MS;
}

function thoseOf({ length }: Mutings): string {
  return length === 1 ? 'the silence' : `the ${length} silences`;
}

function commentOf({ reason = 'No reason was given', untilResolved }: Params): string {
  return untilResolved ? `${reason} ${UNTIL_RESOLVED}` : reason;
}

function warningsOf({ untilResolved }: Params, { length }: Mutings, count: number): readonly string[] {
  const what = length === 1 ? 'It mutes' : `These ${length} silences mute`;
  return [
    `${what} ${count === 1 ? 'one alert that fires' : `${count} alerts that fire`} now, and what begins to fire with these labels: Alertmanager tells nobody of it, also not this bot.`,
    ...(untilResolved
      ? ['Once none of it has fired for a while, the bot asks to end it: /storage unsilence. It ends by itself after a day.']
      : []),
  ];
}
