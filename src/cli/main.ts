import { openSecrets } from '../app/secrets.ts';
import { buildVersion } from '../build-version.ts';
import { loadConfig } from '../config/config.ts';
import { messageOf, Refusal } from '../core/errors.ts';
import type { Targets } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import { StateInUse } from '../engine/lock.ts';
import { createLog, redactor } from '../log.ts';
import { visible } from '../slack/visible.ts';
import { checkConfig } from './check.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { HELP, listRunbooks } from './help.ts';
import { type Request, requestOf } from './request.ts';
import { run } from './run.ts';
import type { Terminal } from './terminal.ts';

export interface Surroundings {
  readonly terminal: Terminal;
  readonly runbooks: readonly Runbook[];
  readonly env: NodeJS.ProcessEnv;
  /** Instead of real ones. */
  readonly targets?: Targets;
}

/** Does what the words say and returns the exit code. Never rejects. */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { terminal, runbooks, env } = surroundings;
  return told(terminal, async () => perform(requestOf(argv, runbooks, env), surroundings));
}

/** What goes wrong becomes words and an exit code. */
async function told(terminal: Terminal, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    terminal.note(`${messageOf(error)}\n`);
    return error instanceof Refusal || error instanceof StateInUse ? EXIT.refused : EXIT.fault;
  }
}

async function perform(request: Request, surroundings: Surroundings): Promise<ExitCode> {
  const { terminal, runbooks } = surroundings;
  switch (request.do) {
    case 'help':
      terminal.out(HELP);
      return EXIT.well;
    case 'runbooks':
      terminal.out(listRunbooks(runbooks));
      return EXIT.well;
    case 'check':
      return checkConfig(await loadConfig(request.flags.config), terminal);
    case 'run':
      return performRun(request, surroundings);
  }
}

async function performRun(request: Extract<Request, { do: 'run' }>, surroundings: Surroundings): Promise<ExitCode> {
  const { runbooks, targets, env } = surroundings;
  const config = await loadConfig(request.flags.config);
  const secrets = openSecrets(config);
  const log = createLog({ secrets: secrets.known, level: env['STORAGEBOT_LOG_LEVEL'] ?? 'fatal' });
  const options = { runbooks, secrets, log, buildVersion: await buildVersion(), ...(targets === undefined ? {} : { targets }) };
  const terminal = cleaned(surroundings.terminal, secrets.known);
  return told(terminal, () => run({ ...request, config, options, terminal }));
}

/** Nothing that is printed holds a secret of ours, and no foreign text moves the cursor where a person decides. */
function cleaned(terminal: Terminal, secrets: () => readonly string[]): Terminal {
  const clean = (text: string) => redactor(secrets())(text);
  return { ...terminal, out: (text) => terminal.out(clean(text)), note: (text) => terminal.note(visible(clean(text))) };
}
