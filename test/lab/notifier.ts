import { setTimeout as sleep } from 'node:timers/promises';
import { apiAlerts, fingerprintOf, type LabAlert, type ToldAs } from './site/alerts.ts';
import type { World } from './site/world.ts';

export interface Notifier {
  /** Tells once of every group in which something changed, as Alertmanager does that groups by `alertname`, until it is taken. */
  readonly notify: () => Promise<void>;
  /** Tells of every group that fires, as it does after its `repeat_interval`. */
  readonly repeat: () => Promise<void>;
}

export interface NotifierOptions extends ToldAs {
  readonly world: World;
  /** Of the webhook. */
  readonly url: string;
  readonly token: string;
  readonly withinMs?: number;
}

interface Known extends LabAlert {
  readonly endedAtMs?: number;
}

const PAUSE_MS = 100;
/** Its name in the configuration of Alertmanager. */
export const RECEIVER = 'storagebot';

/** The site's Alertmanager as a sender. Its alerts began when the world says, moved to the clock of this machine. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { world, shiftMs } = options;
  const told = new Map<string, LabAlert>();
  const heldSince = new Set<string>();
  const send = async (group: readonly Known[]) => untilTaken(options, bodyOf(group, shiftMs ?? Date.now() - world.time.nowMs));
  const audible = () => {
    const held = heldBack(options);
    for (const fingerprint of held) heldSince.add(fingerprint);
    return world.alerting.alerts.filter(({ labels }) => !held.has(fingerprintOf(labels)));
  };
  const changes = (): readonly Known[] => {
    const alerts = audible();
    const now = new Map(alerts.map((alert) => [fingerprintOf(alert.labels), alert]));
    const fires = new Set(world.alerting.alerts.map(({ labels }) => fingerprintOf(labels)));
    // What ends while it is held back is forgotten, and nobody is told.
    const gone = [...told].filter(([fingerprint]) => !fires.has(fingerprint));
    const ended = gone.filter(([fingerprint]) => !heldSince.delete(fingerprint));
    const fresh = [...now].filter(([fingerprint]) => !told.has(fingerprint));
    const names = new Set([...ended, ...fresh].map(([, { labels }]) => labels['alertname']));
    for (const [fingerprint] of gone) told.delete(fingerprint);
    for (const [fingerprint, alert] of fresh) told.set(fingerprint, alert);
    for (const fingerprint of now.keys()) heldSince.delete(fingerprint);
    const firing = alerts.filter(({ labels }) => names.has(labels['alertname']));
    return [...firing, ...ended.map(([, alert]) => ({ ...alert, endedAtMs: world.time.nowMs }))];
  };
  return {
    async notify() {
      for (const group of byName(changes())) await send(group);
    },
    async repeat() {
      for (const group of byName(audible())) await send(group);
    },
  };
}

function heldBack({ world, inhibits = false }: NotifierOptions): ReadonlySet<string> {
  const held = apiAlerts(world, { inhibits }).filter(({ status }) => status.state === 'suppressed');
  return new Set(held.map(({ fingerprint }) => fingerprint));
}

function byName(alerts: readonly Known[]): readonly (readonly Known[])[] {
  return [...Map.groupBy(alerts, ({ labels }) => labels['alertname']).values()];
}

function bodyOf(group: readonly Known[], shiftMs: number) {
  const time = (ms: number) => new Date(ms + shiftMs).toISOString();
  const alertname = group[0]?.labels['alertname'] ?? '';
  const isFiring = group.some(({ endedAtMs }) => endedAtMs === undefined);
  return {
    receiver: RECEIVER,
    status: isFiring ? 'firing' : 'resolved',
    alerts: group.map(({ labels, annotations, startsAtMs, endedAtMs }) => ({
      status: endedAtMs === undefined ? 'firing' : 'resolved',
      labels,
      annotations,
      startsAt: time(startsAtMs),
      endsAt: endedAtMs === undefined ? '0001-01-01T00:00:00Z' : time(endedAtMs),
      generatorURL: 'http://prometheus-server.monitoring/graph',
      fingerprint: fingerprintOf(labels),
    })),
    groupLabels: { alertname },
    commonLabels: { alertname },
    commonAnnotations: {},
    externalURL: 'http://prometheus-alertmanager.monitoring:9093',
    version: '4',
    groupKey: `{}:{alertname="${alertname}"}`,
    truncatedAlerts: 0,
  };
}

/** What is not answered with 2xx is sent again. */
async function untilTaken({ url, token, withinMs = 30_000 }: NotifierOptions, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }).catch((error: unknown) => error);
    if (answer instanceof Response && answer.ok) return;
    if (answer instanceof Response && answer.status < 500)
      throw new Error(`The webhook refuses a notification: ${answer.status}`);
    if (performance.now() > deadline) throw new Error('The webhook did not take a notification in time.', { cause: answer });
    await sleep(PAUSE_MS);
  }
}
