import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { APPROVE } from '../../src/slack/decision-value.ts';
import { leftOut, sampled } from '../depth.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import type { LabMessage, LabSlack } from '../lab/slack/index.ts';
import type { BotProcess, Product } from './product.ts';
import { APPROVER, CHANNEL, OPERATOR, startProduct, until } from './product.ts';

const TIMEOUT_MS = 120_000;

interface Incident {
  readonly product: Product;
  readonly bot: BotProcess;
  /** The message with the buttons of the one step. */
  readonly offer: LabMessage;
}

/** A pod has a stale handle, somebody asked, and the bot offers to restart that pod. */
async function stepOnOffer(product: Product): Promise<Incident> {
  const bot = await product.boot();
  await product.slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
  const offer = await product.slack.waitFor(({ blocks }) => JSON.stringify(blocks).includes(APPROVE), TIMEOUT_MS);
  return { product, bot, offer };
}

const Journal = z.object({ run: z.string(), isShown: z.literal([0, 1]), step: z.string() });

/** What the bot's journal on disk says of the only run and its only step. */
function journalOf({ site }: Product): z.output<typeof Journal> {
  const database = new DatabaseSync(join(site.directory, 'state', 'storagebot.db'), { readOnly: true, timeout: 5_000 });
  try {
    const row = database
      .prepare(
        'SELECT runs.status AS run, reported = revision AS isShown, steps.status AS step FROM runs JOIN steps ON run = runs.id',
      )
      .get();
    return Journal.parse(row);
  } finally {
    database.close();
  }
}

/** What came of the run, in the world and in Slack. */
interface End {
  readonly step: string;
  readonly changes: readonly string[];
  readonly isWell: boolean;
  /** Parts of the run that Slack does not show, or shows more than once. */
  readonly missing: readonly string[];
  readonly shownTwice: readonly string[];
}

const WELL: End = {
  step: 'done',
  changes: [expect.stringMatching(/^DELETE \/api\/v1\/namespaces\/immich\/pods\/immich-server-/)],
  isWell: true,
  missing: [],
  shownTwice: [],
};

/**
 * Killed between writing that the change starts and sending it, the bot cannot know whether it was sent, and must not send it again:
 * it looks for the change until its deadline, and then asks a person.
 */
const LOOKED_FOR: End = { step: 'started', changes: [], isWell: false, missing: ['round 2'], shownTwice: [] };

/** Waits until the run is shown to its end, or a change that was never sent is looked for again and again. */
async function endOf(product: Product): Promise<End> {
  const { slack, changes } = product;
  const before = looksAtPods(product);
  await until('the run comes to its end', () => {
    const { run, step, isShown } = journalOf(product);
    const isLookedFor = step === 'started' && changes().length === 0 && looksAtPods(product) >= before + 3;
    return isShown === 1 && (run === 'finished' || isLookedFor);
  });
  const parts = shownParts(slack);
  return {
    step: journalOf(product).step,
    changes: changes(),
    isWell: slack.messages(CHANNEL).some((root) => slack.text(root).includes('Everything that was looked at is well')),
    missing: ['root', 'round 1', 'step 1.1', 'round 2'].filter((part) => !parts.includes(part)),
    shownTwice: parts.filter((part, index) => parts.indexOf(part) !== index),
  };
}

const Tagged = z.object({ event_payload: z.object({ part: z.string() }) });

/** What each message in the channel and its threads shows: a part of the run, or files by name. */
function shownParts(slack: LabSlack): readonly string[] {
  const messages = slack.messages(CHANNEL).flatMap(({ ts }) => slack.messages(CHANNEL, ts));
  return messages.flatMap(({ metadata, files }) =>
    files.length > 0 ? files.map(({ name }) => name) : [Tagged.parse(metadata).event_payload.part],
  );
}

/** How often the API server was asked for the pods of immich, as the verification does. */
function looksAtPods({ site }: Product): number {
  return site.kubernetes.requests.filter(({ method, path }) => method === 'GET' && path.includes('namespaces/immich/pods'))
    .length;
}

async function approve({ product: { slack }, offer }: Incident): Promise<void> {
  await slack.press(APPROVER, offer.ts, CHANNEL, APPROVE);
}

/** The approval is being taken, written down, carried out, or verified. */
const DELAYS_MS = [0, 30, 100, 300] as const;

leftOut('other moments of a kill', `1 of ${DELAYS_MS.length} was tried`);

describe.concurrent('a bot that is killed', { timeout: TIMEOUT_MS }, () => {
  it('while a step is on offer takes the approval after its restart, and makes the change once', async () => {
    await using product = await startProduct({ scenario: scenarioNamed('stale-handle'), speed: 10 });
    const incident = await stepOnOffer(product);
    await incident.bot.kill();
    await product.boot();
    await approve(incident);
    expect(await endOf(product)).toEqual(WELL);
  });

  it.each(sampled(DELAYS_MS, 1))(
    '%i ms after an approval makes the change at most once, and shows nothing twice',
    async (delayMs) => {
      await using product = await startProduct({ scenario: scenarioNamed('stale-handle'), speed: 10 });
      const incident = await stepOnOffer(product);
      const pressed = approve(incident);
      await sleep(delayMs);
      await incident.bot.kill();
      await pressed;
      const { step } = journalOf(product);
      await product.boot();
      if (step === 'waiting') await approve(incident);
      expect([WELL, LOOKED_FOR]).toContainEqual(await endOf(product));
    },
  );
});
