/** One alert as its sender tells of it now. Its series is known by `source` and `fingerprint`; each time it fires anew is an episode. */
export interface Alert {
  /** Who told of it: `alertmanager` or `grafana`. Peers of one Alertmanager are one source. */
  readonly source: AlertSource;
  /** Of its labels, as the sender counts it: the same in each episode. */
  readonly fingerprint: string;
  /** The label `alertname`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, by the sender's clock. */
  readonly startsAt: number;
  /** Absent while it fires; the sender's clock. */
  readonly endsAt?: number;
  /** Where the sender shows it. */
  readonly generatorUrl?: string;
}

export type AlertSource = 'alertmanager' | 'grafana';

/** Names one episode: the same fingerprint comes again when the alert fires anew. */
export interface EpisodeKey {
  readonly source: AlertSource;
  readonly fingerprint: string;
  readonly startsAt: number;
}

/** An alert that was taken in, and what became of it. */
export interface Episode extends Alert {
  /** When the bot first heard of it, by its own clock. */
  readonly receivedAt: number;
  /** Absent while it belongs to none: because it waits to be placed, was over before it was heard of, or is ignored by a rule. */
  readonly incident?: string;
  /** Absent where Alertmanager tells of it. Such an alert fires and opens no incident by itself. */
  readonly muted?: Muted;
}

/** Why Alertmanager holds an alert back that fires. */
export interface Muted {
  readonly by: 'silence' | 'inhibition';
  /** Of the silences, or the fingerprints of the alerts that inhibit it. */
  readonly ids: readonly string[];
  /** Of the alerts that inhibit it, each once. */
  readonly names?: readonly string[];
}

/** Prometheus gives each alert a name; others that send to the same place may not. */
export function nameOf(labels: Alert['labels']): string {
  return labels['alertname'] ?? 'an alert without a name';
}

export type Severity = 'critical' | 'warning' | 'info';

const MILD: ReadonlyMap<string, Severity> = new Map([
  ...['warning', 'warn', 'minor', 'medium', 'moderate', ''].map((word) => [word, 'warning'] as const),
  ...['info', 'information', 'informational', 'notice', 'low', 'debug', 'none', 'ok'].map((word) => [word, 'info'] as const),
]);

/** Without the label it is a warning, as in the routes of the site. A word that is not known here, as `page`, may be meant to wake people. */
export function severityOf({ labels: { severity = '' } }: Pick<Alert, 'labels'>): Severity {
  return MILD.get(severity.trim().toLowerCase()) ?? 'critical';
}

export function episodeKey({ source, fingerprint, startsAt }: EpisodeKey): string {
  return `${source} ${fingerprint} ${startsAt}`;
}
