import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { changed, everyOption, exampleText } from '../../test/example-config.ts';
import { configuredSecrets } from '../app/configured-secrets.ts';
import { parseConfig } from './config.ts';

const watched = {
  channel: 'C0EXAMPLE01',
  watch: { channels: ['C0EXAMPLE02'] },
  alertmanager: { url: 'http://alertmanager.monitoring.svc:9093' },
};
const listening = { channel: 'C0EXAMPLE01', listen: { port: 9099 }, token: 'env:ALERTS_TOKEN' };
const tls = { certificate: '/etc/alerts.crt', key: 'file:/run/alerts.key' };

function withAlerts(alerts: unknown) {
  return parseConfig(stringify({ ...parse(exampleText), alerts }));
}

describe('alerts', () => {
  test('need not be configured', () => {
    expect(parseConfig(exampleText).alerts).toBeUndefined();
  });

  test('have times that are right for most where nothing is said, and nothing that is applied by itself', () => {
    const { gatherForMs, windowMs, settleForMs, autoApply, quiet, routes, listen } = withAlerts(listening).alerts ?? {};
    expect([gatherForMs, windowMs, settleForMs]).toEqual([30_000, 600_000, 120_000]);
    expect([autoApply, quiet, routes]).toEqual([[], [], []]);
    expect(listen).toEqual({ address: '127.0.0.1', port: 9099 });
  });

  test.each<[string, object]>([
    ['at the machine itself with a token', listening],
    ['in a watched channel only', watched],
    [
      'with certificates in place of a token',
      { ...watched, listen: { address: '0.0.0.0', tls: { ...tls, clients: '/etc/ca.pem' } } },
    ],
    ['with TLS and a token', { ...listening, listen: { address: '::', tls } }],
    ['at the IPv6 address of the machine itself', { ...listening, listen: { address: '::1' } }],
  ])('are heard of %s', (_what, section) => {
    expect(withAlerts(section).alerts).toMatchObject({ channel: 'C0EXAMPLE01' });
  });

  test.each<[string, object, string]>([
    ['nobody to hear', { channel: 'C0EXAMPLE01' }, 'no alert would ever be heard of'],
    ['a listener that trusts everybody', { ...listening, token: undefined }, 'anybody could tell of alerts'],
    ['a token that crosses the network readable', { ...listening, listen: { address: '0.0.0.0' } }, 'listen.tls is missing'],
    ['a watched channel and nobody to ask', { ...watched, alertmanager: undefined }, 'alertmanager is missing'],
    ['a token that stands in the file', { ...listening, token: 'abc' }, 'must be a reference to a secret'],
    [
      'a private key that stands in the file',
      { ...listening, listen: { tls: { ...tls, key: 'abc' } } },
      'must be a reference to a secret',
    ],
    ['the name of a channel', { ...listening, channel: '#alerts' }, 'must be the id of a channel'],
    [
      'a time zone that there is not',
      { ...listening, quiet: [{ from: '22:00', to: '07:00', timeZone: 'Mars/Olympus' }] },
      'IANA',
    ],
    ['an hour that there is not', { ...listening, quiet: [{ from: '24:00', to: '07:00' }] }, 'must be a time of day'],
    ['hours of no length', { ...listening, quiet: [{ from: '07:00', to: '07:00' }] }, 'must be another time than from'],
    [
      'quiet hours that never end',
      {
        ...listening,
        quiet: [
          { from: '00:00', to: '12:00' },
          { from: '12:00', to: '00:00' },
        ],
      },
      'alerts.quiet must leave some of the week',
    ],
    [
      'a watchdog that nobody can hear',
      { ...watched, watchdog: { alert: 'Watchdog', every: '5m' } },
      'alerts.listen is missing: the watchdog is waited for there',
    ],
    [
      'a day that there is not',
      { ...listening, quiet: [{ days: ['monday'], from: '22:00', to: '07:00' }] },
      'must be one of mon',
    ],
    ['maintenance without a reason', { ...listening, maintenance: [{ from: '01:00', to: '02:00' }] }, 'reason is missing'],
    ['a rule that does nothing', { ...listening, routes: [{ alert: 'A' }] }, 'must have either run or ignore'],
    ['a rule that does both', { ...listening, routes: [{ run: 'triage', ignore: 'known' }] }, 'must have either run or ignore'],
    [
      'a group that answers for what is applied',
      { ...listening, autoApply: [{ runbook: 'a', perHour: 1, allowedBy: 'S0EXAMPLE01' }] },
      'Slack user',
    ],
    [
      'no limit for what is applied',
      { ...listening, autoApply: [{ runbook: 'a', allowedBy: 'U0EXAMPLE01' }] },
      'perHour is missing',
    ],
    ['a setting that there is not', { ...listening, chanel: 'C0EXAMPLE01' }, 'did you mean channel?'],
  ])('are refused with %s', (_what, section, says) => {
    expect(() => withAlerts(section)).toThrow(says);
  });

  test('are told in a channel in which people may answer', () => {
    const text = changed((file) => {
      file.slack.channels = ['C0EXAMPLE09'];
    });
    expect(() => parseConfig(text)).toThrow('alerts.channel is not among slack.channels');
    expect(() => parseConfig(changed((file) => void Reflect.deleteProperty(file, 'slack')))).toThrow(
      'alerts.channel is a channel of Slack',
    );
  });

  test('have hours in minutes after midnight, and rules as words', () => {
    const { quiet, maintenance, routes, watchdog } = parseConfig(everyOption).alerts ?? {};
    expect(quiet).toEqual([
      { days: ['mon', 'tue', 'wed', 'thu', 'fri'], fromMinute: 1_320, toMinute: 420, timeZone: 'Europe/London' },
    ]);
    expect(maintenance).toMatchObject([{ days: ['sun'], reason: 'the weekly backup' }]);
    expect(routes?.map(({ what }) => what)).toEqual([{ ignore: 'full by design' }, { run: ['diagnose', 'nfs', '{namespace}'] }]);
    expect(watchdog).toEqual({ alert: 'Watchdog', everyMs: 300_000 });
  });

  test('have their secrets among those that are taken out of texts', () => {
    const alertmanager = { url: 'https://alertmanager.lan', token: 'env:ALERTMANAGER_TOKEN' };
    const config = withAlerts({ ...listening, alertmanager, listen: { address: '0.0.0.0', tls } });
    const secrets = configuredSecrets(config);
    expect(secrets).toContainEqual({ from: 'env', name: 'ALERTS_TOKEN' });
    expect(secrets).toContainEqual({ from: 'env', name: 'ALERTMANAGER_TOKEN' });
    expect(secrets).toContainEqual({ from: 'file', path: '/run/alerts.key' });
  });
});
