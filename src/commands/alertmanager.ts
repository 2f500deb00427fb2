import { z } from 'zod';
import { type Alert, nameOf } from '../core/alert.ts';
import type { LabelMatcher, NewSilences, SilenceMatcher } from '../core/alertmanager.ts';
import { alertmanager, defineChange, defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import type { Output } from '../core/output.ts';

/** An alert that fires, as Alertmanager tells of it now. */
export interface ApiAlert extends Alert {
  /** `suppressed`: nobody is told of it. `unprocessed`: it is too new to be known. */
  readonly state: 'active' | 'suppressed' | 'unprocessed';
  /** Ids of silences. */
  readonly silencedBy: readonly string[];
  /** Fingerprints of other alerts. */
  readonly inhibitedBy: readonly string[];
  /** Names of those to whom its routes lead. */
  readonly receivers: readonly string[];
  /** When it was last sent to it, by its clock. */
  readonly updatedAt?: number;
}

/** Every alert that fires, also what is silenced or inhibited. */
export function firingAt() {
  return defineRead<readonly ApiAlert[]>({
    asks: 'Which alerts fire, and who is told of them?',
    command: alertmanager({ method: 'GET', path: '/api/v2/alerts' }),
    answers: [0],
    parse: ({ stdout }) => parseApiAlerts(stdout),
  });
}

const Time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const Labels = z.record(z.string(), z.string());

const ApiAlerts = z.array(
  z
    .object({
      fingerprint: z.string().regex(/^[0-9a-f]{16}$/, 'is no fingerprint'),
      labels: Labels,
      annotations: Labels,
      startsAt: Time,
      updatedAt: Time.exactOptional(),
      generatorURL: z.string().default(''),
      status: z.object({
        state: z.enum(['active', 'suppressed', 'unprocessed']),
        silencedBy: z.array(z.string()),
        inhibitedBy: z.array(z.string()),
      }),
      receivers: z.array(z.object({ name: z.string() })),
    })
    .transform(
      ({ generatorURL: generatorUrl, status, receivers, ...alert }): ApiAlert => ({
        source: 'alertmanager',
        ...alert,
        name: nameOf(alert.labels),
        ...(generatorUrl !== '' && { generatorUrl }),
        ...status,
        receivers: receivers.map((to) => to.name),
      }),
    ),
);

export function parseApiAlerts(stdout: string): readonly ApiAlert[] {
  return ApiAlerts.parse(JSON.parse(stdout));
}

export interface Silence {
  readonly id: string;
  readonly state: 'active' | 'pending';
  readonly matchers: readonly SilenceMatcher[];
  /** Milliseconds since 1970, by Alertmanager's clock. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

export interface Silences {
  /** Those that have not ended. */
  readonly silences: readonly Silence[];
  /** Milliseconds since 1970, by Alertmanager's clock. */
  readonly nowMs: number;
}

export function silences() {
  return defineRead<Silences>({
    asks: 'What is silenced, by whom and until when?',
    command: alertmanager({ method: 'GET', path: '/api/v2/silences' }),
    answers: [0],
    parse: parseSilences,
  });
}

const ApiSilences = z.array(
  z
    .object({
      id: z.string().min(1),
      status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
      // Before 0.22 there was no inequality.
      matchers: z.array(
        z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean().default(true) }),
      ),
      startsAt: Time,
      endsAt: Time,
      createdBy: z.string(),
      comment: z.string(),
    })
    .transform(({ status: { state }, ...silence }) => ({ ...silence, state })),
);

export function parseSilences({ stdout, stderr }: Output): Silences {
  const nowMs = Date.parse(/^Date: (.+)$/m.exec(stderr)?.[1] ?? '');
  if (Number.isNaN(nowMs)) throw new Error('it does not say what time it is there');
  const all = ApiSilences.parse(JSON.parse(stdout));
  return { silences: all.flatMap(({ state, ...silence }) => (state === 'expired' ? [] : [{ ...silence, state }])), nowMs };
}

export interface AlertmanagerStatus {
  /** Of its cluster: `ready`, `settling`; `disabled` where it stands alone. */
  readonly cluster: string;
  readonly peers: number;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

export function alertmanagerStatus() {
  return defineRead<AlertmanagerStatus>({
    asks: 'Does Alertmanager answer?',
    command: alertmanager({ method: 'GET', path: '/api/v2/status' }, 5_000),
    answers: [0],
    parse: ({ stdout }) => parseAlertmanagerStatus(stdout),
  });
}

const Status = z.object({
  cluster: z.object({ status: z.enum(['ready', 'settling', 'disabled']), peers: z.array(z.unknown()).default([]) }),
  versionInfo: z.object({ version: z.string() }),
  uptime: Time,
});

export function parseAlertmanagerStatus(stdout: string): AlertmanagerStatus {
  const { cluster, versionInfo, uptime } = Status.parse(JSON.parse(stdout));
  return { cluster: cluster.status, peers: cluster.peers.length, version: versionInfo.version, startedAt: uptime };
}

/** Nobody is told of alerts with these labels for so long. */
export function addSilences(silences: NewSilences) {
  requireMatchers(silences.each);
  return defineChange({ command: alertmanager({ method: 'POST', path: '/api/v2/silences', silences }), risk: 'normal' });
}

/** Ends those silences of this author that are for exactly one of these, as the one that made them named itself there. */
export function expireSilences(createdBy: string, each: NewSilences['each']) {
  if (createdBy === '') throw new Refusal('bad-request', 'The author of a silence has a name');
  requireMatchers(each);
  return defineChange({ command: alertmanager({ method: 'DELETE', path: '/api/v2/silence', createdBy, each }), risk: 'normal' });
}

function requireMatchers(each: NewSilences['each']): void {
  if (!each.every((matchers) => matchers.every(isMatcher)))
    throw new Refusal('bad-request', 'A silence is for labels that an alert can have');
}

/** A matcher of empty values alone would be of alerts that do not have the label. */
function isMatcher({ name, values }: LabelMatcher): boolean {
  return /^[a-zA-Z_]\w*$/.test(name) && values.every((value) => value !== '');
}
