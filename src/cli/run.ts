import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type AppOptions, createApp } from '../app.ts';
import type { Config } from '../config/schema.ts';
import { messageOf, Refusal } from '../core/errors.ts';
import { stepsOf } from '../core/plan.ts';
import type { Reporter } from '../core/ports.ts';
import type { RunView } from '../core/run.ts';
import type { Runbook } from '../core/runbook.ts';
import { plainJson } from '../text/json.ts';
import { renderRunText } from '../text/run-text.ts';
import { approveSteps } from './approve.ts';
import { type ExitCode, exitCodeOf } from './exit-code.ts';
import { localUser } from './local-user.ts';
import type { Flags } from './request.ts';
import type { Terminal } from './terminal.ts';

export interface Run {
  readonly runbook: Runbook;
  readonly arguments: readonly string[];
  readonly flags: Flags;
  readonly config: Config;
  readonly terminal: Terminal;
  readonly options: Omit<AppOptions, 'reporter' | 'stateDirectory'>;
}

/** Looks and prints what was seen; with --apply then asks for each step. Rejects with what keeps it from starting. */
export async function run(request: Run): Promise<ExitCode> {
  const { flags, terminal } = request;
  if (flags.apply && !terminal.interactive)
    throw new Refusal('bad-request', '--apply asks a person to approve each step, so it needs a terminal.');
  return flags.apply ? applying(request) : looking(request);
}

/** In a state of its own that is thrown away: it works while the bot runs, and nothing of it can ever be approved. */
async function looking(request: Run): Promise<ExitCode> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'storagebot-'));
  try {
    return await lookingIn(stateDirectory, request);
  } finally {
    await rm(stateDirectory, { recursive: true, force: true });
  }
}

async function lookingIn(stateDirectory: string, request: Run): Promise<ExitCode> {
  const app = await createApp(request.config, { ...request.options, reporter, stateDirectory });
  const forget = closeOnSignal(app, request.terminal);
  try {
    const view = await app.engine.settled(await start(app, request));
    print(request, view, footer(request, view));
    return exitCodeOf(view);
  } finally {
    forget();
    await app.close();
  }
}

/** In the state of the bot itself, so that no two of them ever change the same thing at once. */
async function applying(request: Run): Promise<ExitCode> {
  const { terminal } = request;
  const app = await createApp(request.config, { ...request.options, reporter });
  const forget = closeOnSignal(app, terminal);
  try {
    const id = await start(app, request);
    terminal.note(renderRunText(await app.engine.settled(id)));
    const view = await approveSteps({ engine: app.engine, terminal, actor: localUser() }, id);
    print(request, view, '');
    return exitCodeOf(view);
  } finally {
    forget();
    await app.close();
  }
}

function start({ engine }: App, { runbook, arguments: words }: Run): Promise<string> {
  return engine.start({ runbook: runbook.id, arguments: words, requester: localUser(), origin: { kind: 'cli' } });
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

function print({ flags, terminal }: Run, view: RunView, ending: string): void {
  if (flags.json) terminal.out(`${plainJson(view, 2)}\n`);
  else terminal.out(`${renderRunText(view).trimEnd()}\n${ending}`);
}

function footer({ runbook, arguments: words }: Run, { rounds }: RunView): string {
  const plan = rounds.at(-1)?.plan;
  const planned = plan === undefined ? 0 : stepsOf(plan).length;
  const how = planned === 0 ? '' : ` To apply the plan: storagebot ${[...runbook.words, ...words].join(' ')} --apply`;
  return `\nNothing was changed.${how}\n`;
}
