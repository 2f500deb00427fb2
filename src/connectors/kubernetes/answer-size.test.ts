import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { newCertificates } from '../../../test/lab/kubernetes/certificate.ts';
import { pods } from '../../../test/lab/kubernetes/scenario.ts';
import { close, listen } from '../../../test/lab/port.ts';
import { kubernetes as commandOf } from '../../core/command.ts';
import { closers, connect, cordon, lab } from './fixtures/connected.ts';

const LIMIT = 32 * 2 ** 20;
const listPods = commandOf({ verb: 'list', resource: pods }, 20_000);

/** A server with a certificate of its own, which answers everything so, and what is asked of it. */
async function connectTo(answer: (response: ServerResponse, request: IncomingMessage) => unknown) {
  const { ca, key, certificate } = newCertificates();
  const asked: string[] = [];
  const server = createServer({ key, cert: certificate }, (request, response) => {
    asked.push(`${request.method}`);
    request.resume().once('end', () => answer(response, request));
  });
  const port = await listen(server, 0);
  closers.push(() => close(server));
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const config = lab.kubeconfig(lab.tokens.read).replace(lab.url, `https://127.0.0.1:${port}`);
  const connector = connect(config.replace(base64(lab.ca), base64(ca)));
  return { connector, asked };
}

/** As a list of pods begins and goes on without an end; `given` counts its bytes. */
function endless(given: { bytes: number }): Readable {
  const item = Buffer.from(`{"kind": "Pod", "metadata": {"name": "web", "annotations": {"note": "${'x'.repeat(60_000)}"}}},\n`);
  return Readable.from(
    (function* () {
      yield '{"kind": "PodList", "apiVersion": "v1", "items": [';
      for (;;) {
        given.bytes += item.length;
        yield item;
      }
    })(),
    { objectMode: false },
  );
}

test.each(['list', 'change'] as const)(
  'an answer to a %s that has no end is left at the limit, and nothing of it is believed',
  async (what) => {
    const given = { bytes: 0 };
    const ended = Promise.withResolvers<void>();
    const { connector, asked } = await connectTo((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      pipeline(endless(given), response).catch(() => ended.resolve());
    });
    const begun = performance.now();
    const outcome = await (what === 'list' ? connector.read(listPods) : connector.change({ ...cordon, timeoutMs: 20_000 }));
    expect(outcome).toMatchObject({ failed: 'cut', says: expect.stringContaining('is larger than 32 MiB') });
    expect(performance.now() - begun).toBeLessThan(15_000);
    await ended.promise;
    expect(given.bytes).toBeLessThan(LIMIT + 16 * 2 ** 20);
    expect(asked).toHaveLength(1);
  },
);

test('an answer is measured as it is unpacked', async () => {
  const given = { bytes: 0 };
  const { connector } = await connectTo((response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    pipeline(endless(given), createGzip(), response).catch(() => undefined);
  });
  expect(await connector.read(listPods)).toMatchObject({ failed: 'cut', says: expect.stringContaining('is larger than 32 MiB') });
});

test.each([
  ['plain', undefined],
  ['packed', 'gzip'],
])('the list of a site of 1,000 pods with all that their managers noted is whole: %s', async (_how, encoding) => {
  const managedFields = [{ manager: 'kubelet', fieldsV1: { 'f:status': 'ü'.repeat(7_000) } }];
  const items = Array.from({ length: 1_000 }, (_, index) => ({ kind: 'Pod', metadata: { name: `web-${index}`, managedFields } }));
  const body = JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
  expect(Buffer.byteLength(body)).toBeGreaterThan(14 * 1_000 * 1_000);
  const { connector } = await connectTo((response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    });
    response.end(encoding === undefined ? body : gzipSync(body));
  });
  const outcome = await connector.read(listPods);
  expect('stdout' in outcome && outcome.stdout === body).toBe(true);
});
