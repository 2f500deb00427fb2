import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimGrowth, claimsBefore, claimUsage, poolFreeBefore, poolGrowth } from '../../src/commands/prometheus.ts';
import { createPrometheus, type Prometheus } from '../../src/connectors/prometheus/index.ts';
import type { Read } from '../../src/core/command.ts';
import { prometheus } from '../../src/core/command.ts';
import { readerOver } from '../../src/core/reading.ts';
import { evaluate, type Series } from '../lab/site/promql.ts';
import { peer } from '../peers.ts';

const server = peer('prometheus');
const tool = peer('promtool');

const MIB = 2 ** 20;
const STEP_S = 900;
const DAY_S = 86_400;
/** A claim that loses a mebibyte each quarter of an hour, and lost more on another node; one that stays; one of three hours ago. */
const CLAIMS = [
  { namespace: 'novelapp', claim: 'novelapp-data', node: 'k8s-node1', freeMib: 4_000, perStep: 1, sinceS: 8 * DAY_S, untilS: 0 },
  {
    namespace: 'novelapp',
    claim: 'novelapp-data',
    node: 'k8s-node5',
    freeMib: 10,
    perStep: 9,
    sinceS: 8 * DAY_S,
    untilS: 36_000,
  },
  { namespace: 'dbaas', claim: 'pg-cluster-1', node: 'k8s-node3', freeMib: 9_000, perStep: 0, sinceS: 8 * DAY_S, untilS: 0 },
  { namespace: 'dbaas', claim: 'pg-cluster-1', node: 'k8s-node4', freeMib: 9_000, perStep: 0, sinceS: 8 * DAY_S, untilS: 0 },
  { namespace: 'ebooks', claim: 'calibre', node: 'k8s-node2', freeMib: 500, perStep: 1, sinceS: 3 * 3_600, untilS: 0 },
] as const;

/** Eight days of figures in the text form of OpenMetrics, the last one of this minute. */
function history(nowS: number): string {
  const times = Array.from({ length: (8 * DAY_S) / STEP_S + 1 }, (_, index) => nowS - index * STEP_S).toReversed();
  const gauge = (name: string, at: (one: (typeof CLAIMS)[number], stepsAgo: number) => number) => [
    `# TYPE kubelet_volume_stats_${name} gauge`,
    ...CLAIMS.flatMap((one) =>
      times
        .filter((time) => nowS - time <= one.sinceS && nowS - time >= one.untilS)
        .map((time) => {
          const labels = `namespace="${one.namespace}",persistentvolumeclaim="${one.claim}",node="${one.node}",job="kubelet"`;
          return `kubelet_volume_stats_${name}{${labels}} ${at(one, (nowS - time) / STEP_S)} ${time}`;
        }),
    ),
  ];
  const pool = times.map(
    (time) => `lvm_snapshot_thinpool_free_pct{job="lvm-pvc-snapshot"} ${40 + (nowS - time) / DAY_S} ${time}`,
  );
  return [
    ...gauge('available_bytes', ({ freeMib, perStep }, ago) => (freeMib + perStep * ago) * MIB),
    ...gauge('capacity_bytes', () => 20_480 * MIB),
    ...gauge('inodes', () => 1_310_720),
    ...gauge('inodes_used', () => 4_107),
    '# TYPE lvm_snapshot_thinpool_free_pct gauge',
    ...pool,
    '# EOF',
    '',
  ].join('\n');
}

/** The same figures for the simulated Prometheus. */
function seriesAt(nowS: number): Series[] {
  const at =
    (sinceS: number, value: (agoS: number) => number, untilS: number = 0) =>
    (timeMs: number) => {
      const agoS = nowS - timeMs / 1_000;
      return agoS > sinceS || agoS < untilS ? undefined : value(agoS);
    };
  const ofClaims = CLAIMS.flatMap(({ namespace, claim, node, freeMib, perStep, sinceS, untilS }) => {
    const labels = { namespace, persistentvolumeclaim: claim, node, job: 'kubelet' };
    const of = (name: string, value: (agoS: number) => number): Series => ({
      labels: { __name__: `kubelet_volume_stats_${name}`, ...labels },
      at: at(sinceS, value, untilS),
    });
    return [
      of('available_bytes', (agoS) => (freeMib + (perStep * agoS) / STEP_S) * MIB),
      of('capacity_bytes', () => 20_480 * MIB),
      of('inodes', () => 1_310_720),
      of('inodes_used', () => 4_107),
    ];
  });
  const labels = { __name__: 'lvm_snapshot_thinpool_free_pct', job: 'lvm-pvc-snapshot' };
  return [...ofClaims, { labels, at: at(8 * DAY_S, (agoS) => 40 + agoS / DAY_S) }];
}

async function freePort(): Promise<number> {
  const one = createServer();
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  const { port } = one.address() as AddressInfo;
  await new Promise((closed) => one.close(closed));
  return port;
}

describe.skipIf(!server.found || !tool.found)('a real Prometheus with a week of figures', { timeout: 60_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'storagebot-prometheus-'));
  let process_: ChildProcess;
  let connector: Prometheus;
  const beganS = Math.floor(Date.now() / 1_000);

  beforeAll(async () => {
    if (!server.found || !tool.found) return;
    const data = join(directory, 'data');
    mkdirSync(data);
    writeFileSync(join(directory, 'metrics.txt'), history(beganS));
    writeFileSync(join(directory, 'prometheus.yml'), 'scrape_configs: []\n');
    execFileSync(tool.path, ['tsdb', 'create-blocks-from', 'openmetrics', join(directory, 'metrics.txt'), data]);
    const port = await freePort();
    const flags = [`--config.file=${join(directory, 'prometheus.yml')}`, `--storage.tsdb.path=${data}`];
    process_ = spawn(server.path, [...flags, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
    connector = createPrometheus({ url: `http://127.0.0.1:${port}` });
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline && !('exitCode' in (await connector.read(prometheus('vector(1)'))))) await sleep(100);
  }, 60_000);

  afterAll(async () => {
    await connector?.close();
    if (process_ !== undefined) {
      process_.kill();
      await once(process_, 'exit');
    }
    rmSync(directory, { recursive: true, force: true });
  });

  async function ask<T>(question: Read<T>): Promise<T> {
    const seen = await readerOver((command) => {
      if (command.via !== 'prometheus') throw new Error('Only Prometheus is asked here');
      return connector.read(command);
    })(question);
    if (!seen.known) throw new Error(seen.why.says);
    return seen.value;
  }

  test('says how full each claim is, once where several nodes measure it', async () => {
    const all = (await ask(claimUsage())).toSorted((a, b) => a.claim.localeCompare(b.claim));
    const same = { capacityBytes: 20_480 * MIB, inodes: 1_310_720, inodesUsed: 4_107 };
    expect(all).toEqual([
      { namespace: 'ebooks', claim: 'calibre', availableBytes: 500 * MIB, ...same },
      { namespace: 'novelapp', claim: 'novelapp-data', availableBytes: 4_000 * MIB, ...same },
      { namespace: 'dbaas', claim: 'pg-cluster-1', availableBytes: 9_000 * MIB, ...same },
    ]);
  });

  test('says how fast each fills, and which were there a day before', async () => {
    const slopes = new Map((await ask(claimGrowth('1d'))).map(({ claim, value }) => [claim, value]));
    expect(slopes.get('novelapp-data')).toBeCloseTo(-MIB / STEP_S, 3);
    expect(slopes.get('pg-cluster-1')).toBeCloseTo(0, 3);
    const before = new Map((await ask(claimsBefore('1d'))).map(({ claim, value }) => [claim, value]));
    expect([...before.keys()].toSorted()).toEqual(['novelapp-data', 'pg-cluster-1']);
    expect((before.get('novelapp-data') ?? 0) / MIB).toBeCloseTo(4_096, -1);
  });

  test('says how the thin pool was and is', async () => {
    expect((await ask(poolGrowth('7d'))) ?? 0).toBeCloseTo(-1 / DAY_S, 7);
    expect(await ask(poolFreeBefore('7d'))).toBeCloseTo(47, 0);
  });

  test.each([claimUsage(), claimsBefore('1d'), claimGrowth('1d'), claimGrowth('6h'), poolGrowth('7d'), poolFreeBefore('7d')])(
    'answers as the simulated one does: $asks',
    async ({ command }) => {
      if (command.via !== 'prometheus') throw new Error('Only Prometheus is asked here');
      const outcome = await connector.read(command);
      const { result } = JSON.parse('stdout' in outcome ? outcome.stdout : '{}') as {
        result: { metric: object; value: [number, string] }[];
      };
      const real = result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
      const simulated = evaluate(command.query, seriesAt(beganS), beganS * 1_000);
      const byName = (all: readonly { metric: object; value: number }[]) =>
        new Map(
          all.map(({ metric, value }) => [
            JSON.stringify(Object.entries(metric).toSorted(([a], [b]) => a.localeCompare(b))),
            value,
          ]),
        );
      expect([...byName(simulated).keys()].toSorted()).toEqual([...byName(real).keys()].toSorted());
      for (const [name, value] of byName(simulated)) {
        const difference = Math.abs(value - (byName(real).get(name) ?? Number.NaN));
        expect(difference).toBeLessThanOrEqual(Math.max(2 * MIB * Number(Math.abs(value) > MIB), Math.abs(value) * 0.02));
      }
    },
  );

  test('refuses what is no PromQL in words, which is an answer', async () => {
    const outcome = await connector.read(prometheus('max by ('));
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('query error: bad_data: ') });
  });
});
