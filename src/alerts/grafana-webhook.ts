import type { Delivered } from './delivered.ts';
import { readNotification } from './webhook-body.ts';

/** The body that a contact point of type Webhook of Grafana 9 or newer sends. */
export function readGrafana(body: unknown): Delivered {
  return readNotification(body, { source: 'grafana', version: '1' });
}
