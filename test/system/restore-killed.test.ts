import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { APPROVE } from '../../src/slack/decision-value.ts';
import { isFull } from '../depth.ts';
import { at, type KubeObject } from '../lab/kubernetes/store.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { kind } from '../lab/site/volumes.ts';
import type { BotProcess, Product } from './product.ts';
import { APPROVER, CHANNEL, OPERATOR, startProduct, until } from './product.ts';

const TIMEOUT_MS = 180_000;
const LEFT_OUT = 'It takes half a minute; STORAGEBOT_TEST_DEPTH=full does it';
const WAITS_MS = 60_000;
const DUMP = 'dump_2026_04_03_00_00.sql.gz';
const JOBS = kind('batch/v1', 'jobs');

const Row = z.object({ round: z.number(), index: z.number(), status: z.string(), detail: z.string().nullable() });

/** What the journal on disk says of the steps of the only run. */
function stepsOf({ site }: Product): readonly z.output<typeof Row>[] {
  const database = new DatabaseSync(join(site.directory, 'state', 'storagebot.db'), { readOnly: true, timeout: 5_000 });
  try {
    return z.array(Row).parse(database.prepare('SELECT round, "index", status, detail FROM steps ORDER BY round, "index"').all());
  } finally {
    database.close();
  }
}

function stepNamed(product: Product, name: string): z.output<typeof Row> | undefined {
  return stepsOf(product).find(({ round, index }) => `${round}.${index + 1}` === name);
}

const Tagged = z.object({ event_payload: z.object({ part: z.string() }) });

/** The text of the card of one step, as people see it now. */
function cardOf({ slack }: Product, name: string): string {
  const all = slack.messages(CHANNEL).flatMap(({ ts }) => slack.messages(CHANNEL, ts));
  const card = all.find(({ metadata }) => Tagged.safeParse(metadata).data?.event_payload.part === `step ${name}`);
  return card === undefined ? '' : slack.text(card);
}

async function approve({ slack }: Product, name: string): Promise<void> {
  const card = await slack.waitFor(
    ({ blocks, metadata }) =>
      Tagged.safeParse(metadata).data?.event_payload.part === `step ${name}` && JSON.stringify(blocks).includes(APPROVE),
    WAITS_MS,
  );
  await slack.press(APPROVER, card.ts, CHANNEL, APPROVE);
}

/** The Job that the bot made for the restore; undefined before. */
function jobOf({ site }: Product): KubeObject | undefined {
  return site.world.store.list({ resource: JOBS, namespace: 'dbaas' }).find(({ metadata }) => metadata.name.endsWith('-restore'));
}

function endedAs(product: Product): string | undefined {
  const conditions = at(jobOf(product), 'status', 'conditions');
  return Array.isArray(conditions) ? String(at(conditions[0], 'type')) : undefined;
}

/** How often a Job was asked for, and how many there are of the bot. */
function timesMade({ site: { kubernetes, world } }: Product): Readonly<Record<string, number>> {
  const made = kubernetes.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/namespaces/dbaas/jobs'));
  const names = world.store.list({ resource: JOBS, namespace: 'dbaas' }).map(({ metadata }) => metadata.name);
  return { requests: made.length, jobs: names.filter((name) => name.startsWith('storagebot-')).length };
}

interface Restoring {
  readonly product: Product;
  readonly bot: BotProcess;
  /** How many requests the API server had had when the Job began. */
  readonly looksBefore: number;
}

/** Somebody asked for a restore, the copy for safety is made, and the Job that restores has just begun. */
async function restoring(product: Product): Promise<Restoring> {
  const bot = await product.boot();
  await product.slack.command(OPERATOR, CHANNEL, `/storage restore postgres linkwarden from ${DUMP}`);
  await approve(product, '1.1');
  await until('the copy is made', () => stepNamed(product, '1.1')?.status === 'done', WAITS_MS);
  await approve(product, '1.2');
  await until('the Job runs', () => at(jobOf(product), 'status', 'active') === 1, WAITS_MS);
  return { product, bot, looksBefore: product.site.kubernetes.requests.length };
}

/** Times at which the Job of the restore was asked for, since it began. */
function looksAtJob({ product: { site, ...rest }, looksBefore }: Restoring): number {
  const name = jobOf({ site, ...rest })?.metadata.name ?? 'no such Job';
  return site.kubernetes.requests.slice(looksBefore).filter(({ method, path }) => method === 'GET' && path.includes(name)).length;
}

function restored({ site }: Product): readonly string[] {
  return [...(site.world.databases.postgres?.databases.keys() ?? [])].filter((name) => name.startsWith('linkwarden_'));
}

function slowly(runsMs: number) {
  const { prepare, ...about } = scenarioNamed('postgres-restore-offered');
  const scenario = {
    ...about,
    prepare: (world: Parameters<typeof prepare>[0]) => {
      prepare(world);
      world.longWork.runsMs = runsMs;
    },
  };
  return startProduct({ scenario, speed: 10 });
}

describe('a bot that is killed in the middle of a restore', { timeout: TIMEOUT_MS }, () => {
  it('leaves the Job at work; the next bot finds it ended well, says so by its rows, and has made it once', async ({ skip }) => {
    if (!isFull) return skip(LEFT_OUT);
    await using product = await slowly(30_000);
    const { bot } = await restoring(product);
    await bot.kill();
    expect(endedAs(product)).toBeUndefined();
    await until('the Job has ended without a bot', () => endedAs(product) !== undefined, WAITS_MS);
    expect([endedAs(product), restored(product).length, stepNamed(product, '1.2')?.status]).toEqual(['Complete', 1, 'started']);
    await product.boot();
    await until('the step is reported', () => stepNamed(product, '1.2')?.status === 'done', WAITS_MS);
    await until('the swap is offered', () => stepNamed(product, '2.1') !== undefined, WAITS_MS);
    expect(restored(product)).toHaveLength(1);
    expect(timesMade(product)).toEqual({ requests: 2, jobs: 2 });
    await until('the card says so', () => cardOf(product, '1.2').includes('done and verified'), WAITS_MS);
  });

  it('is followed by one that finds the Job still running, and follows it to its end', async ({ skip }) => {
    if (!isFull) return skip(LEFT_OUT);
    await using product = await slowly(120_000);
    const incident = await restoring(product);
    await incident.bot.kill();
    const before = looksAtJob(incident);
    await product.boot();
    await until('the next bot looks at the Job', () => looksAtJob(incident) > before, WAITS_MS);
    expect([endedAs(product), stepNamed(product, '1.2')?.status]).toEqual([undefined, 'started']);
    await until('the step is reported', () => stepNamed(product, '1.2')?.status === 'done', WAITS_MS);
    expect([endedAs(product), restored(product).length]).toEqual(['Complete', 1]);
    expect(timesMade(product)).toEqual({ requests: 2, jobs: 2 });
  });

  it('is followed by one that reports a failure of the Job with its last words, and goes no further', async ({ skip }) => {
    if (!isFull) return skip(LEFT_OUT);
    // Long enough for a slow machine to change the dump before the Job reads it.
    await using product = await slowly(120_000);
    const { bot } = await restoring(product);
    await bot.kill();
    const backups = product.site.world.databases.backups;
    const [path, backup] = [...(backups ?? [])].find(([name]) => name.endsWith(DUMP)) ?? [];
    if (backups === undefined || path === undefined || backup === undefined) throw new Error('The lab has no such dump');
    backups.set(path, { ...backup, bytes: backup.bytes - 1 });
    await until('the Job has ended without a bot', () => endedAs(product) !== undefined, WAITS_MS);
    await product.boot();
    await until('the step is reported', () => stepNamed(product, '1.2')?.status === 'failed', WAITS_MS);
    const words = `postgres-restore: /backup/${DUMP} has not the ${backup.bytes} bytes that it had when it was looked at`;
    expect(stepNamed(product, '1.2')?.detail).toContain(words);
    await until('the card says so', () => cardOf(product, '1.2').includes(words), WAITS_MS);
    expect([endedAs(product), restored(product)]).toEqual(['Failed', []]);
    expect(timesMade(product)).toEqual({ requests: 2, jobs: 2 });
  });
});
