import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigAsWritten } from '../../src/config/schema.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import type { LabMessage } from '../lab/slack/index.ts';
import type { Ended, Product } from './product.ts';
import { CHANNEL, OPERATOR, startProduct, until } from './product.ts';

const WITHIN_MS = 60_000;

interface Hostile {
  readonly what: string;
  readonly name: string;
  /** What the answer in Slack says that is wrong with it, or that would be right. */
  readonly slackSays: string;
}

const USAGE = 'Usage: diagnose nfs [service|node|all]';
const PLAIN = 'Type plain letters, digits and `. _ : / @ = + , % -` only.';

const hostile: readonly Hostile[] = [
  { what: 'a second command', name: 'immich; rm -rf /', slackSays: PLAIN },
  { what: 'a substitution', name: '$(reboot)', slackSays: PLAIN },
  { what: 'a line break', name: 'immich\nreboot', slackSays: 'A request is one line. Send one request at a time.' },
  { what: '10 kB', name: 'x'.repeat(10_000), slackSays: 'a request has at most 300' },
  { what: 'a Cyrillic look-alike', name: 'іmmich', slackSays: PLAIN },
  { what: 'a ping of everybody', name: '<!channel>', slackSays: 'plain words, without mentions' },
  { what: 'a zero-width space', name: 'imm\u200bich', slackSays: PLAIN },
  { what: 'a path out of everything', name: '../../etc', slackSays: USAGE },
  { what: 'a right-to-left override', name: '\u202ehcimmi', slackSays: PLAIN },
  { what: 'a second name', name: 'immich navidrome', slackSays: USAGE },
];

/** Everything a person is told in Slack after typing this line, as Slack got it and as it is read. */
interface SlackAnswer {
  readonly raw: string;
  readonly text: string;
}

async function askInSlack({ slack }: Product, line: string): Promise<SlackAnswer> {
  const before = slack.ephemerals(CHANNEL, OPERATOR).length;
  const answers = () => slack.ephemerals(CHANNEL, OPERATOR).slice(before);
  const { ok } = await slack.command(OPERATOR, CHANNEL, line);
  expect(ok).toBe(true);
  await until('the person is answered', () => answers().some((message) => !slack.text(message).startsWith('Looking:')));
  return { raw: JSON.stringify(answers()), text: answers().map(slack.text).join('\n') };
}

describe('a hostile name of a service', () => {
  const inSlack = new Map<string, SlackAnswer>();
  const inTerminal = new Map<string, Ended>();
  let product: Product;

  beforeAll(async () => {
    product = await startProduct({ scenario: scenarioNamed('stale-handle') });
    await product.boot();
    const asking = hostile.map(async ({ name }) => {
      inTerminal.set(name, await product.storagebot('diagnose', 'nfs', name));
    });
    for (const { name } of hostile) inSlack.set(name, await askInSlack(product, `/storage diagnose nfs ${name}`));
    await Promise.all(asking);
  }, 120_000);

  afterAll(() => product[Symbol.asyncDispose]());

  it.each(hostile)(
    'with $what is refused in Slack, shortly, saying what would be right, and pings nobody',
    ({ name, slackSays }) => {
      const { raw, text } = inSlack.get(name)!;
      expect(text).toContain(slackSays);
      expect(text.length).toBeLessThan(1_500);
      expect(text).not.toMatch(/[[\p{Cc}\p{Cf}]--[\n\u2060]]/v);
      expect(raw).not.toMatch(/<[!@#]|@(channel|here|everyone)/);
    },
  );

  it.each(hostile)('with $what is refused on the command line, shortly, saying what would be right', ({ name }) => {
    const { exitCode, out, err } = inTerminal.get(name)!;
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain(USAGE);
    expect(err.length).toBeLessThan(1_500);
    expect(err).not.toMatch(/[[\p{Cc}\p{Cf}]--[\n]]/v);
  });

  it('makes no run, and not one command or request is sent to any host', () => {
    expect(product.slack.messages(CHANNEL)).toEqual([]);
    expect(product.site.world.received).toEqual([]);
    expect(product.site.kubernetes.requests).toEqual([]);
  });
});

/** Nothing listens there. */
const CLOSED_PORT = 1;
const WRONG_KEY = `SHA256:${'A'.repeat(43)}`;

describe('at a site with a host that refuses connections and one that is another than the pinned one', () => {
  let product: Product;
  let inTerminal: Ended;
  let inSlack: string;

  beforeAll(async () => {
    product = await startProduct({
      scenario: scenarioNamed('all-well'),
      configure: ({ nodes, hosts }) => {
        hosts['pve']!.port = CLOSED_PORT;
        Object.assign(nodes?.hostKeys ?? {}, { 'k8s-node3': [WRONG_KEY] });
      },
    });
    await product.boot();
    const { slack } = product;
    const asking = product.storagebot('diagnose', 'nfs', 'immich');
    await slack.command(OPERATOR, CHANNEL, '/storage diagnose nfs immich');
    const proofs = await slack.waitFor(({ files }) => files.length > 0, WITHIN_MS);
    inSlack = slack.messages(CHANNEL, proofs.threadTs).map(textOf(product)).join('\n');
    inTerminal = await asking;
  }, 120_000);

  afterAll(() => product[Symbol.asyncDispose]());

  const answers = () => [inSlack, inTerminal.out].map((text) => text.replaceAll(/\s+/g, ' '));

  it('both answers say of the one that its port refused, and what to do', () => {
    for (const answer of answers()) {
      expect(answer).toContain('? unknown');
      expect(answer).toContain(
        `Virtual machine of truenas: could not look. pve (127.0.0.1:${CLOSED_PORT}) refuses the connection`,
      );
      expect(answer).toContain('Start sshd on pve, or correct the port of pve in storagebot.yaml.');
    }
  });

  it('both answers name both keys of the other, and what to do; nobody logged in there', () => {
    for (const answer of answers()) {
      expect(answer).toMatch(
        /Mounts of k8s-node3: could not look\. k8s-node3 is not the pinned host: it presents ssh-ed25519 SHA256:[\w+/]{43}; pinned is SHA256:A{43}\./,
      );
      expect(answer).toContain('Compare on the console of k8s-node3 with "ssh-keygen -lf');
      expect(answer).toContain(
        'correct "hostKeys" of k8s-node3 in storagebot.yaml; if not, something else answers at its address.',
      );
    }
    expect(product.site.world.received.filter((line) => line.startsWith('k8s-node3$'))).toEqual([]);
  });

  it('no finding and no plan is made of either, and nothing is changed', () => {
    expect(inTerminal.exitCode).toBe(3);
    for (const answer of answers()) {
      expect(answer).toContain('Nothing is known to be wrong, and 5 things could not be looked at');
      expect(answer).toContain('no plan is made from what is not known');
    }
    expect(product.changes()).toEqual([]);
  });
});

function textOf({ slack }: Product): (message: LabMessage) => string {
  return (message) => slack.text(message);
}

describe('a wrong configuration', () => {
  const CANARY = 'xoxb-canary-that-was-pasted';
  let ended: Readonly<Record<'the bot' | 'a look' | 'config check', Ended>>;
  let product: Product;

  beforeAll(async () => {
    product = await startProduct({ scenario: scenarioNamed('stale-handle'), configure: spoil });
    const [bot, look, check] = await Promise.all([
      product.bootInVain(),
      product.storagebot('diagnose', 'nfs', 'immich'),
      product.storagebot('config', 'check'),
    ]);
    ended = { 'the bot': bot, 'a look': look, 'config check': check };
  }, 120_000);

  afterAll(() => product[Symbol.asyncDispose]());

  function spoil(file: ConfigAsWritten): void {
    if (file.slack !== undefined) file.slack.botToken = CANARY;
    Object.assign(file, { htpp: { port: 8080 } });
    Object.assign(file.hosts['truenas']!, { port: 'twenty-two' });
  }

  it.each([
    ['the bot', 1],
    ['a look', 4],
    ['config check', 4],
  ] as const)('keeps %s from starting, and every problem is named with its line, its path and an example', (who, exitCode) => {
    const { err, out, exitCode: code } = ended[who];
    expect({ code, out }).toEqual({ code: exitCode, out: '' });
    expect(err).toContain('storagebot.yaml cannot be used: 3 problems.');
    expect(err).toMatch(/line \d+: slack\.botToken must be a reference to a secret, .*; for example file:\/run\/secrets/);
    expect(err).toMatch(/line \d+: hosts\.truenas\.port must be a port number from 1 to 65535; for example 22\n/);
    expect(err).toMatch(/line \d+: htpp is not a setting \(did you mean http\?\)/);
    expect(err).not.toMatch(/canary|twenty-two|\n\s+at /);
  });

  it('lets nothing be asked of Slack or of any host', () => {
    expect(product.slack.calls).toEqual([]);
    expect(product.site.world.received).toEqual([]);
    expect(product.site.kubernetes.requests).toEqual([]);
  });
});
