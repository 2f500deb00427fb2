import { registerHandlers } from '../../handlers/index.ts';
import type { Alert } from '../../src/core/alert.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { ChannelWatch, Incidents } from '../../src/core/incident-ports.ts';
import type {
  Answer,
  DecisionAnswer,
  DecisionRequest,
  Engine,
  FollowUp,
  Origin,
  Reporter,
  RunAction,
  RunRequest,
} from '../../src/core/ports.ts';
import type { Intervention, RunView } from '../../src/core/run.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import { cleanText } from '../../src/redaction/index.ts';
import type { MessageStore } from '../../src/slack/connection/delivery.ts';
import type { SlackConnection } from '../../src/slack/connection/index.ts';
import { connectSlack } from '../../src/slack/connection/index.ts';
import { createSlackReporter } from '../../src/slack/connection/reporter.ts';
import { offered, viewOf } from '../../src/slack/fixtures/run-view.ts';
import type { Log } from '../../src/slack/log.ts';
import type { Approvers } from '../../src/slack/offer.ts';
import type { LabMessage, LabSlack } from '../lab/slack/index.ts';
import { startLabSlack } from '../lab/slack/index.ts';

export const CHANNEL = 'C0STORAGE';
export const OPERATOR = 'U0001';
export const APPROVER = 'U0002';

/** A runbook of which only its words matter here: the engine of these tests does not look at anything. */
export const nfsRunbook = {
  id: 'diagnose-nfs',
  words: ['diagnose', 'nfs'],
  usage: '<service>',
  title: 'Why does the NFS storage of a service not work?',
  codes: {},
  changes: true,
} as unknown as Runbook;

/** An engine in memory: each run offers one step, and a decision with the right digest ends it. */
export class MemoryEngine implements Engine {
  readonly started: RunRequest[] = [];
  readonly decided: DecisionRequest[] = [];
  readonly followed: FollowUp[] = [];
  readonly cancelled: RunAction[] = [];
  readonly takenOver: RunAction[] = [];
  /** What the next decisions are answered, in order, instead of being accepted. */
  readonly refusals: DecisionAnswer[] = [];
  /** How long a decision takes. */
  decideMs = 0;
  freezing: Intervention | undefined;
  /** Makes the next start go wrong. */
  failure: Error | undefined;
  /** How long a start takes. */
  startMs = 0;
  current: RunView = viewOf();
  #origin: Origin = { kind: 'cli' };
  readonly #report: Reporter;

  constructor(report: Reporter) {
    this.#report = report;
  }

  async start(request: RunRequest): Promise<string> {
    if (this.startMs > 0) await new Promise((resolve) => setTimeout(resolve, this.startMs));
    if (this.failure !== undefined) throw this.failure;
    if (request.arguments[0] === 'nosuch') throw new Refusal('not-found', 'There is no service <nosuch>.');
    this.started.push(request);
    this.#origin = request.origin;
    const id = `run${this.started.length}`;
    this.current = viewOf({ id, arguments: request.arguments, requester: request.requester });
    void this.show(this.current);
    return id;
  }

  async decide(request: DecisionRequest): Promise<DecisionAnswer> {
    if (this.decideMs > 0) await new Promise((resolve) => setTimeout(resolve, this.decideMs));
    this.decided.push(request);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return refusal;
    if (this.current.status === 'finished') return { accepted: false, says: 'Too late: step 1 is done already.' };
    const { run, round, step, digest, actor, verdict, reason } = request;
    const why = reason === undefined ? {} : { reason };
    const decisions = [{ run, round, step, digest, actor, verdict, at: Date.now(), ...why }];
    const output = { exitCode: 0, stdout: '', stderr: 'exportfs: duplicated export entries\n' };
    const did = { status: 'done', output, detail: 'The export is active.' } as const;
    const state = { ...offered, ...(verdict === 'approve' ? did : ({ status: 'denied' } as const)), decisions };
    const rounds = this.current.rounds.map((shown) => ({ ...shown, steps: [state] }));
    this.current = { ...this.current, status: 'finished', rounds };
    void this.show(this.current);
    if (verdict === 'deny') return { accepted: true, says: 'Denied. Nothing was changed.' };
    return { accepted: true, says: 'Approved. Looking once more, then making the change.' };
  }

  async follow(request: FollowUp): Promise<Answer & { readonly run?: string }> {
    this.followed.push(request);
    const { run, how, actor } = request;
    this.#origin = request.origin;
    this.current = viewOf({ id: `run${this.followed.length + 10}`, requester: actor, follows: { run, how } });
    void this.show(this.current);
    return { accepted: true, says: `Looking again as run ${this.current.id}.`, run: this.current.id };
  }

  async cancel(action: RunAction): Promise<Answer> {
    this.cancelled.push(action);
    this.current = { ...this.current, status: 'finished', cancelled: { ...action, at: Date.now() } };
    void this.show(this.current);
    return { accepted: true, says: 'Cancelled. Nothing was changed.' };
  }

  async takeOver(action: RunAction): Promise<Answer> {
    this.takenOver.push(action);
    return { accepted: true, says: 'Taken over. Press Approve again.' };
  }

  async withdraw(): Promise<boolean> {
    return false;
  }

  async freeze(word: Omit<RunAction, 'run'>): Promise<Answer> {
    if (word.actor.id !== OPERATOR) return { accepted: false, says: 'You may not freeze the bot.' };
    this.freezing = { ...word, at: Date.now() };
    this.current = { ...this.current, frozen: this.freezing };
    if (this.started.length > 0) void this.show(this.current);
    return {
      accepted: true,
      says: `Frozen by ${word.actor.name}: ${word.reason}. Nothing is changed anywhere until somebody unfreezes the bot.`,
    };
  }

  async unfreeze({ actor, reason }: Omit<RunAction, 'run'>): Promise<Answer> {
    this.freezing = undefined;
    return { accepted: true, says: `${actor.name} ended the freeze: ${reason}.` };
  }

  frozen(): Intervention | undefined {
    return this.freezing;
  }

  obstacles(): readonly string[] {
    return [];
  }

  /** Shows this state as the engine does: until it is shown. */
  async show(view: RunView): Promise<void> {
    for (let tries = 0; tries < 5; tries += 1) {
      try {
        return await this.#report(view, this.#origin);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async view(): Promise<RunView> {
    return this.current;
  }

  async settled(): Promise<RunView> {
    return this.current;
  }

  async stop(): Promise<void> {}
}

export class MemoryMessages implements MessageStore {
  readonly rows = new Map<string, Map<string, unknown>>();
  readonly putMessage = (run: string, part: string, value: unknown): void => {
    this.rows.set(run, new Map(this.getMessages(run)).set(part, structuredClone(value)));
  };
  readonly getMessages = (run: string): Map<string, unknown> => this.rows.get(run) ?? new Map();
}

export interface Harness extends AsyncDisposable {
  readonly slack: LabSlack;
  readonly connection: SlackConnection;
  readonly engine: MemoryEngine;
  readonly messages: MemoryMessages;
  readonly logged: string[];
  /** The message of the run's thread, or its root, that holds this text. */
  readonly shown: (text: string) => Promise<LabMessage>;
}

export interface HarnessOptions {
  readonly allowedChannels?: readonly string[];
  readonly rateLimits?: boolean;
  readonly approvers?: Approvers;
  readonly incidents?: Incidents;
  readonly watch?: ChannelWatch;
  readonly firing?: () => Promise<readonly Alert[]>;
  readonly runbooks?: readonly Runbook[];
}

/** The real Slack side of the bot, connected to a workspace on this machine. */
export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const slack = await startLabSlack({
    users: [
      { id: OPERATOR, name: 'operator', label: 'Operator' },
      { id: APPROVER, name: 'approver', label: 'Approver' },
    ],
    channels: [{ id: CHANNEL, name: 'storage' }],
    rateLimits: options.rateLimits ?? false,
  });
  const logged: string[] = [];
  const log = logInto(logged);
  const { botToken, appToken, apiUrl } = slack;
  const connection = connectSlack({ botToken, appToken, apiUrl, log, drainMs: 2_000 });
  const messages = new MemoryMessages();
  const pace = options.rateLimits === true ? {} : { updateEveryMs: 100, postEveryMs: 5 };
  const called = options.approvers === undefined ? {} : { approvers: options.approvers };
  const engine = new MemoryEngine(createSlackReporter({ client: connection.client, messages, log, ...pace, ...called }));
  const { allowedChannels, incidents, watch, firing } = options;
  registerHandlers(connection.app, {
    engine,
    runbooks: options.runbooks ?? [nfsRunbook],
    log,
    clean: cleanText,
    ...(allowedChannels === undefined ? {} : { allowedChannels }),
    ...(incidents === undefined ? {} : { incidents }),
    ...(watch === undefined ? {} : { watch }),
    ...(firing === undefined ? {} : { firing }),
  });
  await connection.start();
  while (slack.sockets < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  return {
    slack,
    connection,
    engine,
    messages,
    logged,
    shown: (text) => slack.waitFor((message) => slack.text(message).includes(text), 5_000),
    async [Symbol.asyncDispose]() {
      await connection.stop();
      await slack.stop();
    },
  };
}

export function logInto(lines: string[]): Log {
  const write = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push(JSON.stringify({ level, message, ...fields }));
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
