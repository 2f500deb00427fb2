import type { Alert, AlertSource } from '../core/alert.ts';
import type { Delivery, ReadDelivery } from '../core/alert-ports.ts';
import { messageOf } from '../core/errors.ts';
import { readAlertmanager } from './alertmanager-webhook.ts';
import type { IntakeLog } from './commits.ts';
import type { Delivered } from './delivered.ts';
import { readGrafana } from './grafana-webhook.ts';
import { UnreadableNotification } from './webhook-body.ts';

export const SENDERS: Readonly<Record<AlertSource, string>> = { alertmanager: 'Alertmanager', grafana: 'Grafana' };

const readers: Readonly<Record<AlertSource, (body: unknown) => Delivered>> = {
  alertmanager: readAlertmanager,
  grafana: readGrafana,
};

/** Throws an UnreadableNotification. */
export function understood({ source, body }: Pick<Delivery, 'source' | 'body'>): Delivered {
  return readers[source](jsonOf(body));
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Without the words of the parser: they quote the body.
    throw new UnreadableNotification('it is no JSON');
  }
}

export interface ReadingOptions {
  readonly log: IntakeLog;
  /** Takes secrets out of a text. */
  readonly clean: (text: string) => string;
  readonly tell: (problem: string) => void;
  /** Alertmanager's API can be asked. */
  readonly canAsk: boolean;
  /** False while it is asked in vain: then its word is believed. */
  readonly isAnswering?: () => boolean;
  /** Hears for which receiver of Alertmanager a notification was. */
  readonly heardFor?: (receiver: string) => void;
}

/** Faults of the bot itself may pass. */
const TRIES = 5;

/** Reads what was kept. Throws where that is to be tried again; what cannot be read is for the store to keep aside. */
export function createReading({
  log,
  clean,
  tell,
  canAsk: hasApi,
  isAnswering = () => true,
  heardFor,
}: ReadingOptions): (delivery: Delivery) => ReadDelivery {
  const failures = new Map<number, number>();
  return (delivery) => {
    const { id, at, source } = delivery;
    const canAsk = hasApi && source === 'alertmanager';
    try {
      const told = understood(delivery);
      if (source === 'alertmanager') heardFor?.(told.receiver);
      const alerts = told.alerts.map((alert) => cleaned(alert, clean));
      const askFor = moreThanTold(told, { source, canAsk, tell });
      return { id, at, canAsk: canAsk && isAnswering(), alerts, ...(askFor === undefined ? {} : { askFor }) };
    } catch (error) {
      const tries = (failures.get(id) ?? 0) + 1;
      failures.set(id, tries);
      if (!(error instanceof UnreadableNotification) && tries < TRIES) throw error;
      failures.delete(id);
      // Without the body: it is on disk, and holds whatever was sent.
      log.error(
        { id, at, source, bytes: delivery.body.length, reason: messageOf(error) },
        'a notification that was kept cannot be read',
      );
      tell(`A notification of ${SENDERS[source]} was kept and cannot be read any more${canAsk ? ASKED : ''}. The log says why.`);
      return { id, at, canAsk, alerts: [], unreadable: messageOf(error), ...(canAsk && { askFor: '' }) };
    }
  };
}

const ASKED = ', so Alertmanager is asked what fires';

type Told = Pick<ReadingOptions, 'tell' | 'canAsk'> & Pick<Delivery, 'source'>;

/** The receiver for which Alertmanager is to be asked because not all was told, or not all of it can be read. */
function moreThanTold({ truncated, unreadable, receiver }: Delivered, { source, canAsk, tell }: Told): string | undefined {
  const [why] = unreadable;
  if (why !== undefined) tell(`Some alerts in notifications of ${SENDERS[source]} cannot be read${canAsk ? ASKED : ''}: ${why}.`);
  if (truncated + unreadable.length === 0) return undefined;
  if (canAsk) return receiver;
  if (truncated > 0)
    tell(`${SENDERS[source]} leaves alerts out of its notifications to ${JSON.stringify(receiver)}: ${REMEDIES[source]}.`);
  return undefined;
}

function cleaned({ name, labels, annotations, generatorUrl, ...alert }: Alert, clean: (text: string) => string): Alert {
  const each = (texts: Alert['labels']) => Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, clean(text)]));
  const words = { name: clean(name), labels: each(labels), annotations: each(annotations) };
  return { ...alert, ...words, ...(generatorUrl && { generatorUrl: clean(generatorUrl) }) };
}

const REMEDIES: Readonly<Record<AlertSource, string>> = {
  alertmanager: 'set alerts.alertmanager so that the rest is asked for, or remove max_alerts from its webhook_config',
  grafana: 'remove the limit of alerts (Max Alerts) of the contact point',
};
