import type { Alert } from '../core/alert.ts';
import type { KnownAlert } from './known-alert.ts';
import { BACKUP_ALERTS } from './known-backup-alerts.ts';
import { CLUSTER_ALERTS } from './known-cluster-alerts.ts';
import { STORAGE_ALERTS } from './known-storage-alerts.ts';

/** By name: those of the site's rules, of their later versions, and of kube-prometheus. */
export const KNOWN_ALERTS: ReadonlyMap<string, KnownAlert> = new Map(
  Object.entries({ ...STORAGE_ALERTS, ...BACKUP_ALERTS, ...CLUSTER_ALERTS }),
);

/** What a person must know of these alerts, one sentence for each name. */
export function caveatsOf(alerts: readonly Pick<Alert, 'name' | 'labels'>[]): readonly string[] {
  const said = alerts.flatMap((alert) => {
    const { caveat } = KNOWN_ALERTS.get(alert.name) ?? {};
    const text = typeof caveat === 'function' ? caveat({ alert }) : caveat;
    return text === undefined ? [] : [`${alert.name}: ${text}`];
  });
  return [...new Set(said)];
}
