import type { ApiAlert } from '../../src/commands/alertmanager.ts';
import type { Params } from './facts.ts';

/** `PVFillingUp namespace=dbaas persistentvolumeclaim=pg-cluster-1`. */
export function alertLine({ name, labels }: ApiAlert): string {
  const own = Object.entries(labels).filter(([label]) => label !== 'alertname' && label !== 'severity');
  return [name, ...own.map(([label, value]) => `${label}=${value}`)].join(' ');
}

/** `for 4 h`, `until none of it fires`. */
export function lasting({ durationMs, untilResolved }: Params): string {
  if (untilResolved) return 'until none of it fires';
  const minutes = durationMs / 60_000;
  if (minutes % 1_440 === 0) return `for ${minutes / 1_440} d`;
  return minutes % 60 === 0 ? `for ${minutes / 60} h` : `for ${minutes} min`;
}
