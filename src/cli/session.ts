import { accessSync, constants, statSync } from 'node:fs';
import { type App, type AppOptions, createApp } from '../app.ts';
import type { Config } from '../config/schema.ts';
import { messageOf, Refusal } from '../core/errors.ts';
import type { Reporter } from '../core/ports.ts';
import type { RunView } from '../core/run.ts';
import { StateInUse } from '../engine/lock.ts';
import { plainJson } from '../text/json.ts';
import { renderRunText } from '../text/run-text.ts';
import { giveBack } from './give-back.ts';
import type { Flags } from './request.ts';
import type { Terminal } from './terminal.ts';

/** What everything that looks or changes at a terminal needs. */
export interface Session {
  readonly flags: Flags;
  readonly config: Config;
  readonly terminal: Terminal;
  readonly options: Omit<AppOptions, 'reporter' | 'stateDirectory'>;
}

/** In the state of the bot itself, so that no two of them ever change the same thing at once. `inSlack`: how to say it there. */
export async function inBotState<T>(session: Session, inSlack: string, work: (app: App) => Promise<T>): Promise<T> {
  const { directory } = session.config.state;
  requireAccess(directory);
  try {
    return await withApp(session, {}, work);
  } catch (error) {
    if (!(error instanceof StateInUse)) throw error;
    throw new StateInUse(
      `Another storagebot works on ${directory}: the bot, or somebody at a terminal. While the bot runs, use Slack: ${inSlack}. ` +
        'While Slack is down, stop the bot (it first ends the change that it is making), do this here, and start it again.',
      { cause: error },
    );
  } finally {
    giveBack(directory);
  }
}

/** Ends what was begun and closes everything, whatever becomes of the work. */
export async function withApp<T>(
  { config, options, terminal }: Session,
  state: { readonly stateDirectory?: string },
  work: (app: App) => Promise<T>,
): Promise<T> {
  const app = await createApp(config, { ...options, ...state, reporter });
  const forget = closeOnSignal(app, terminal);
  try {
    return await work(app);
  } finally {
    forget();
    await app.close();
  }
}

export function requirePerson({ interactive }: Terminal, what: string): void {
  if (!interactive) throw new Refusal('bad-request', `${what} asks a person to approve each step, so it needs a terminal.`);
}

export function print({ flags, terminal }: Session, view: RunView, ending: string): void {
  if (flags.json) terminal.out(`${plainJson(view, 2)}\n`);
  else terminal.out(`${renderRunText(view).trimEnd()}\n${ending}`);
}

/** One that is not there yet is made; one that cannot even be seen is told of by whoever opens it. */
function requireAccess(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined || mayUse(directory)) return;
  throw new Refusal(
    'not-allowed',
    `The state directory ${directory} is open to its owner (uid ${found.uid}) and to root only. Do this as one of them: who you are then is who approves.`,
  );
}

function mayUse(directory: string): boolean {
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A change that was begun is ended and written down; then waiting for the run fails, and the program ends. */
function closeOnSignal({ close }: App, { note }: Terminal): () => void {
  const stop = (signal: NodeJS.Signals) => {
    note(`\n${signal}: stopping after what is being done now.\n`);
    close().catch((error: unknown) => note(`${messageOf(error)}\n`));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

/** Runs that were asked for in Slack go on here too, and are shown there by the bot when it runs again. */
const reporter =
  (): Reporter =>
  async (_view, { kind }) => {
    if (kind !== 'cli') throw new Error('This run was asked for in Slack: the bot shows it there when it runs again.');
  };
