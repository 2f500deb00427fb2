import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PODS } from '../../src/commands/cluster.ts';
import { APPROVE } from '../../src/slack/decision-value.ts';
import { podOf, SERVER_PODS } from '../lab/scenarios/changes.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import type { Canary, Exit } from './canaries.ts';
import { canariesIn, keyCanaries } from './canaries.ts';
import type { Product } from './product.ts';
import { APPROVER, CHANNEL, OPERATOR, startProduct } from './product.ts';

const WITHIN_MS = 60_000;

let product: Product;
let canaries: readonly Canary[];
let slackExits: readonly Exit[];
let botExits: readonly Exit[];
let commandExits: readonly Exit[];
let stateExits: readonly Exit[];

/** One whole run, and the same from the command line, at a site that repeats every secret, with hosts and Slack failing. */
beforeAll(async () => {
  product = await startProduct({ scenario: scenarioNamed('stale-handle'), speed: 10, configure: breakTwoHosts });
  canaries = await secretsOf(product);
  repeat(product, canaries);
  const { slack } = product;
  slack.inject('chat.postMessage', { kind: 'lost-reply' }, 1);
  slack.inject('chat.update', { kind: 'status', status: 500 }, 1);
  slack.inject('files.getUploadURLExternal', { kind: 'error', error: 'invalid_auth' }, 1);
  const bot = await product.boot();
  await slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
  const terminal = await Promise.all([
    product.storagebot('diagnose', 'nfs', 'immich'),
    product.storagebot('diagnose', 'nfs', 'immich', '--json'),
    product.storagebot('config', 'check'),
  ]);
  const offer = await slack.waitFor(({ blocks }) => JSON.stringify(blocks).includes(APPROVE), WITHIN_MS);
  await slack.press(APPROVER, offer.ts, CHANNEL, APPROVE);
  await slack.waitFor((message) => message.ts === offer.threadTs && slack.text(message).includes('Round 2'), WITHIN_MS);
  await bot.stop();
  const messages = slack.messages(CHANNEL).flatMap(({ ts }) => slack.messages(CHANNEL, ts));
  const toOne = [OPERATOR, APPROVER].flatMap((user) => slack.ephemerals(CHANNEL, user));
  slackExits = [
    { name: 'the calls of Slack', content: JSON.stringify(slack.calls) },
    { name: 'what Slack shows', content: JSON.stringify([...messages, ...toOne]) },
  ];
  botExits = [{ name: 'the output of the bot', content: bot.output() }];
  commandExits = terminal.map(({ out, err }, index) => ({ name: `the output of command ${index + 1}`, content: out + err }));
  stateExits = await filesIn(join(product.site.directory, 'state'));
}, 120_000);

afterAll(() => product[Symbol.asyncDispose]());

const breakTwoHosts: NonNullable<Parameters<typeof startProduct>[0]['configure']> = ({ nodes, hosts }) => {
  Object.assign(nodes?.hostKeys ?? {}, { 'k8s-node3': [`SHA256:${'A'.repeat(43)}`] });
  // Nothing listens there.
  hosts['pve']!.port = 1;
};

async function secretsOf({ slack, site }: Product): Promise<readonly Canary[]> {
  const key = (name: string) => readFile(join(site.directory, name), 'utf8');
  return [
    { name: 'Slack bot token', secret: slack.botToken },
    { name: 'Slack app token', secret: slack.appToken },
    { name: 'reading token of the kubeconfig', secret: site.kubernetes.tokens.read },
    { name: 'changing token of the kubeconfig', secret: site.kubernetes.tokens.change },
    ...keyCanaries('reading SSH key', await key('ssh-read')),
    ...keyCanaries('changing SSH key', await key('ssh-change')),
  ];
}

/** An event and an annotation of the pod that is diagnosed hold every secret, as carelessly written manifests and errors do. */
function repeat({ site: { world } }: Product, secrets: readonly Canary[]): void {
  const said = secrets
    .flatMap(({ secret }) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .join(' ');
  const pod = podOf(world, SERVER_PODS);
  world.cluster.events.warn(pod, 'FailedMount', `MountVolume.SetUp failed: ${said}`);
  world.store.patch(
    { resource: PODS, namespace: 'immich', name: pod.metadata.name },
    { metadata: { annotations: { note: said } } },
  );
}

async function filesIn(directory: string): Promise<readonly Exit[]> {
  const names = await readdir(directory);
  return Promise.all(names.map(async (name) => ({ name: `the file ${name}`, content: await readFile(join(directory, name)) })));
}

describe('a whole run at a site that repeats every secret of the bot', () => {
  it('met the failures, read the secrets and was repaired, or it would prove nothing', () => {
    const results = new Set(product.slack.calls.map(({ result }) => result));
    expect([...results]).toEqual(expect.arrayContaining(['ok', 'HTTP 500', 'invalid_auth']));
    expect(botExits[0]?.content).toContain('k8s-node3 is not the pinned host');
    expect(commandExits[0]?.content).toContain('could not look');
    expect(product.changes()).toHaveLength(1);
    for (const exit of [slackExits[1], commandExits[0], stateExits.find(({ name }) => name.endsWith('storagebot.db'))])
      expect(exit?.content.includes('[secret] [secret]'), exit?.name).toBe(true);
  });

  it('says none of them in Slack', () => {
    expect(canariesIn(slackExits, canaries)).toEqual([]);
  });

  it('logs none of them', () => {
    expect(canariesIn(botExits, canaries)).toEqual([]);
  });

  it('prints none of them on the command line; a look does not read the tokens of Slack, so it cannot know them', () => {
    const read = canaries.filter(({ name }) => !name.startsWith('Slack'));
    expect(canariesIn(commandExits, read)).toEqual([]);
    expect(canariesIn(commandExits.slice(-1), canaries)).toEqual([]);
  });

  it('keeps none of them on its disk', () => {
    expect(stateExits.map(({ name }) => name)).toEqual(expect.arrayContaining(['the file engine.db', 'the file storagebot.db']));
    expect(canariesIn(stateExits, canaries)).toEqual([]);
  });
});

describe('the search for secrets', () => {
  const secret = 'xoxb-canary/with+signs "and quotes"';
  const canary = { name: 'canary', secret };
  const inBase64 = (before: string) => Buffer.from(`${before}${secret}@host`).toString('base64');

  it.each([
    ['as it is', `token ${secret}.`],
    ['as JSON', JSON.stringify({ secret })],
    ['URL-encoded', `https://example.net/?token=${encodeURIComponent(secret)}`],
    ['in base64 at offset 0', inBase64('')],
    ['in base64 at offset 1', inBase64('u')],
    ['in base64 at offset 2', inBase64('u:')],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
  ])('finds a secret that is there %s', (form, content) => {
    expect(canariesIn([{ name: 'a copy', content }], [canary])).toEqual([`canary, ${form}, in a copy`]);
  });

  it('finds each of the real ones in a copy of the journal to which it was added', async () => {
    const copy = join(product.site.directory, 'copy.db');
    for (const { name, secret: real } of canaries) {
      await copyFile(join(product.site.directory, 'state', 'storagebot.db'), copy);
      await writeFile(copy, real, { flag: 'a' });
      expect(canariesIn([{ name: 'the copy', content: await readFile(copy) }], canaries)).toContain(
        `${name}, as it is, in the copy`,
      );
    }
  });
});
