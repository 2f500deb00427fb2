import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { exampleText } from '../../test/example-config.ts';
import { configuredSecrets } from '../app/configured-secrets.ts';
import { parseConfig } from './config.ts';
import { siteOf } from './site.ts';

function withSection(prometheus: unknown, capacity?: unknown) {
  const example = parse(exampleText);
  const site = capacity === undefined ? example.site : { ...example.site, capacity };
  return parseConfig(stringify({ ...example, site, prometheus }));
}

describe('Prometheus', () => {
  test('need not be configured', () => {
    expect(parseConfig(exampleText).prometheus).toBeUndefined();
  });

  test.each([
    { url: 'http://prometheus-server.monitoring.svc' },
    { url: 'http://127.0.0.1:9090/prometheus', token: 'env:PROMETHEUS_TOKEN' },
    { url: 'https://prometheus.example.net', ca: '/etc/ca.pem', token: 'file:/run/secrets/token' },
  ])('is reached as %j', (section) => {
    expect(withSection(section).prometheus).toMatchObject({ url: section.url });
  });

  test.each([
    [
      'a token over a way that others can read',
      { url: 'http://prometheus.lan', token: 'env:T' },
      'must be https: the token goes there',
    ],
    ['a token that stands in the file', { url: 'https://prometheus.lan', token: 'abc' }, 'must be a reference to a secret'],
    ['an authority where there is no TLS', { url: 'http://prometheus.lan', ca: '/etc/ca.pem' }, 'is of no use'],
    ['a password in its address', { url: 'https://me:secret@prometheus.lan' }, 'must have no user and password in it'],
    ['a query in its address', { url: 'https://prometheus.lan/?a=b' }, 'must have no query'],
    ['another protocol', { url: 'ftp://prometheus.lan' }, 'must be an http:// or https:// address'],
    ['a setting that there is not', { url: 'https://prometheus.lan', user: 'me' }, 'user'],
  ])('is refused with %s', (_what, section, says) => {
    expect(() => withSection(section)).toThrow(says);
  });

  test('has its token among the secrets that are taken out of texts', () => {
    const config = withSection({ url: 'https://prometheus.lan', token: 'env:PROMETHEUS_TOKEN' });
    expect(configuredSecrets(config)).toContainEqual({ from: 'env', name: 'PROMETHEUS_TOKEN' });
  });
});

describe('what is known of capacity', () => {
  test('keeps snapshots for seven days where nothing is said', () => {
    const { capacity } = siteOf(withSection(undefined, { knownFull: ['navidrome/navidrome-music'] }));
    expect(capacity).toEqual({ knownFull: ['navidrome/navidrome-music'], snapshotsKeptDays: 7 });
  });

  test.each([
    ['a claim without a namespace', { knownFull: ['music'] }, 'must be namespace/name of a claim'],
    ['snapshots that expire at once', { snapshotsKeptDays: 0 }, '1 or more'],
  ])('is refused with %s', (_what, section, says) => {
    expect(() => withSection(undefined, section)).toThrow(says);
  });
});
