import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { freePort } from './product.ts';

type Labels = Readonly<Record<string, string>>;

const Silences = z.array(
  z.object({
    status: z.object({ state: z.string() }),
    createdBy: z.string(),
    comment: z.string(),
    matchers: z.array(z.object({ name: z.string(), value: z.string() })),
  }),
);

const RECEIVER = 'slack-critical';

/** A real Alertmanager that tells nobody. `more` is added to its configuration. */
export async function startAlertmanager(program: string, more: Readonly<Record<string, unknown>> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-alertmanager-'));
  const file = join(directory, 'alertmanager.yml');
  writeFileSync(
    file,
    stringify({ route: { receiver: RECEIVER, group_by: ['alertname'] }, receivers: [{ name: RECEIVER }], ...more }),
  );
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.path=${directory}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const isReady = async () => (await fetch(`${url}/-/ready`).catch(() => ({ ok: false }))).ok;
  await vi.waitFor(async () => expect(await isReady()).toBe(true), { timeout: 20_000, interval: 50 });
  return {
    url,
    /** As Prometheus tells it; ended where this says so. */
    async fire(labels: Labels | readonly Labels[], endsAt?: Date) {
      const alerts = [labels].flat().map((each) => ({
        labels: each,
        annotations: { summary: 'The backup is old' },
        ...(endsAt && { endsAt: endsAt.toISOString() }),
      }));
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(alerts) });
      expect(answer.status).toBe(200);
    },
    silences: async () => Silences.parse(await (await fetch(`${url}/api/v2/silences`)).json()),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}
