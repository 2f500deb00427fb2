import { setTimeout as sleep } from 'node:timers/promises';
import { type AlertsApi, startAlertsApi } from '../alerts-api.ts';
import { type App, freePort, openSurroundings, type Surroundings, storagebot } from '../apps.ts';
import type { Program } from '../program.ts';
import { type Figure, type Findings, mebibytes, ms } from '../report.ts';
import { percentile } from '../stats.ts';
import { alertsOf, batchesOf, CAUSES, notificationOf, type SentAlert } from '../storm-alerts.ts';

const STORM: StormSize = { alerts: 10_000, lastsMs: 60_000, killsAtMs: [20_000, 40_000] };
const CHANNEL = 'C0BENCH100';
const TOKEN = 'token-of-this-bench';
const PLACED_WITHIN_MS = 180_000;
const SAMPLE_MS = 500;

const LIMIT = { p99Ms: 250, bytes: 350_000_000 };

export interface StormSize {
  readonly alerts: number;
  readonly lastsMs: number;
  readonly killsAtMs: readonly number[];
}

/** 10,000 alerts in a minute from Alertmanager's place, while the bot is killed twice and asks its API as ever. */
export async function benchStorm(size: StormSize = STORM): Promise<Findings> {
  const around = openSurroundings();
  const api = await startAlertsApi();
  try {
    const port = await freePort();
    const listens = { channel: CHANNEL, listen: { port }, token: 'env:BENCH_ALERTS_TOKEN', gatherFor: '5s' };
    const sections = { alerts: { ...listens, alertmanager: { url: api.url } } };
    const options = { scenario: 'big-site', sections, env: { BENCH_ALERTS_TOKEN: TOKEN }, rateLimits: true };
    const app = await storagebot(around, 5, options);
    const all = alertsOf(size.alerts, await around.site.call('podsOnNas', app.siteId));
    const bot = await keepRunning(app);
    const storm = { ...size, url: `http://127.0.0.1:${port}/alertmanager`, all, api };
    const [latencies] = await Promise.all([send(storm), killWhileItLasts(bot, size)]);
    const over = performance.now();
    const threads = await placed(around, app, size);
    await lookedAt(api, over);
    const peakBytes = await bot.stop();
    const tooSoon = await around.slack.call('refusedAsTooSoon', app.workspace.id);
    return { figures: figuresOf({ size, latencies, threads, peakBytes, tooSoon }), notes: [] };
  } finally {
    await Promise.all([around.close(), api.close()]);
  }
}

const LOOKED_WITHIN_MS = 150_000;

/** The largest answer is that after the storm: twice, so that what the first one left is there with it. */
async function lookedAt(api: AlertsApi, sinceMs: number): Promise<void> {
  for (const deadline = performance.now() + LOOKED_WITHIN_MS; api.looksAfter(sinceMs) < 2; await sleep(500))
    if (performance.now() > deadline) throw new Error('The bot does not look at the API of Alertmanager each minute');
  await sleep(2_000);
}

interface Kept {
  readonly killAndStart: () => Promise<void>;
  /** Returns the most memory that it had. */
  readonly stop: () => Promise<number>;
}

async function keepRunning(app: App): Promise<Kept> {
  let program: Program | undefined = await app.start();
  let peakBytes = 0;
  const sampling = setInterval(() => {
    // Between a kill and the next start there is nothing to measure.
    void program?.residentBytes().then(
      (bytes) => (peakBytes = Math.max(peakBytes, Number.isFinite(bytes) ? bytes : 0)),
      () => undefined,
    );
  }, SAMPLE_MS);
  return {
    async killAndStart() {
      const victim = program;
      program = undefined;
      await victim?.kill();
      program = await app.start();
    },
    async stop() {
      clearInterval(sampling);
      await program?.stop();
      return peakBytes;
    },
  };
}

async function killWhileItLasts(bot: Kept, { killsAtMs }: StormSize): Promise<void> {
  const began = performance.now();
  for (const at of killsAtMs) {
    await sleep(Math.max(0, at - (performance.now() - began)));
    await bot.killAndStart();
  }
}

interface Storm extends StormSize {
  readonly url: string;
  readonly all: readonly SentAlert[];
  readonly api: AlertsApi;
}

/** Sends them evenly, each until it is taken. Returns the milliseconds of each request that was. */
async function send({ url, all, api, lastsMs }: Storm): Promise<readonly number[]> {
  const batches = batchesOf(all);
  const began = performance.now();
  return Promise.all(
    batches.map(async (batch, index) => {
      const body = JSON.stringify(notificationOf(batch));
      await sleep(Math.max(0, (index * lastsMs) / batches.length - (performance.now() - began)));
      api.add(batch);
      return untilTaken(url, body);
    }),
  );
}

const RETRY_MS = 500;

async function untilTaken(url: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  for (;;) {
    const began = performance.now();
    const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.ok === true) return performance.now() - began;
    if (answer !== undefined && answer.status < 500) throw new Error(`The webhook refuses a notification: ${answer.status}`);
    await sleep(RETRY_MS);
  }
}

/** What each thread says once all alerts are in one, or when it takes too long. */
async function placed({ slack }: Surroundings, { workspace }: App, { alerts }: StormSize): Promise<readonly string[]> {
  for (const deadline = performance.now() + PLACED_WITHIN_MS; ; await sleep(1_000)) {
    const threads = await slack.call('threads', workspace.id, CHANNEL);
    if (sum(threads.map(membersIn)) === alerts || performance.now() > deadline) return threads;
  }
}

/** As a thread counts its alerts: `3 of 9,500 alerts fire`. */
function membersIn(text: string): number {
  return Number(/\d+ of (\d+) alerts? fires?/.exec(text)?.[1] ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

interface Measured {
  readonly size: StormSize;
  readonly latencies: readonly number[];
  readonly threads: readonly string[];
  readonly peakBytes: number;
  readonly tooSoon: number;
}

function figuresOf({ size, latencies, threads, peakBytes, tooSoon }: Measured): readonly Figure[] {
  const notOne = CAUSES.filter((name) => threads.filter((text) => text.includes(name)).length !== 1).length;
  const missing = Math.abs(size.alerts - sum(threads.map(membersIn)));
  const p99 = percentile(latencies, 0.99);
  return [
    none(`alerts of ${size.alerts.toLocaleString('en')} that are not in exactly one thread`, missing),
    none('causes of 5 without exactly one thread', notOne),
    none('threads that are of none of them', Math.max(0, threads.length - CAUSES.length)),
    none('calls that Slack refused as too soon', tooSoon),
    within('webhook, p99', ms(p99), { limit: ms(LIMIT.p99Ms), ratio: p99 / LIMIT.p99Ms }),
    within('most memory', mebibytes(peakBytes), { limit: mebibytes(LIMIT.bytes), ratio: peakBytes / LIMIT.bytes }),
  ];
}

function none(what: string, count: number): Figure {
  return {
    what: `storm: ${what}`,
    storagebot: `${count}`,
    other: '0',
    against: ALLOWED,
    ratio: count,
    goal: { is: 'at most', ratio: 0 },
  };
}

function within(what: string, storagebot: string, { limit, ratio }: { limit: string; ratio: number }): Figure {
  return { what: `storm: ${what}`, storagebot, other: limit, against: ALLOWED, ratio, goal: { is: 'at most', ratio: 1 } };
}

const ALLOWED = 'the most that is allowed';
