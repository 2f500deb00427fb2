import { stringify } from 'yaml';
import type { LabMessage, LabSlack } from '../slack/index.ts';
import type { Stage } from './stage.ts';
import { APPROVER, OPERATOR, OPS, SECOND_APPROVER, VISITOR } from './stage.ts';
import type { Transcript } from './transcript.ts';

const APPROVE = 'storagebot:approve';
const NAMES: Readonly<Record<string, string>> = {
  [OPERATOR]: 'Operator',
  [APPROVER]: 'Approver',
  [SECOND_APPROVER]: 'Second approver',
  [VISITOR]: 'Visitor',
};

/** One visit of the bot: what people type and press, what they see, and what the site's hosts executed. */
export class Tour {
  readonly #stage: Stage;
  readonly #transcript: Transcript;

  constructor(stage: Stage, transcript: Transcript) {
    this.#stage = stage;
    this.#transcript = transcript;
  }

  /** Every change that reached a host or the API server so far. */
  get executed(): readonly string[] {
    const { world, kubernetes } = this.#stage.site;
    const requests = kubernetes.requests.filter(({ method }) => method !== 'GET');
    return [...world.executed, ...requests.map(({ method, path }) => `${method} ${path}`)];
  }

  /** Types a command that makes no run; returns the words of the answer. */
  async askAndBeAnswered(user: string, line: string): Promise<string> {
    const before = this.#slack.ephemerals(OPS, user).length;
    await this.#type(user, line);
    const answer = await this.#until('an answer', () => this.#slack.ephemerals(OPS, user)[before]);
    const text = this.#slack.text(answer);
    this.#transcript.answers(text);
    return text;
  }

  /** Types a command that starts a run; returns the first message of its thread. */
  async start(user: string, line: string): Promise<LabMessage> {
    const before = this.#slack.messages(OPS).length;
    await this.#type(user, line);
    return this.#until('a thread', () => this.#slack.messages(OPS)[before]);
  }

  /** Waits for a message in the thread that holds this text, and prints it. */
  async sees(root: LabMessage, text: string): Promise<string> {
    const message = await this.#until(`"${text}" in the thread`, () =>
      this.#thread(root).find((each) => this.#slack.text(each).includes(text)),
    );
    this.#transcript.says(message);
    return this.#slack.text(message);
  }

  /** Waits for the step that is on offer now. */
  async offered(root: LabMessage): Promise<LabMessage> {
    const message = await this.#until('an offer', () => this.#thread(root).find((each) => hasButton(each)));
    this.#transcript.says(message);
    return message;
  }

  /** Presses Approve; returns the words that the person gets. */
  async approve(user: string, offer: LabMessage): Promise<string> {
    const before = this.#slack.ephemerals(OPS, user).length;
    this.#transcript.does(NAMES[user] ?? user, 'presses Approve');
    await this.#slack.press(user, offer.ts, OPS, APPROVE);
    const answer = await this.#until('an answer', () => this.#slack.ephemerals(OPS, user)[before]);
    this.#transcript.answers(this.#slack.text(answer));
    return this.#slack.text(answer);
  }

  /** Two people press Approve at the same moment; returns what each is told. */
  async approveTogether(users: readonly [string, string], offer: LabMessage): Promise<readonly string[]> {
    this.#transcript.does(users.map((user) => NAMES[user] ?? user).join(' and '), 'press Approve at the same moment');
    const counts = users.map((user) => this.#slack.ephemerals(OPS, user).length);
    await Promise.all(users.map((user) => this.#slack.press(user, offer.ts, OPS, APPROVE)));
    return Promise.all(
      users.map(async (user, index) => {
        const answer = await this.#until('an answer', () => this.#slack.ephemerals(OPS, user)[counts[index] ?? 0]);
        this.#transcript.answers(`${NAMES[user]}: ${this.#slack.text(answer)}`);
        return this.#slack.text(answer);
      }),
    );
  }

  /** The message as it is now, once its buttons are gone. */
  async decided(offer: LabMessage): Promise<string> {
    const message = await this.#until('the end of the offer', () =>
      this.#slack.messages(OPS, offer.threadTs ?? offer.ts).find((each) => each.ts === offer.ts && !hasButton(each)),
    );
    return this.#slack.text(message);
  }

  async finished(root: LabMessage, text: string): Promise<string> {
    const message = await this.#until(`a run that is ${text}`, () =>
      this.#slack.messages(OPS).find((each) => each.ts === root.ts && this.#slack.text(each).includes(text)),
    );
    this.#transcript.says(message);
    return this.#slack.text(message);
  }

  get #slack(): LabSlack {
    return this.#stage.slack;
  }

  #thread({ ts }: LabMessage): readonly LabMessage[] {
    return this.#slack.messages(OPS, ts).filter((message) => message.ts !== ts);
  }

  async #type(user: string, line: string): Promise<void> {
    this.#transcript.does(NAMES[user] ?? user, line.length > 100 ? `${line.slice(0, 100)}… (${line.length} characters)` : line);
    const { ok, ackMs, error } = await this.#slack.command(user, OPS, line);
    this.#transcript.isTrue(
      `acknowledged in ${ackMs < 500 ? 'under half a second' : `${Math.round(ackMs)} ms`}`,
      ok && ackMs < 500 && error === undefined,
    );
  }

  async #until<T>(what: string, look: () => T | undefined): Promise<T> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      this.#transcript.mustNotWait(what, performance.now() > deadline);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function hasButton({ blocks }: LabMessage): boolean {
  return stringify(blocks).includes(APPROVE);
}
