import type { ApiAlert, Silences } from '../../src/commands/alertmanager.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import { notSeen, ok } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import type { Muting } from '../../src/repairs/silences.ts';
import { mutedBy, mutedNames, showTime } from '../../src/repairs/silences.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts, Params } from './facts.ts';
import { alertLine, lasting } from './words.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { alerts, silences } = facts;
  const blind = notSeen('Alertmanager', [alerts, silences]);
  const { evidence, findings } = alerts.known ? aboutAlerts(facts, alerts) : NOTHING;
  return { evidence: [...blind, ...evidence], findings };
}

function aboutAlerts({ asked, silences, watchdog }: Facts, alerts: Known<readonly ApiAlert[]>): Diagnosis<Code> {
  const always = asked.each.flatMap((each) => each.alerts).find((name) => name === watchdog || isWatchdog(name));
  if (always !== undefined) return mutesWatchdog(always, alerts);
  const muted = mutedBy(asked.each, alerts.value);
  if (muted.length === 0) return nothingFires(asked, alerts);
  return silences.known ? whoHears(asked, muted, [alerts, silences]) : NOTHING;
}

function nothingFires(asked: Params, alerts: Known<readonly ApiAlert[]>): Diagnosis<Code> {
  const names = [...new Set(alerts.value.map(({ name }) => name))].toSorted();
  const others =
    names.length === 0 ? 'no alert fires' : `${names.slice(0, 20).join(', ')}${names.length > 20 ? ' and others' : ''} fire`;
  return found({
    code: 'nothing-fires',
    subject: mutedNames(asked.each),
    says: `No alert ${mutedNames(asked.each)} fires, so that nobody can say what a silence for it would mute; now ${others}`,
    remedy: 'Give the name of an alert that fires, and labels as Alertmanager shows them.',
    seen: [alerts],
  });
}

/** The usual names of the alert that always fires; where it does not fire now, alerting is broken already. */
function isWatchdog(name: string): boolean {
  return /^(watchdog|dead_?mans?_?(switch|snitch))$/i.test(name);
}

function mutesWatchdog(name: string, alerts: Known<readonly ApiAlert[]>): Diagnosis<Code> {
  return found({
    code: 'mutes-watchdog',
    subject: name,
    says: `${name} always fires: once it is muted, nobody notices that alerting is broken`,
    remedy: 'Name the alerts that are to be muted, without this one.',
    doNot: `Do not silence ${name} by hand: the bot would open an incident because it stopped coming.`,
    seen: [alerts],
  });
}

/** What lasts for nine tenths of the time that was asked is what was asked: the clock goes on between two looks. */
const ENOUGH = 0.9;

/** Whether this alert is told to people although it is silenced, or was for less time. */
function hears({ durationMs }: Params, { silences, nowMs }: Silences) {
  const long = silences.filter(({ state, endsAt }) => state === 'active' && endsAt - nowMs >= durationMs * ENOUGH);
  return { long, isHeard: ({ silencedBy }: ApiAlert) => !long.some(({ id }) => silencedBy.includes(id)) };
}

/** What of it is to be silenced: for the rest there are silences that last as long. */
export function unsilenced(asked: Params, alerts: readonly ApiAlert[], silences: Silences): readonly Muting[] {
  const { isHeard } = hears(asked, silences);
  return asked.each.filter((each) => mutedBy([each], alerts).some(isHeard));
}

function whoHears(asked: Params, muted: readonly ApiAlert[], seen: readonly [Known<unknown>, Known<Silences>]): Diagnosis<Code> {
  const { long, isHeard } = hears(asked, seen[1].value);
  const heard = muted.filter(isHeard);
  if (heard.length === 0) {
    const by = long.filter(({ id }) => muted.some(({ silencedBy }) => silencedBy.includes(id)));
    const until = showTime(Math.min(...by.map(({ endsAt }) => endsAt)));
    const who = [...new Set(by.map(({ createdBy }) => createdBy))].join(', ');
    return told(ok(`${mutedNames(asked.each)} is silenced until ${until} by ${who}`, ...seen));
  }
  const shorter = heard.filter(({ silencedBy }) => silencedBy.length > 0).length;
  const inhibited = heard.filter(({ silencedBy, inhibitedBy }) => silencedBy.length === 0 && inhibitedBy.length > 0).length;
  const but = [
    ...(shorter === 0 ? [] : [`${shorter} silenced for a shorter time`]),
    ...(inhibited === 0 ? [] : [`${inhibited} inhibited by another alert`]),
  ];
  return found({
    code: 'heard',
    subject: mutedNames(asked.each),
    says: `${heard.length === 1 ? 'It fires' : `${heard.length} of them fire`}: ${heard.slice(0, 10).map(alertLine).join('; ')}${heard.length > 10 ? '; …' : ''}${but.length === 0 ? '' : ` (${but.join(', ')})`}`,
    remedy: `Silence it ${lasting(asked)}, while somebody looks after its cause.`,
    seen,
  });
}
