import type { Alert } from '../core/alert.ts';

/**
 * Of what the alert is about. Prometheus renames a label of the series that the scraped target has too: without this, everything would be about
 * the exporter.
 */
export function labelOf({ labels }: Pick<Alert, 'labels'>, name: string): string | undefined {
  const text = valueIn(labels, `exported_${name}`) ?? valueIn(labels, name);
  return text === '' ? undefined : text;
}

/** What is in a record of somebody else under this name, and not what every object has. */
export function valueIn<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** `10.0.20.103` of `10.0.20.103:9100`. */
export function hostOf(instance: string): string {
  return instance.replace(/^\[(.+)\](:\d+)?$/, '$1').replace(/^([^:]+):\d+$/, '$1');
}
