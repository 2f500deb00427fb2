/** An alert as Alertmanager sends it. */
export interface SentAlert {
  readonly status: 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

/** Names that only the alerts of one cause have. */
export const CAUSES = ['NFSServerUnresponsive', 'PostgreSQLDown', 'MySQLDown', 'RedisDown', 'NodeDown'] as const;

const OF_PODS = ['KubePodNotReady', 'PodCrashLooping', 'KubeContainerWaiting', 'KubePodCrashLooping'];
/** Of each cause but the first. */
const EACH = 250;

/** So many alerts, each another one, of five causes: most of them of pods that stand on the NAS. In one order, well mixed. */
export function alertsOf(count: number, podsOnNas: readonly string[]): readonly SentAlert[] {
  const [nas, ...others] = CAUSES;
  const small = others.flatMap((alertname) => Array.from({ length: EACH }, (_, index) => labelled(alertname, index)));
  const first = { alertname: nas, severity: 'critical' };
  const pods = Array.from({ length: count - small.length - 1 }, (_, index) => ofPod(podsOnNas, index));
  return mixed([first, ...small, ...pods]).map((labels, index) => sent(labels, index));
}

const SMALL = 3;
const LARGE = 400;
/** One notification in so many is large, as those of a group that everything is in. */
const LARGE_ONE_IN = 200;

/** What each notification tells of. */
export function batchesOf(alerts: readonly SentAlert[]): readonly (readonly SentAlert[])[] {
  const batches: (readonly SentAlert[])[] = [];
  for (let from = 0; from < alerts.length; ) {
    const to = from + (batches.length % LARGE_ONE_IN === LARGE_ONE_IN / 2 ? LARGE : SMALL);
    batches.push(alerts.slice(from, to));
    from = to;
  }
  return batches;
}

function labelled(alertname: string, index: number) {
  const about = alertname === 'NodeDown' ? { node: 'k8s-node4' } : {};
  return { alertname, severity: 'critical', ...about, instance: `10.9.${Math.floor(index / 250)}.${index % 250}:9100` };
}

function ofPod(pods: readonly string[], index: number) {
  const [namespace = '', pod = ''] = (pods[index % pods.length] ?? '').split('/');
  const round = Math.floor(index / pods.length);
  const alertname = OF_PODS[round % OF_PODS.length] ?? '';
  return { alertname, severity: 'warning', namespace, pod, container: `c${Math.floor(round / OF_PODS.length)}` };
}

/** 7,919 is a prime, so that each comes once. */
function mixed<T>(all: readonly T[]): readonly T[] {
  return all.map((_, index) => all[(index * 7_919) % all.length]).filter((each) => each !== undefined);
}

function sent(labels: Readonly<Record<string, string>>, index: number): SentAlert {
  return {
    status: 'firing',
    labels,
    annotations: { summary: `${labels['alertname']} fires` },
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus/graph',
    fingerprint: (index + 1).toString(16).padStart(16, '0'),
  };
}

export function notificationOf(alerts: readonly SentAlert[]) {
  return {
    receiver: 'storagebot',
    status: 'firing',
    alerts,
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager',
    version: '4',
    groupKey: '{}:{}',
    truncatedAlerts: 0,
  };
}
