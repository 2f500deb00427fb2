import type { Delivered } from './delivered.ts';
import { readNotification } from './webhook-body.ts';

/** The body that a `webhook_config` of Alertmanager sends. One of status `firing` may hold alerts that are resolved. */
export function readAlertmanager(body: unknown): Delivered {
  return readNotification(body, { source: 'alertmanager', version: '4' });
}
