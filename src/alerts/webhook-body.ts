import { z } from 'zod';
import { type Alert, type AlertSource, nameOf } from '../core/alert.ts';
import type { Delivered } from './delivered.ts';

/** What was sent is no notification, whoever sent it: sending it again does not help. */
export class UnreadableNotification extends Error {
  override readonly name = 'UnreadableNotification';
  readonly code = 'UNREADABLE_NOTIFICATION';
}

const Time = z.string().transform((text, checks) => {
  const ms = Date.parse(text);
  if (/^\d{4}-\d\d-\d\dT/.test(text) && Number.isFinite(ms)) return ms;
  checks.issues.push({ code: 'custom', message: 'is no time', input: undefined });
  return z.NEVER;
});

/** Go's time of value zero: it stands for none. */
const NO_TIME = Date.parse('0001-01-01T00:00:00Z');

const Strings = z.record(z.string(), z.string());

const SentAlert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: Strings,
  annotations: Strings,
  startsAt: Time,
  endsAt: Time,
  generatorURL: z.string(),
  fingerprint: z.string().regex(/^[0-9a-f]{1,16}$/, 'is no fingerprint'),
});

/** The form that Alertmanager made and Grafana took over. */
const Notification = z.object({
  version: z.string(),
  receiver: z.string(),
  groupKey: z.string(),
  truncatedAlerts: z.int().min(0),
  alerts: z.array(z.unknown()),
});

/** Each of their forms has a version of its own. Throws an UnreadableNotification where nothing of it can be read. */
export function readNotification(body: unknown, of: { readonly source: AlertSource; readonly version: string }): Delivered {
  const parsed = Notification.safeParse(body);
  if (!parsed.success) throw new UnreadableNotification(wordsOf(parsed.error));
  const { version, truncatedAlerts: truncated, groupKey, receiver } = parsed.data;
  if (version !== of.version) throw new UnreadableNotification(`it has another version than ${of.version}, which is understood`);
  const sent = parsed.data.alerts.map((alert) => SentAlert.safeParse(alert));
  const alerts = sent.flatMap(({ data }) => (data === undefined ? [] : [alertOf(data, of.source)]));
  const unreadable = sent.flatMap(({ error }, index) => (error === undefined ? [] : [wordsOf(error, ['alerts', index])]));
  const [first] = unreadable;
  if (first !== undefined && alerts.length === 0) throw new UnreadableNotification(first);
  return { alerts, unreadable, truncated, groupKey, receiver };
}

function alertOf(sent: z.output<typeof SentAlert>, source: AlertSource): Alert {
  const { status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint } = sent;
  // One that is over and does not say since when is no longer than it was.
  const end = status === 'firing' ? undefined : endsAt === NO_TIME ? startsAt : endsAt;
  return {
    source,
    fingerprint,
    name: nameOf(labels),
    labels,
    annotations,
    startsAt,
    ...(end === undefined ? {} : { endsAt: end }),
    ...(/^https?:\/\//.test(generatorURL) ? { generatorUrl: generatorURL } : {}),
  };
}

/** Without values and names of labels: they are whatever was sent. */
function wordsOf({ issues }: z.ZodError, at: readonly (string | number)[] = []): string {
  const [first] = issues;
  const where = [...at, ...(first?.path ?? [])].slice(0, 3).join('.');
  return `${where === '' ? 'it' : where}: ${first?.message ?? 'has the wrong form'}`;
}

/** As Alertmanager would tell of these, to nobody in particular. */
export function notificationOf(alerts: readonly Alert[]): string {
  const sent = alerts.map(({ fingerprint, labels, annotations, startsAt, endsAt, generatorUrl }) => ({
    status: endsAt === undefined ? 'firing' : 'resolved',
    labels,
    annotations,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt ?? NO_TIME).toISOString(),
    generatorURL: generatorUrl ?? '',
    fingerprint,
  }));
  return JSON.stringify({ version: '4', receiver: '', groupKey: '', truncatedAlerts: 0, alerts: sent });
}
