import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import type { ConfigAsWritten } from '../../src/config/schema.ts';
import { createNotifier, type Notifier, RECEIVER } from '../lab/notifier.ts';
import type { Scenario } from '../lab/scenarios/scenario.ts';
import { startLabAlertmanager } from '../lab/site/alertmanager.ts';
import type { LabMessage } from '../lab/slack/index.ts';
import { CHANNEL, freePort, type Product, startProduct } from './product.ts';

export const TOKEN = 'token-of-this-test';

type Alerts = NonNullable<ConfigAsWritten['alerts']>;

export interface IncidentStand extends AsyncDisposable {
  readonly product: Product;
  readonly notifier: Notifier;
  /** Changes the section `alerts` for the next start of the bot. */
  readonly configure: (changed: Partial<Alerts>) => Promise<void>;
  /** The first message of each thread, as it reads now. */
  readonly threads: () => readonly string[];
  /** All that a thread says, its first message included. */
  readonly said: (thread?: number) => string;
  readonly messages: () => readonly LabMessage[];
}

/**
 * The bot as it is shipped, with the site's Alertmanager, which sends to it and can be asked. With `inhibits` that holds back what the
 * site's rules inhibit.
 */
export async function openIncidentStand(
  scenario: Scenario,
  alerts: Partial<Alerts> = {},
  { inhibits = false } = {},
): Promise<IncidentStand> {
  const product = await startProduct({ scenario, hangScale: 0.01, env: { ALERTS_TOKEN: TOKEN } });
  const { world, configPath } = product.site;
  const shiftMs = Date.now() - world.time.nowMs;
  const alertmanager = await startLabAlertmanager(world, { inhibits, shiftMs, receiver: RECEIVER });
  const port = await freePort();
  const usual = { channel: CHANNEL, listen: { port }, token: 'env:ALERTS_TOKEN', alertmanager: { url: alertmanager.url } };
  const configure = async (changed: Partial<Alerts>) => {
    const file: ConfigAsWritten = parse(await readFile(configPath, 'utf8'));
    file.alerts = { ...usual, gatherFor: '2s', settleFor: '3s', ...changed };
    await writeFile(configPath, stringify(file));
  };
  await configure(alerts);
  const { slack } = product;
  const messages = () => slack.messages(CHANNEL);
  return {
    product,
    configure,
    notifier: createNotifier({
      world,
      url: `http://127.0.0.1:${port}/alertmanager`,
      token: TOKEN,
      ...(inhibits && { inhibits, shiftMs }),
    }),
    messages,
    threads: () => messages().map(slack.text),
    said: (thread = 0) =>
      slack
        .messages(CHANNEL, messages()[thread]?.ts ?? '')
        .map(slack.text)
        .join('\n'),
    async [Symbol.asyncDispose]() {
      await product[Symbol.asyncDispose]();
      await alertmanager.stop();
    },
  };
}
