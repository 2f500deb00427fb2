import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Webhooks } from '../../handlers/webhooks/index.ts';
import { authorityIn, type Certificate } from '../../test/certificates.ts';
import { AlertSettings } from '../config/alert-schema.ts';
import { createSecrets, systemSources } from '../config/secrets.ts';
import { createLog } from '../log.ts';
import { openAlertListener } from './alert-listener.ts';

const MINUTES_MS = 10 * 60_000;

let directory: string;
let lines: string[];
let opened: Webhooks[];
const path = (file: string) => join(directory, file);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-alert-listener-'));
  writeFileSync(path('token'), 'the-token\n');
  [lines, opened] = [[], []];
});

afterEach(async () => {
  vi.useRealTimers();
  for (const webhooks of opened) await webhooks.close();
  rmSync(directory, { recursive: true, force: true });
});

function settings(listen: object): AlertSettings {
  const parsed = AlertSettings.parse({ channel: 'C0EXAMPLE01', token: `file:${path('token')}`, listen });
  // The schema has no port 0, which means any that is free.
  return parsed.listen === undefined ? parsed : { ...parsed, listen: { ...parsed.listen, port: 0 } };
}

async function open(listen: object): Promise<Webhooks> {
  const secrets = createSecrets(systemSources());
  const log = createLog({ secrets: secrets.known, write: (line) => lines.push(line) });
  const webhooks = await openAlertListener(settings(listen), { secrets, accept: async () => ({ kind: 'kept' }), log });
  if (webhooks === undefined) throw new Error('There is no listener.');
  opened.push(webhooks);
  return webhooks;
}

function write({ certificate, key }: Certificate): void {
  writeFileSync(path('listener.crt'), certificate);
  writeFileSync(path('listener.key'), key);
}

const tls = () => ({ certificate: path('listener.crt'), key: `file:${path('listener.key')}` });

/** The status of an answer to somebody who trusts this authority. */
async function post(port: number, ca: string, token = 'the-token'): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const headers = { authorization: `Bearer ${token}` };
  const sending = request(
    { host: '127.0.0.1', port, ca, method: 'POST', path: '/alertmanager', headers, agent: false },
    (response) => resolve(response.resume().statusCode),
  );
  sending.once('error', reject).end('{}');
  return promise;
}

test('there is no listener where the settings ask for none', async () => {
  const watch = { channels: ['C0EXAMPLE01'] };
  const none = AlertSettings.parse({ channel: 'C0EXAMPLE01', watch, alertmanager: { url: 'http://127.0.0.1:9093' } });
  const secrets = createSecrets(systemSources());
  const log = createLog({ secrets: secrets.known, write: (line) => lines.push(line) });
  expect(await openAlertListener(none, { secrets, accept: async () => ({ kind: 'kept' }), log })).toBeUndefined();
});

test('the listener knows its token and its certificate from where they are kept', async () => {
  const authority = authorityIn(directory, 'one');
  write(authority.issue('listener'));
  const { port } = await open({ tls: tls() });
  expect(await post(port, authority.certificate)).toBe(200);
});

test('a certificate that is renewed in its file is shown without a restart; one that cannot be read leaves the old one', async () => {
  const [first, second] = [authorityIn(directory, 'first'), authorityIn(directory, 'second')];
  write(first.issue('listener'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { port } = await open({ tls: tls() });
  writeFileSync(path('listener.crt'), 'no certificate');
  vi.advanceTimersByTime(MINUTES_MS);
  await vi.waitFor(() => expect(lines.join('')).toContain('the certificate of the listener of alerts cannot be renewed'));
  expect(await post(port, first.certificate)).toBe(200);
  write(second.issue('listener'));
  vi.advanceTimersByTime(MINUTES_MS);
  await vi.waitFor(async () => expect(await post(port, second.certificate)).toBe(200));
});

test('a token that is renewed in its file is good without a restart, and the one before it until it is read once more', async () => {
  const { certificate, issue } = authorityIn(directory, 'one');
  write(issue('listener'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { port } = await open({ tls: tls() });
  const statuses = async () => [await post(port, certificate), await post(port, certificate, 'the-next')];
  expect(await statuses()).toEqual([200, 401]);
  writeFileSync(path('token'), '');
  vi.advanceTimersByTime(MINUTES_MS);
  await vi.waitFor(() => expect(lines.join('')).toContain('the token of the listener of alerts cannot be renewed'));
  expect(await statuses()).toEqual([200, 401]);
  writeFileSync(path('token'), 'the-next\n');
  vi.advanceTimersByTime(MINUTES_MS);
  await vi.waitFor(async () => expect(await statuses()).toEqual([200, 200]));
  vi.advanceTimersByTime(MINUTES_MS);
  await vi.waitFor(async () => expect(await statuses()).toEqual([401, 200]));
  expect(lines.join('')).not.toContain('the-next');
});

test('a certificate that is not there is told with the setting that names it', async () => {
  await expect(open({ tls: tls() })).rejects.toThrow(/alerts\.listen\.tls cannot be read: .*listener\.crt/);
});

test('an address that this machine does not have is told with its setting', async () => {
  write(authorityIn(directory, 'one').issue('listener'));
  await expect(open({ address: '192.0.2.1', tls: tls() })).rejects.toThrow(/\(alerts\.listen\): .*EADDRNOTAVAIL/);
});
