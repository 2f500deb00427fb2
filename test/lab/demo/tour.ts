import { APPROVE } from '../../../src/slack/decision-value.ts';
import { REASON, TYPED } from '../../../src/slack/modals.ts';
import { AGAIN } from '../../../src/slack/run-buttons.ts';
import type { LabMessage, LabSlack, SubmitAnswer } from '../slack/index.ts';
import type { Stage } from './stage.ts';
import type { Transcript } from './transcript.ts';
import { OPS, WORKSPACE } from './workspace.ts';

/** One visit of the bot: what people type and press, what they see, and what the site's hosts executed. */
export class Tour {
  readonly #stage: Stage;
  readonly #transcript: Transcript;
  #channel = OPS;

  constructor(stage: Stage, transcript: Transcript) {
    this.#stage = stage;
    this.#transcript = transcript;
  }

  /** Slack takes one message a second in each channel: a scene in another one need not wait for the last one's. */
  goTo(channel: string): void {
    this.#channel = channel;
  }

  /** Every change that reached a host or the API server so far. */
  get executed(): readonly string[] {
    const { world, kubernetes } = this.#stage.site;
    const requests = kubernetes.requests.filter(({ method }) => method !== 'GET');
    return [...world.executed, ...requests.map(({ method, path }) => `${method} ${path}`)];
  }

  /** Types a command that makes no run; returns the words of the answer. */
  async askAndBeAnswered(user: string, line: string): Promise<string> {
    const answer = await this.#answer({ user, channel: this.#channel }, () => this.#type(user, line));
    this.#transcript.says(answer);
    return this.#slack.text(answer);
  }

  /** Types a command that makes a message for everybody; returns it. */
  async start(user: string, line: string): Promise<LabMessage> {
    const before = this.#slack.messages(this.#channel).length;
    await this.#type(user, line);
    return this.until('a message in the channel', () => this.#slack.messages(this.#channel)[before]);
  }

  /** Waits for a message in the thread of this one that holds this text, and prints it. */
  async sees(root: LabMessage, text: string): Promise<string> {
    return this.#slack.text(await this.finds(root, text));
  }

  async finds(root: LabMessage, text: string): Promise<LabMessage> {
    const message = await this.until(`"${text}" in the thread`, () =>
      this.#thread(root).find((each) => this.#slack.text(each).includes(text)),
    );
    this.#transcript.says(message);
    return message;
  }

  /** Waits for the step that is on offer now. */
  async offered(root: LabMessage): Promise<LabMessage> {
    const message = await this.until('an offer', () => this.#thread(root).find((each) => has(each, APPROVE)));
    this.#transcript.says(message);
    return message;
  }

  /** Presses Approve; returns the words that the person gets. */
  async approve(user: string, offer: LabMessage): Promise<string> {
    return this.#slack.text(await this.press(user, offer, { id: APPROVE, words: 'Approve' }));
  }

  /** Presses a button that is answered in words at once; returns the answer. */
  async press(user: string, message: LabMessage, button: { readonly id: string; readonly words: string }): Promise<LabMessage> {
    this.#transcript.does(nameOf(user), `presses ${button.words}`);
    const answer = await this.#answer({ user, channel: message.channel }, () =>
      this.#slack.press(user, message.ts, message.channel, button.id),
    );
    this.#transcript.says(answer);
    return answer;
  }

  /** Several people press Approve at the same moment; returns what each is told. */
  async approveTogether(users: readonly [string, string], offer: LabMessage): Promise<readonly string[]> {
    this.#transcript.does(users.map(nameOf).join(' and '), 'press Approve at the same moment');
    const answers = users.map((user) =>
      this.#answer({ user, channel: offer.channel }, () => this.#slack.press(user, offer.ts, offer.channel, APPROVE)),
    );
    return (await Promise.all(answers)).map((answer, index) => {
      this.#transcript.answers(`${nameOf(users[index] ?? '')}: ${this.#slack.text(answer)}`);
      return this.#slack.text(answer);
    });
  }

  /** Presses Approve and does not wait for an answer: the bot may be dead before it gives one. */
  async pressApproveOnly(user: string, offer: LabMessage): Promise<void> {
    this.#transcript.does(nameOf(user), 'presses Approve');
    await this.#slack.press(user, offer.ts, offer.channel, APPROVE);
  }

  /** Presses Plan again; returns the first message of the run that repeats the other, in the same thread. */
  async planAgain(user: string, message: LabMessage): Promise<LabMessage> {
    await this.press(user, await this.has(message, AGAIN), { id: AGAIN, words: 'Plan again' });
    return this.finds(message, `This run repeats run ${this.runOf(message)}`);
  }

  /** Presses a button that opens a window. */
  async opens(user: string, message: LabMessage, button: { readonly id: string; readonly words: string }): Promise<void> {
    this.#transcript.does(nameOf(user), `presses ${button.words}`);
    if (message.visibleTo === undefined) await this.has(message, button.id);
    this.#channel = message.channel;
    await this.#slack.press(user, message.ts, message.channel, button.id);
    this.#transcript.shows(await this.until('a window', () => this.#slack.views(user).at(-1)));
  }

  /** Types into the window that is open, a reason or the name of what is changed, and submits it; the window says what is wrong with it. */
  async tries(user: string, words: string, field: typeof REASON | typeof TYPED = REASON): Promise<SubmitAnswer> {
    this.#transcript.does(nameOf(user), `types ${JSON.stringify(words)} and submits`);
    const answer = await this.#slack.submit(user, { [field]: words });
    for (const error of Object.values(answer.errors ?? {})) this.#transcript.answers(error);
    return answer;
  }

  /** The same with words that are taken; returns the words that the person gets. */
  async gives(user: string, words: string, field: typeof REASON | typeof TYPED = REASON): Promise<string> {
    const answer = await this.#answer({ user, channel: this.#channel }, () => this.tries(user, words, field));
    this.#transcript.says(answer);
    return this.#slack.text(answer);
  }

  /** The message as it is now, once its buttons are gone. */
  async decided(offer: LabMessage): Promise<string> {
    return this.#slack.text(await this.#when(offer, 'the end of the offer', (now) => !has(now, APPROVE)));
  }

  /** Waits until this message, in the channel or in a thread, holds this text; prints it as it is then. */
  async becomes(message: LabMessage, text: string): Promise<string> {
    const now = await this.#when(message, `"${text}" in a message`, (each) => this.#slack.text(each).includes(text));
    this.#transcript.says(now);
    return this.#slack.text(now);
  }

  /** Waits until this message has this button. */
  async has(message: LabMessage, button: string): Promise<LabMessage> {
    return this.#when(message, `the button ${button}`, (now) => has(now, button));
  }

  runOf(message: LabMessage): string {
    const id = /run ([0-9a-f]+)(?: · started|$)/m.exec(this.#slack.text(message))?.[1];
    if (id === undefined) throw new Error(`This message names no run: ${this.#slack.text(message)}`);
    return id;
  }

  /** Looks until there is something, for a minute at most. */
  async until<T>(what: string, look: () => T | undefined, everyMs = 20): Promise<T> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      this.#transcript.mustNotWait(what, performance.now() > deadline);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  get #slack(): LabSlack {
    return this.#stage.slack;
  }

  #thread({ channel, ts, threadTs: root = ts }: LabMessage): readonly LabMessage[] {
    return this.#slack.messages(channel, root).filter((message) => message.ts !== root);
  }

  async #when({ channel, ts, threadTs }: LabMessage, what: string, holds: (now: LabMessage) => boolean): Promise<LabMessage> {
    return this.until(what, () => this.#slack.messages(channel, threadTs ?? ts).find((each) => each.ts === ts && holds(each)));
  }

  async #answer({ user, channel }: { user: string; channel: string }, act: () => Promise<unknown>): Promise<LabMessage> {
    const before = this.#slack.ephemerals(channel, user).length;
    await act();
    return this.until('an answer', () => this.#slack.ephemerals(channel, user)[before]);
  }

  async #type(user: string, line: string): Promise<void> {
    this.#transcript.does(nameOf(user), line.length > 100 ? `${line.slice(0, 100)}… (${line.length} characters)` : line);
    const { ok, ackMs, error } = await this.#slack.command(user, this.#channel, line);
    this.#transcript.isTrue(
      `acknowledged in ${ackMs < 500 ? 'under half a second' : `${Math.round(ackMs)} ms`}`,
      ok && ackMs < 500 && error === undefined,
    );
  }
}

function nameOf(user: string): string {
  return WORKSPACE.users.find(({ id }) => id === user)?.label.replace(/ \(.*/, '') ?? user;
}

function has({ blocks }: LabMessage, button: string): boolean {
  return JSON.stringify(blocks).includes(`"${button}"`);
}
