import { describe, expect, test } from 'vitest';
import { addSilences, expireSilences, parseAlertmanagerStatus, parseApiAlerts, parseSilences } from './alertmanager.ts';

/** As Alertmanager 0.25 of Debian 12 wrote them. */
const ALERTS =
  '[{"annotations":{"summary":"x"},"endsAt":"2026-11-23T14:59:22.987Z","fingerprint":"488ca9ccea9b4259","receivers":[{"name":"bot"}],"startsAt":"2026-11-23T14:54:22.987Z","status":{"inhibitedBy":[],"silencedBy":[],"state":"active"},"updatedAt":"2026-11-23T14:54:22.987Z","generatorURL":"http://p/graph","labels":{"alertname":"NFSServerUnresponsive","severity":"critical"}},{"annotations":{},"endsAt":"2026-11-23T14:59:22.987Z","fingerprint":"cb8a81fc1ba7f4be","receivers":[{"name":"bot"}],"startsAt":"2026-11-23T14:54:22.987Z","status":{"inhibitedBy":["488ca9ccea9b4259"],"silencedBy":["70fcb2ff-eab7-416d-b4b5-62972281074f"],"state":"suppressed"},"updatedAt":"2026-11-23T14:54:22.987Z","labels":{"alertname":"MySQLDown","severity":"critical"}}]\n';
const SILENCES =
  '[{"id":"a9cb096b-746b-4ffc-a151-8097a25923b4","status":{"state":"active"},"updatedAt":"2026-11-23T14:54:23.039Z","comment":"w \\"q\\"","createdBy":"x","endsAt":"2026-11-24T14:54:23.038Z","matchers":[{"isEqual":true,"isRegex":false,"name":"alertname","value":"PVFilling\\"Up\\\\"}],"startsAt":"2026-11-23T14:54:23.039Z"},{"id":"70fcb2ff-eab7-416d-b4b5-62972281074f","status":{"state":"expired"},"updatedAt":"2026-11-23T14:54:24.211Z","comment":"why","createdBy":"viktor (storagebot-1)","endsAt":"2026-11-23T14:54:24.211Z","matchers":[{"isEqual":true,"isRegex":true,"name":"alertname","value":"PVFillingUp|A\\\\.B"}],"startsAt":"2026-11-23T14:54:23.017Z"}]\n';
const STATUS =
  '{"cluster":{"peers":[],"status":"disabled"},"config":{"original":"route:\\n  receiver: bot\\n"},"uptime":"2026-11-23T14:50:17.032Z","versionInfo":{"branch":"debian/sid","buildDate":"20230409-09:50:43","buildUser":"team+pkg-go@tracker.debian.org","goVersion":"go1.19.8","revision":"0.25.0-1+b4","version":"0.25.0"}}\n';
const DATE = 'Date: Mon, 23 Nov 2026 14:54:24 GMT\n';

describe('what fires', () => {
  test('is told with who is told of it; that it ends in some minutes is only said as long as nobody repeats it', () => {
    const at = Date.UTC(2026, 10, 23, 14, 54, 22, 987);
    const common = { source: 'alertmanager', startsAt: at, updatedAt: at };
    expect(parseApiAlerts(ALERTS)).toEqual([
      {
        ...common,
        fingerprint: '488ca9ccea9b4259',
        name: 'NFSServerUnresponsive',
        labels: { alertname: 'NFSServerUnresponsive', severity: 'critical' },
        annotations: { summary: 'x' },
        generatorUrl: 'http://p/graph',
        state: 'active',
        silencedBy: [],
        inhibitedBy: [],
        receivers: ['bot'],
      },
      {
        ...common,
        fingerprint: 'cb8a81fc1ba7f4be',
        name: 'MySQLDown',
        labels: { alertname: 'MySQLDown', severity: 'critical' },
        annotations: {},
        state: 'suppressed',
        silencedBy: ['70fcb2ff-eab7-416d-b4b5-62972281074f'],
        inhibitedBy: ['488ca9ccea9b4259'],
        receivers: ['bot'],
      },
    ]);
  });

  test('may have no name, as a program may send it that is none of Prometheus: it hides no other', () => {
    const nameless = ALERTS.replace('"alertname":"MySQLDown",', '');
    expect(nameless).not.toBe(ALERTS);
    expect(parseApiAlerts(nameless).map(({ name }) => name)).toEqual(['NFSServerUnresponsive', 'an alert without a name']);
  });

  test('can be nothing', () => {
    expect(parseApiAlerts('[]\n')).toEqual([]);
  });

  test.each([
    ['no list', '{}', 'expected array'],
    ['another state', ALERTS.replace('"active"', '"new"'), 'active'],
    ['a time that is none', ALERTS.replace('"startsAt":"2026', '"startsAt":"26'), 'datetime'],
    ['a fingerprint that is none', ALERTS.replace('488ca9ccea9b4259', '4'), 'no fingerprint'],
    ['nothing', '', 'JSON'],
    ['half of it', ALERTS.slice(0, 300), 'JSON'],
  ])('is unreadable with %s', (_what, text, says) => {
    expect(text).not.toBe(ALERTS);
    expect(() => parseApiAlerts(text)).toThrow(says);
  });
});

describe('silences', () => {
  const parse = (stdout: string, stderr = DATE) => parseSilences({ exitCode: 0, stdout, stderr });

  test('are those that have not ended, and the time there', () => {
    const { silences, nowMs } = parse(SILENCES);
    expect(nowMs).toBe(Date.UTC(2026, 10, 23, 14, 54, 24));
    expect(silences).toMatchObject([
      {
        id: 'a9cb096b-746b-4ffc-a151-8097a25923b4',
        state: 'active',
        matchers: [{ name: 'alertname', value: 'PVFilling"Up\\', isRegex: false, isEqual: true }],
        endsAt: Date.UTC(2026, 10, 24, 14, 54, 23, 38),
        createdBy: 'x',
      },
    ]);
  });

  test.each([
    ['without a time', SILENCES, '', 'what time it is'],
    ['with a time that is none', SILENCES, 'Date: soon\n', 'what time it is'],
    ['in another state', SILENCES.replace('expired', 'gone'), DATE, 'expired'],
    ['that are no list', '{}', DATE, 'expected array'],
  ])('are unreadable %s', (_what, stdout, stderr, says) => {
    expect(() => parse(stdout, stderr)).toThrow(says);
  });
});

test('its status says whether it has peers, and since when it runs', () => {
  const startedAt = Date.UTC(2026, 10, 23, 14, 50, 17, 32);
  expect(parseAlertmanagerStatus(STATUS)).toEqual({ cluster: 'disabled', peers: 0, version: '0.25.0', startedAt });
  expect(() => parseAlertmanagerStatus('{"status":"success"}')).toThrow('versionInfo');
});

test('a silence is refused that would be of every alert without the label, or of a label that there cannot be', () => {
  const silence = { durationMs: 1, createdBy: 'x', comment: 'x' };
  const well = [{ name: 'alertname', values: ['A'] }] as const;
  for (const bad of [[{ name: 'namespace', values: [''] }], [{ name: 'a-b', values: ['c'] }]] as const) {
    expect(() => addSilences({ ...silence, each: [well, bad] })).toThrow('A silence is for labels');
    expect(() => expireSilences('x', [well, bad])).toThrow('A silence is for labels');
  }
  expect(() => expireSilences('', [well])).toThrow('has a name');
});
