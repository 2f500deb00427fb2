import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../test/tree.ts';
import { readAlertmanager } from './alertmanager-webhook.ts';
import { readGrafana } from './grafana-webhook.ts';
import { UnreadableNotification } from './webhook-body.ts';

const fixture = (path: string): unknown => JSON.parse(readFileSync(join(root, 'test/fixtures', path), 'utf8'));
const recordings = readdirSync(join(root, 'test/fixtures/alertmanager')).filter((name) => name.endsWith('.json'));
const recording = (number: number) => fixture(`alertmanager/${recordings[number - 1]}`);

describe('a notification of Alertmanager 0.25', () => {
  test('is read in each form that was recorded: what it names as firing has no end, what is resolved has one', () => {
    expect(recordings).toHaveLength(8);
    const told = recordings.map((name) => readAlertmanager(fixture(`alertmanager/${name}`)).alerts);
    expect(told.map((alerts) => alerts.map(({ endsAt }) => endsAt !== undefined))).toEqual([
      [false],
      [true],
      [false, false, false],
      [true, true, true],
      [false],
      [false, false, false],
      [true, false, false],
      [true, true],
    ]);
  });

  test('is read whole', () => {
    expect(readAlertmanager(recording(2))).toEqual({
      receiver: 'bot',
      groupKey: '{}:{alertname="KubePersistentVolumeFillingUp", namespace="apps"}',
      truncated: 0,
      unreadable: [],
      alerts: [
        {
          source: 'alertmanager',
          fingerprint: 'ca85317cd08db3ba',
          name: 'KubePersistentVolumeFillingUp',
          labels: {
            alertname: 'KubePersistentVolumeFillingUp',
            namespace: 'apps',
            node: 'k8s-node1',
            persistentvolumeclaim: 'media',
            severity: 'critical',
          },
          annotations: {
            description: 'The PersistentVolume claimed by media in Namespace apps is only 2.1% free.',
            summary: 'PV filling up',
          },
          startsAt: Date.UTC(2026, 10, 22, 16, 32, 17, 491),
          endsAt: Date.UTC(2026, 10, 22, 16, 32, 22, 491),
          generatorUrl: 'http://prometheus.example/graph?g0.expr=x',
        },
      ],
    });
  });

  test('names no place to look at where the sender gave none', () => {
    expect(readAlertmanager(recording(3)).alerts[0]).not.toHaveProperty('generatorUrl');
  });
});

/** The first recording, with its alert changed. */
function changed(change: object, alert: object = {}): object {
  const body = recording(1);
  if (typeof body !== 'object' || body === null || !('alerts' in body) || !Array.isArray(body.alerts))
    throw new Error('no recording');
  return { ...body, ...change, alerts: body.alerts.map((one: object) => ({ ...one, ...alert })) };
}

describe('an alert', () => {
  const read = (alert: object) => readAlertmanager(changed({}, alert)).alerts[0];

  test('that fires has no end, even one in the future', () => {
    expect(read({ endsAt: '2099-01-01T00:00:00Z' })).not.toHaveProperty('endsAt');
  });

  test('that is resolved and does not say since when is over', () => {
    const alert = read({ status: 'resolved', endsAt: '0001-01-01T00:00:00Z' });
    expect(alert?.endsAt).toBe(alert?.startsAt);
  });

  test('that ended before it began, by clocks that differ, keeps its end', () => {
    const alert = read({ status: 'resolved', endsAt: '2026-11-22T16:00:00Z' });
    expect(alert?.endsAt).toBeLessThan(alert?.startsAt ?? 0);
  });

  test('may have no name', () => {
    expect(read({ labels: { severity: 'critical' } })?.name).toBe('an alert without a name');
  });

  test('leads nowhere but to web pages', () => {
    expect(read({ generatorURL: 'javascript:alert(1)' })).not.toHaveProperty('generatorUrl');
  });
});

test('a notification of Grafana is read in the documented form', () => {
  const { alerts, truncated } = readGrafana(fixture('grafana/webhook-documented.json'));
  expect(truncated).toBe(3);
  expect(alerts).toMatchObject([
    { source: 'grafana', name: 'Claims are filling up', startsAt: Date.UTC(2026, 10, 22, 16, 32, 37, 414) },
    { source: 'grafana', name: 'DatasourceError', endsAt: Date.UTC(2026, 10, 22, 16, 30) },
  ]);
  expect(alerts[0]).not.toHaveProperty('endsAt');
});

describe('what is no notification is refused, and nothing of it is repeated', () => {
  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /^it: /],
    ['a list', [], /^it: /],
    ['another version', changed({ version: 'canary' }), /another version than 4/],
    ['the form of Grafana', fixture('grafana/webhook-documented.json'), /another version than 4/],
    ['no alerts', { ...changed({}), alerts: null }, /^alerts: /],
    ['a status that nobody knows', changed({}, { status: 'canary' }), /^alerts\.0\.status: /],
    ['a label that is no text', changed({}, { labels: { canary: 1 } }), /^alerts\.0\.labels/],
    ['a time that is none', changed({}, { startsAt: 'canary' }), /^alerts\.0\.startsAt: is no time/],
    ['a day without a time', changed({}, { endsAt: '2026-11-22' }), /^alerts\.0\.endsAt: is no time/],
    ['a fingerprint that is none', changed({}, { fingerprint: 'canary' }), /^alerts\.0\.fingerprint: /],
    ['fewer than no alerts left out', changed({ truncatedAlerts: -1 }), /^truncatedAlerts: /],
  ])('%s', (_what, body, says) => {
    const reading = () => readAlertmanager(body);
    expect(reading).toThrow(UnreadableNotification);
    expect(reading).toThrow(says);
    expect(reading).not.toThrow(/canary/);
  });
});

test('one alert that cannot be read leaves the others of its notification readable, and nothing of it is repeated', () => {
  const whole = fixture('alertmanager/alertmanager-webhook-03-firing-3alerts.json');
  const broken: unknown = JSON.parse(JSON.stringify(whole).replace('"startsAt":"', '"startsAt":"canary'));
  const told = readAlertmanager(broken);
  expect(told.alerts).toEqual(readAlertmanager(whole).alerts.slice(1));
  expect(told.unreadable).toEqual(['alerts.0.startsAt: is no time']);
});
