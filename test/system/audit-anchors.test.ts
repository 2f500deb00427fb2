import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeRun } from './audit-site.ts';
import { anchored, anchorFile, anchors, site } from './audit-terminal.ts';

describe('anchors', () => {
  interface Received {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }

  async function receiver(answer: (count: number) => number) {
    const received: Received[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        const status = answer(received.length);
        if (status > 0) response.writeHead(status, { location: '/elsewhere' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const close = () => new Promise((resolve) => server.closeAllConnections() ?? server.close(resolve));
    return {
      received,
      url: `http://127.0.0.1:${port}/hook/canary-path`,
      [Symbol.asyncDispose]: async () => void (await close()),
    };
  }

  it('go to the file and to the address, and are remembered', async () => {
    await using server = await receiver(() => 204);
    writeRun(site, 'r1');
    const all = anchors({ url: server.url, token: 'canary-token' });
    all.anchor();
    await all.idle();
    const anchor = { at: 1_795_000_000_000, ...site.trail.head() };
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual(anchor);
    expect(server.received[0]?.headers.authorization).toBe('Bearer canary-token');
    expect(JSON.parse(readFileSync(anchorFile, 'utf8'))).toEqual(anchor);
    const memory = readFileSync(join(site.directory, 'audit.anchored'), 'utf8');
    const places = memory
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line).to);
    expect(new Set(places)).toEqual(new Set([new URL(server.url).host, `the file ${anchorFile}`]));
    all.close();
  });

  it.each([
    ['refuses', 500, 'answered with status 500'],
    ['redirects', 302, 'did not take it'],
    ['does not answer', 0, 'did not'],
  ])('are tried again where the address %s, and no error holds the token or the path', async (_what, status, says) => {
    await using server = await receiver((count) => (count === 1 ? status : 200));
    writeRun(site, 'r1');
    const all = anchors({ url: server.url, token: 'canary-token' });
    all.anchor();
    await all.idle();
    expect(all.problems().join()).toContain(says);
    expect(all.problems().join()).not.toContain('canary');
    await expect.poll(() => all.problems(), { timeout: 5000 }).toEqual([]);
    expect(JSON.parse(server.received.at(-1)?.body ?? '')).toMatchObject(site.trail.head());
    all.close();
  });

  it('that cannot be written are a problem until they can', async () => {
    const all = anchors(undefined, join(site.directory, 'not-there', 'anchors'));
    all.anchor();
    await all.idle();
    expect(all.problems()).toEqual([expect.stringMatching(/could not be anchored in the file .*ENOENT/)]);
    all.close();
  });

  it('keep apart from a line that a crash tore', async () => {
    writeFileSync(anchorFile, '{"at":17');
    await anchored();
    expect(readFileSync(anchorFile, 'utf8')).toMatch(/^\{"at":17\n\{"at":1795000000000,.*\}\n$/);
  });
});
