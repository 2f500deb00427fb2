import { defineRead, prometheus } from '../core/command.ts';
import type { Output } from '../core/output.ts';
import { samplesOf } from './prometheus.ts';

export interface Alert {
  readonly name: string;
  /** Of what it tells, as `instance="10.0.20.103:9100"`. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What fires of what says that nothing should be changed now. */
export interface Firing {
  readonly alerts: readonly Alert[];
  /** Since when Prometheus runs: many rules fire nothing in its first quarter of an hour. */
  readonly upS: number;
}

const QUESTION =
  'ALERTS{alertstate="firing",alertname=~"NodeDown|PowerOutage|NodeMaintenance.*"} or process_start_time_seconds{job="prometheus"}';

/** Silenced alerts are among them, and inhibited ones: both are matters of Alertmanager. */
export function firingAlerts() {
  return defineRead<Firing>({
    asks: 'Is maintenance, a power outage or a node that is down announced?',
    command: prometheus(QUESTION),
    answers: [0],
    parse: (output) => parseFiring(output),
  });
}

export function parseFiring(output: Output): Firing {
  const samples = samplesOf(output).map(({ labels: { __name__: series = '', ...labels }, ...sample }) => ({
    series,
    labels,
    ...sample,
  }));
  const upS = samples.flatMap(({ series, value, atS }) => (series === 'process_start_time_seconds' ? [atS - value] : []));
  if (upS.length === 0) throw new Error('it does not say since when it runs, so that no alert would mean nothing');
  const alerts = samples.filter(({ series }) => series === 'ALERTS').map(({ labels }) => alertOf(labels));
  if (alerts.length + upS.length < samples.length) throw new Error('a figure that was not asked for');
  return { alerts, upS: Math.min(...upS) };
}

/** Rules wait so long after a start of Prometheus before they fire. */
export const RULES_WAIT_S = 900;

const BEGAN = 'process_start_time_seconds{job="prometheus"}';

/** Seconds since Prometheus was started, by its own clock. It is asked while others wait: so not for long. */
export function prometheusUptime() {
  return defineRead<number>({
    asks: 'Since when does Prometheus run?',
    command: prometheus(BEGAN, 5_000),
    answers: [0],
    parse: (output) => parseUptime(output),
  });
}

export function parseUptime(output: Output): number {
  const upS = samplesOf(output).map(({ value, atS }) => atS - value);
  if (upS.length === 0) throw new Error(`it has no ${BEGAN}, so that it does not say since when it runs`);
  return Math.min(...upS);
}

function alertOf({ alertname: name, alertstate: state, ...labels }: Alert['labels']): Alert {
  if (name === undefined || state !== 'firing') throw new Error('no alert that fires');
  return { name, labels };
}
