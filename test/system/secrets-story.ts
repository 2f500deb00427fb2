import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import diagnoseNfs from '../../runbooks/diagnose-nfs/index.ts';
import { type Clean, cleanText } from '../../src/redaction/index.ts';
import { APPROVE, DENY } from '../../src/slack/decision-value.ts';
import { REASON } from '../../src/slack/modals.ts';
import { CANCEL, TAKE_OVER } from '../../src/slack/run-buttons.ts';
import { recordIn, recordingText } from '../lab/record.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { worldOf } from '../lab/site/index.ts';
import type { LabMessage } from '../lab/slack/index.ts';
import type { Canary, Exit } from './canaries.ts';
import { FOREIGN, TYPED } from './canaries.ts';
import {
  type Failing,
  knownCanaries,
  makeCareless,
  PLAIN,
  plainWorld,
  startSurroundings,
  writeFailing,
} from './careless-site.ts';
import type { Product } from './product.ts';
import { APPROVER, CHANNEL, OPERATOR, startProduct } from './product.ts';
import { exitOf, failInTerminal, type Printed, playTerminal, startInVain } from './secrets-terminal.ts';

const WITHIN_MS = 60_000;
const [DENIED, CANCELLED, TAKEN] = ['C2DENIED', 'C3CANCELLED', 'C4TAKEN'];
const CHANNELS = [CHANNEL, DENIED, CANCELLED, TAKEN] as const;

/** Everything that left the product, by the way it left. */
export interface Story {
  readonly product: Product;
  readonly known: readonly Canary[];
  /** All canaries that were somewhere to be said. */
  readonly canaries: readonly Canary[];
  readonly world: Exit;
  readonly exits: Readonly<Record<ExitKind, readonly Exit[]>>;
  readonly metricsStatus: number;
  readonly stop: () => Promise<void>;
}

export const EXIT_KINDS = [
  'Slack calls',
  'Slack messages and files',
  'answers to people',
  'log',
  'health',
  'state',
  'anchors',
  'command line',
  'audit trail on the command line',
  'recording',
  'start that fails',
] as const;
export type ExitKind = (typeof EXIT_KINDS)[number];

/** The control spares itself what runs in the process of the test, where redaction is not taken out. */
async function onlyStarts(product: Product, { starts }: Failing): Promise<Printed> {
  return { commands: [], trail: [], starts: await startInVain(product, starts) };
}

export interface StoryOptions {
  /** False: the same programs with redaction taken out of them, to see what the search can find. */
  readonly redacted: boolean;
}

/** One day at a careless site: looks, a repair, a denial, a cancellation, a take-over, freezes, and everything that can fail. */
export async function playStory({ redacted }: StoryOptions): Promise<Story> {
  const around = await startSurroundings();
  const preload = redacted ? {} : { preload: new URL('no-redaction.ts', import.meta.url).href };
  const product = await startProduct({
    ...around,
    ...preload,
    scenario: scenarioNamed('export-missing'),
    flavour: 'debian',
    speed: 10,
    channels: CHANNELS.slice(1).map((id) => ({ id, name: id.toLowerCase() })),
    approverName: `approver ${TYPED.name.secret}`,
  });
  const failing = await writeFailing(product);
  const known = await knownCanaries(product);
  makeCareless(product.site.world, known);
  const world = { name: 'the world', content: plainWorld(product.site.world) };
  const state = join(product.site.directory, 'state');
  const recording = { name: 'a recording', content: await recorded(known, redacted ? cleanText : (text) => text) };

  const { slack } = product;
  slack.inject('chat.postMessage', { kind: 'lost-reply' }, 1);
  slack.inject('chat.update', { kind: 'error', error: TYPED.refusal.secret }, 1);
  slack.inject('files.getUploadURLExternal', { kind: 'error', error: 'invalid_auth' }, 1);
  const bot = await product.boot();
  const answers = await typeSecrets(product);
  const run = await playRuns(product, answers);
  const health = await healthOf(product);
  const running = await filesIn(state, 'while it runs');
  await freeze(product, answers);
  const frozen = await filesIn(state, 'frozen in Slack');
  await unfreeze(product);
  const terminal = await playTerminal(product, run);
  const refrozen = await filesIn(state, 'frozen in a terminal');
  await bot.stop();
  const stopped = await filesIn(state, 'after the end');
  const failed = redacted ? await failInTerminal(product, failing) : await onlyStarts(product, failing);
  const anchorFile = { name: 'the anchor file', content: await readFile(join(product.site.directory, 'anchors')) };
  const key: Canary = { name: 'key of the audit trail', secret: (await readFile(join(state, 'audit.key'), 'utf8')).trim() };
  return {
    product,
    known,
    canaries: [...known, ...FOREIGN, ...Object.values(TYPED), key],
    world,
    metricsStatus: health.metricsStatus,
    exits: {
      ...slackExits(product, answers),
      log: [{ name: 'the log', content: bot.output() }],
      health: [{ name: 'the health', content: health.text }],
      state: [...running, ...frozen, ...refrozen, ...stopped],
      anchors: [anchorFile, { name: 'the anchors that were posted', content: around.sink.posted.join('\n') }],
      'command line': [...terminal.commands, ...failed.commands].map(exitOf('a command')),
      'audit trail on the command line': [...terminal.trail, ...failed.trail].map(exitOf('a command over the audit trail')),
      recording: [recording],
      'start that fails': failed.starts.map(exitOf('a start')),
    },
    stop: async () => {
      await product[Symbol.asyncDispose]();
      await Promise.all([around.stop(), failing.stop()]);
    },
  };
}

/** As `npm run record` writes one; a lab knows no secrets of a bot. */
async function recorded(known: readonly Canary[], clean: Clean): Promise<string> {
  const world = worldOf({ scenario: scenarioNamed('export-missing'), flavour: 'debian', hangScale: 0.001 });
  makeCareless(world, known);
  return recordingText(await recordIn(world, diagnoseNfs, { words: ['immich'], clean }));
}

/** Whatever Slack gave back to a person at once: acknowledgements, errors inside of windows. */
type Answers = unknown[];

async function typeSecrets({ slack }: Product): Promise<Answers> {
  const answers: Answers = [];
  for (const text of [
    `diagnose nfs ${TYPED.command.secret}`,
    TYPED.command.secret,
    `diagnose nfs ${PLAIN.clientToken}`,
    PLAIN.anchorToken,
    `cancel ${PLAIN.clientToken} because`,
  ])
    answers.push(await slack.command(OPERATOR, CHANNEL, `/storage ${text}`));
  await slack.say(APPROVER, CHANNEL, `@storagebot diagnose nfs ${TYPED.mention.secret} ${PLAIN.anchorToken}`);
  await slack.waitFor(({ visibleTo, text }) => visibleTo === APPROVER && text !== '', WITHIN_MS);
  return answers;
}

/** Plays a whole repair, a denial, a cancellation and a take-over, and returns the id of the run that was repaired. */
async function playRuns({ slack }: Product, answers: Answers): Promise<string> {
  const ask = async (channel: string) => answers.push(await slack.command(APPROVER, channel, '/storage diagnose nfs immich'));
  const offer = (channel: string, after = '') =>
    slack.waitFor((message) => message.channel === channel && message.ts > after && shows(message, APPROVE), WITHIN_MS);
  const submit = async (user: string, { secret }: Canary) => {
    await expectView(() => slack.views(user).length > 0);
    answers.push(await slack.submit(user, { [REASON]: `It says ${secret} and ${PLAIN.anchorToken} and ${PLAIN.clientToken}` }));
  };
  await Promise.all([ask(CHANNEL), ask(DENIED), ask(CANCELLED)]);
  const [first, denied, cancelled] = await Promise.all([offer(CHANNEL), offer(DENIED), offer(CANCELLED)]);

  await slack.press(OPERATOR, denied.ts, DENIED, DENY);
  await submit(OPERATOR, TYPED.denial);
  await slack.press(OPERATOR, cancelled.threadTs ?? '', CANCELLED, CANCEL);
  await submit(OPERATOR, TYPED.cancellation);

  await slack.press(APPROVER, first.ts, CHANNEL, APPROVE);
  await offer(CHANNEL, first.ts);
  await ask(TAKEN);
  const wanted = await offer(TAKEN);
  await slack.press(APPROVER, wanted.ts, TAKEN, APPROVE);
  const held = await slack.waitFor((message) => message.channel === TAKEN && shows(message, TAKE_OVER), WITHIN_MS);
  await slack.press(APPROVER, held.ts, TAKEN, TAKE_OVER);
  await submit(APPROVER, TYPED.takeOver);
  await slack.waitFor((message) => message.channel === TAKEN && slack.text(message).includes('Taken over.'), WITHIN_MS);
  await slack.press(APPROVER, wanted.ts, TAKEN, APPROVE);
  const root = await slack.waitFor(
    (message) => message.ts === wanted.threadTs && slack.text(message).includes('finished'),
    WITHIN_MS,
  );
  return /\b[0-9a-f]{10}\b/.exec(slack.text(root))?.[0] ?? '';
}

function shows({ blocks }: LabMessage, action: string): boolean {
  return JSON.stringify(blocks).includes(`"${action}"`);
}

async function expectView(isOpen: () => boolean): Promise<void> {
  for (const deadline = performance.now() + WITHIN_MS; !isOpen(); await new Promise((later) => setTimeout(later, 10)))
    if (performance.now() > deadline) throw new Error('No window was opened.');
}

async function healthOf({ site }: Product): Promise<{ text: string; metricsStatus: number }> {
  const { http } = parse(await readFile(site.configPath, 'utf8')) as { http: { port: number } };
  const answers = await Promise.all(
    ['healthz', 'readyz', 'metrics', `unknown?token=${PLAIN.clientToken}`].map((path) =>
      fetch(`http://127.0.0.1:${http.port}/${path}`),
    ),
  );
  const texts = await Promise.all(answers.map(async (answer) => `${JSON.stringify([...answer.headers])} ${await answer.text()}`));
  return { text: texts.join('\n'), metricsStatus: answers[2]?.status ?? 0 };
}

async function freeze({ slack }: Product, answers: Answers): Promise<void> {
  answers.push(await slack.command(OPERATOR, CHANNEL, `/storage freeze ${reasonWith(TYPED.freeze)}`));
  await slack.waitFor((message) => slack.text(message).includes('Nothing is changed anywhere until'), WITHIN_MS);
}

async function unfreeze({ slack }: Product): Promise<void> {
  await slack.say(APPROVER, CHANNEL, `@storagebot unfreeze ${reasonWith(TYPED.unfreeze)}`);
  await slack.waitFor((message) => slack.text(message).includes('ended the freeze'), WITHIN_MS);
}

function reasonWith({ secret }: Canary): string {
  return `the disk says ${secret} ${PLAIN.clientToken}`;
}

function slackExits(
  { slack }: Product,
  answers: Answers,
): Pick<Story['exits'], 'Slack calls' | 'Slack messages and files' | 'answers to people'> {
  const messages = CHANNELS.flatMap((channel) => slack.messages(channel).flatMap(({ ts }) => slack.messages(channel, ts)));
  const ephemerals = CHANNELS.flatMap((channel) => [OPERATOR, APPROVER].flatMap((user) => slack.ephemerals(channel, user)));
  // What people said themselves is in Slack whatever the bot does.
  const byTheBot = messages.filter(({ user }) => user !== OPERATOR && user !== APPROVER);
  const notTyped = slack.calls.filter(({ method }) => !method.startsWith('conversations.'));
  return {
    'Slack calls': [{ name: 'the calls of Slack', content: JSON.stringify(notTyped.map(({ method, args }) => [method, args])) }],
    'Slack messages and files': [{ name: 'what Slack shows', content: JSON.stringify([...byTheBot, ...ephemerals]) }],
    'answers to people': [{ name: 'what the bot answered', content: JSON.stringify(answers) }],
  };
}

/** Every file below, its name too: a later part of the bot that keeps something is searched without being named here. */
async function filesIn(directory: string, when: string): Promise<readonly Exit[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  // The key of the trail is kept in a file of its own, and nowhere else.
  const searched = files.filter((path) => !path.endsWith('/audit.key'));
  const read = searched.map(async (path) => {
    const content = await readFile(path).catch((error: unknown) => {
      // SQLite takes its own files away while it works.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const name = relative(directory, path);
    return { name: `${name} ${when}`, content: Buffer.concat([Buffer.from(`${name}\n`), content]) };
  });
  return Promise.all(read);
}
