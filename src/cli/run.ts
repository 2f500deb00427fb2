import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '../app.ts';
import { stepsOf } from '../core/plan.ts';
import type { RunView } from '../core/run.ts';
import type { Runbook } from '../core/runbook.ts';
import { renderRunText } from '../text/run-text.ts';
import { approveSteps } from './approve.ts';
import { type ExitCode, exitCodeOf } from './exit-code.ts';
import { localUser } from './local-user.ts';
import { inBotState, print, requirePerson, type Session, withApp } from './session.ts';

export interface Run extends Session {
  readonly runbook: Runbook;
  readonly arguments: readonly string[];
}

/** Looks and prints what was seen; with --apply then asks for each step. Rejects with what keeps it from starting. */
export async function run(request: Run): Promise<ExitCode> {
  const { flags, terminal } = request;
  if (!flags.apply) return looking(request);
  requirePerson(terminal, '--apply');
  return inBotState(request, `/storage ${wordsOf(request)}`, async (app) => approving(request, app, await start(app, request)));
}

/** In a state of its own that is thrown away: it works while the bot runs, and nothing of it can ever be approved. */
async function looking(request: Run): Promise<ExitCode> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'storagebot-'));
  try {
    return await withApp(request, { stateDirectory }, async (app) => {
      const view = await app.engine.settled(await start(app, request));
      print(request, view, footer(view, wordsOf(request)));
      return exitCodeOf(view);
    });
  } finally {
    await rm(stateDirectory, { recursive: true, force: true });
  }
}

/** Shows a run that was just asked for here, asks for each of its steps, and shows what came of it. */
export async function approving(session: Session, { engine }: App, id: string): Promise<ExitCode> {
  const { terminal, config } = session;
  terminal.note(renderRunText(await engine.settled(id)));
  const about = { engine, terminal, actor: localUser(), policy: config.approval, onEnter: 'deny' } as const;
  const { view, left } = await approveSteps(about, id);
  print(session, view, '');
  if (left !== undefined) terminal.note(`\n${left}`);
  return exitCodeOf(view);
}

function start({ engine }: App, { runbook, arguments: words }: Run): Promise<string> {
  return engine.start({ runbook: runbook.id, arguments: words, requester: localUser(), origin: { kind: 'cli' } });
}

function wordsOf({ runbook, arguments: words }: Run): string {
  return [...runbook.words, ...words].join(' ');
}

/** Below a look: how to have its plan applied. */
export function footer({ rounds }: RunView, words: string): string {
  const plan = rounds.at(-1)?.plan;
  const planned = plan === undefined ? 0 : stepsOf(plan).length;
  return `\nNothing was changed.${planned === 0 ? '' : ` To apply the plan: storagebot ${words} --apply`}\n`;
}
