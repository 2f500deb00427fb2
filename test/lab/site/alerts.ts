import type { SilenceMatcher } from '../../../src/core/alertmanager.ts';
import type { World } from './world.ts';

type Labels = Readonly<Record<string, string>>;

export interface LabAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
}

export interface LabSilence {
  readonly id: string;
  readonly matchers: readonly SilenceMatcher[];
  startsAtMs: number;
  endsAtMs: number;
  updatedAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
}

/** What the site's Alertmanager has. */
export interface Alerting {
  /** False: nothing answers at its address. */
  up: boolean;
  /** Those that fire. */
  readonly alerts: LabAlert[];
  readonly silences: LabSilence[];
}

/** All is well: only the alert that says that alerting works. */
export function newAlerting(beganMs: number): Alerting {
  const labels = { alertname: 'Watchdog', severity: 'info' };
  const summary = 'Alerting works: this alert always fires';
  return { up: true, alerts: [{ labels, annotations: { summary }, startsAtMs: beganMs }], silences: [] };
}

/** It fires from now on. */
export function fire({ alerting, time }: World, labels: Labels, summary = ''): void {
  alerting.alerts.push({ labels, annotations: summary === '' ? {} : { summary }, startsAtMs: time.nowMs });
}

/** Those with all of these labels fire no more. */
export function resolve({ alerting }: World, labels: Labels): void {
  const left = alerting.alerts.filter((each) => Object.entries(labels).some(([name, value]) => each.labels[name] !== value));
  alerting.alerts.splice(0, alerting.alerts.length, ...left);
}

const SOMETHING_FAILS = ['PodCrashLooping', 'ContainerOOMKilled', 'DeploymentReplicasMismatch', 'StatefulSetReplicasMismatch'];
const SERVERS_DOWN = ['PostgreSQLDown', 'MySQLDown', 'RedisDown', 'AuthentikDown', 'ScrapeTargetDown'];

/** By the name of an alert those that nobody is told of while it fires, whatever their other labels are. */
const INHIBITS: Readonly<Record<string, readonly string[]>> = {
  NodeDown: SOMETHING_FAILS,
  NFSServerUnresponsive: [...SOMETHING_FAILS, ...SERVERS_DOWN],
  PowerOutage: ['NodeDown', 'NFSServerUnresponsive'],
  KubeletImagePullErrors: ['PodsStuckContainerCreating'],
};

export interface ToldAs {
  /** To whom every alert is told too. */
  readonly receiver?: string;
  /** The clock that alerts are told by is so far ahead of that of the world. */
  readonly shiftMs?: number;
  /** False: it has no rules of inhibition. */
  readonly inhibits?: boolean;
}

/** As `GET /api/v2/alerts` lists them. */
export function apiAlerts(world: World, { receiver, shiftMs = 0, inhibits = true }: ToldAs = {}) {
  const { alerting, time } = world;
  const { alerts, silences } = alerting;
  const { nowMs } = time;
  const timeOf = (ms: number) => new Date(ms + shiftMs).toISOString();
  const others = receiver === undefined ? [] : [{ name: receiver }];
  const active = silences.filter((silence) => stateOf(silence, nowMs) === 'active');
  return alerts.map(({ labels, annotations, startsAtMs }) => {
    const silencedBy = active.filter((silence) => isMuted(silence, labels)).map(({ id }) => id);
    const sources = alerts.filter(
      (other) => inhibits && INHIBITS[other.labels['alertname'] ?? '']?.includes(labels['alertname'] ?? ''),
    );
    const inhibitedBy = sources.map((other) => fingerprintOf(other.labels));
    const state = silencedBy.length + inhibitedBy.length > 0 ? 'suppressed' : 'active';
    return {
      annotations,
      endsAt: timeOf(nowMs + 240_000),
      fingerprint: fingerprintOf(labels),
      receivers: [...others, { name: labels['severity'] === 'critical' ? 'slack-critical' : 'slack-warning' }],
      startsAt: timeOf(startsAtMs),
      status: { inhibitedBy, silencedBy, state },
      updatedAt: timeOf(nowMs),
      generatorURL: 'http://prometheus-server.monitoring/graph',
      labels,
    };
  });
}

/** The hash of Prometheus over its labels: FNV-1a of 64 bits. */
export function fingerprintOf(labels: Labels): string {
  const bytes = Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => [...Buffer.from(name), 255, ...Buffer.from(value), 255]);
  const hash = bytes.reduce(
    (sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * 1_099_511_628_211n),
    14_695_981_039_346_656_037n,
  );
  return hash.toString(16).padStart(16, '0');
}

export function isMuted({ matchers }: Pick<LabSilence, 'matchers'>, labels: Labels): boolean {
  return matchers.every(({ name, value, isRegex, isEqual }) => {
    const own = labels[name] ?? '';
    return (isRegex ? new RegExp(`^(?:${value})$`).test(own) : own === value) === isEqual;
  });
}

export function stateOf({ startsAtMs, endsAtMs }: LabSilence, nowMs: number): 'active' | 'pending' | 'expired' {
  if (endsAtMs <= nowMs) return 'expired';
  return startsAtMs > nowMs ? 'pending' : 'active';
}
