import { z } from 'zod';
import { neverEnd } from '../alerts/hours.ts';
import { type AlertRule, type IncidentSettings, WEEKDAYS } from '../core/alert-settings.ts';
import { AbsolutePath, Duration, IpAddress, Person, Port, Secret, SlackChannel } from './fields.ts';
import { PrometheusSettings } from './prometheus-schema.ts';
import { isLoopback } from './url.ts';

const AlertName = z
  .string()
  .regex(/^[^\p{C}]{1,200}$/u, 'must be the name of an alert')
  .meta({ example: 'NFSServerUnresponsive' });

const Listen = z
  .strictObject({
    address: IpAddress.default('127.0.0.1'),
    port: Port.meta({ example: 9099 }).default(9099),
    tls: z
      .strictObject({
        certificate: AbsolutePath.meta({ example: '/etc/storagebot/alerts.crt' }),
        key: Secret.meta({ example: 'file:/run/secrets/storagebot/alerts-key' }),
        clients: AbsolutePath.meta({ example: '/etc/storagebot/alertmanager-ca.pem' }).exactOptional(),
      })
      .exactOptional(),
  })
  .refine(({ address, tls }) => tls !== undefined || isLoopback(address), {
    path: ['tls'],
    error: 'is missing: the token would cross the network readable. Without it the address must be that of the machine itself',
  });

/** Minutes after midnight. */
const TimeOfDay = z
  .string('must be a time of day, in quotes')
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day from 00:00 to 23:59')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
  .meta({ example: '22:00' });

const TimeZone = z
  .string()
  .refine(isTimeZone, { error: 'must be the IANA name of a time zone', abort: true })
  .meta({ example: 'Europe/London' });

const hours = {
  days: z
    .array(z.enum(WEEKDAYS, `must be one of ${WEEKDAYS.join(', ')}`).meta({ example: 'sat' }))
    .min(1, 'must name at least one day; leave it out for every day')
    .default([...WEEKDAYS]),
  from: TimeOfDay,
  to: TimeOfDay,
  timeZone: TimeZone.default('UTC'),
};

const NO_LENGTH = { path: ['to'], error: 'must be another time than from' };

const Hours = z.strictObject(hours).refine(differ, NO_LENGTH).transform(minutes);
const MaintenanceHours = z
  .strictObject({ ...hours, reason: z.string().min(1, 'must say why').max(200).meta({ example: 'backups run' }) })
  .refine(differ, NO_LENGTH)
  .transform(minutes);

const Words = z
  .string()
  .regex(/^[a-z][^\s]*( [^\s]+)*$/, 'must be the words of a command, as typed after /storage')
  .meta({ example: 'diagnose postgres' });

const Strings = z.record(z.string().min(1), z.string()).default({});

const Rule = z
  .strictObject({
    alert: AlertName.exactOptional(),
    labels: Strings,
    annotations: Strings,
    run: Words.exactOptional(),
    ignore: z.string().min(1, 'must say why').max(200).meta({ example: 'known to be full' }).exactOptional(),
  })
  .transform(({ run, ignore, ...rule }, checks): AlertRule => {
    if (run !== undefined && ignore === undefined) return { ...rule, what: { run: run.split(' ') } };
    if (run === undefined && ignore !== undefined) return { ...rule, what: { ignore } };
    checks.issues.push({ code: 'custom', message: 'must have either run or ignore', input: undefined });
    return z.NEVER;
  });

const AutoApply = z.strictObject({
  runbook: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'must be the id of a runbook')
    .meta({ example: 'diagnose-nfs' }),
  perHour: z.int('must be a whole number').min(1, 'must be at least 1').max(60, 'must be 60 or less').meta({ example: 2 }),
  allowedBy: Person,
});

const Watchdog = z
  .strictObject({ alert: AlertName.meta({ example: 'Watchdog' }), every: Duration.meta({ example: '5m' }) })
  .transform(({ alert, every }) => ({ alert, everyMs: every }));

/** Alerts that are taken in, and what becomes of them. */
export const AlertSettings = z
  .strictObject({
    channel: SlackChannel,
    listen: Listen.exactOptional(),
    token: Secret.meta({ example: 'file:/run/secrets/storagebot/alerts-token' }).exactOptional(),
    alertmanager: PrometheusSettings.exactOptional(),
    watch: z
      .strictObject({ channels: z.array(SlackChannel).min(1, 'must name at least one channel; leave out watch for none') })
      .exactOptional(),
    gatherFor: Duration.meta({ example: '30s' }).default(30_000),
    window: Duration.meta({ example: '10m' }).default(600_000),
    settleFor: Duration.meta({ example: '2m' }).default(120_000),
    quiet: z
      .array(Hours)
      .refine((all) => !neverEnd(all), 'must leave some of the week: what is held back in these hours is told at their end')
      .default([]),
    maintenance: z.array(MaintenanceHours).default([]),
    watchdog: Watchdog.exactOptional(),
    routes: z.array(Rule).default([]),
    autoApply: z.array(AutoApply).default([]),
  })
  .refine(({ listen, watch }) => listen !== undefined || watch !== undefined, {
    path: ['listen'],
    error: 'is missing, and watch too: no alert would ever be heard of',
  })
  .refine(({ listen, token }) => listen === undefined || token !== undefined || listen.tls?.clients !== undefined, {
    path: ['token'],
    error: 'is missing, and listen.tls.clients too: anybody could tell of alerts',
  })
  .refine(({ watchdog, listen }) => watchdog === undefined || listen !== undefined, {
    path: ['listen'],
    error: 'is missing: the watchdog is waited for there, because messages in a watched channel do not tell of it',
  })
  .refine(({ watch, alertmanager }) => watch === undefined || alertmanager !== undefined, {
    path: ['alertmanager'],
    error: 'is missing: messages in a watched channel do not say what their alerts are about, so Alertmanager is asked',
  })
  .transform(({ gatherFor, window, settleFor, ...settings }) => ({
    ...settings,
    gatherForMs: gatherFor,
    windowMs: window,
    settleForMs: settleFor,
  })) satisfies z.ZodType<IncidentSettings>;

export type AlertSettings = z.output<typeof AlertSettings>;

function minutes<T extends { readonly from: number; readonly to: number }>({ from, to, ...rest }: T) {
  return { ...rest, fromMinute: from, toMinute: to };
}

function differ({ from, to }: { readonly from: number; readonly to: number }): boolean {
  return from !== to;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
