import { openSecrets } from '../app/secrets.ts';
import { buildVersion } from '../build-version.ts';
import { loadConfig } from '../config/config.ts';
import { messageOf, Refusal } from '../core/errors.ts';
import type { Targets } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import { StateInUse } from '../engine/lock.ts';
import { createLog } from '../log.ts';
import { createClean } from '../redaction/index.ts';
import { visible } from '../slack/visible.ts';
import { audit } from './audit.ts';
import { checkConfig } from './check.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { freeze } from './freeze.ts';
import { HELP, listRunbooks } from './help.ts';
import { knownRun } from './known-run.ts';
import { type Flags, type Request, requestOf } from './request.ts';
import { run } from './run.ts';
import type { Session } from './session.ts';
import { state } from './state.ts';
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
  const { runbooks, env } = surroundings;
  const terminal = cleaned(surroundings.terminal, () => []);
  return told(terminal, async () => perform(requestOf(argv, runbooks, env), { ...surroundings, terminal }));
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
      return checkConfig(await loadConfig(request.flags.config), { terminal, runbooks });
    case 'state':
      return state({ words: request.words, directory: (await loadConfig(request.flags.config)).state.directory, terminal });
    case 'freeze':
    case 'unfreeze':
      return performFreeze(request, surroundings);
    case 'audit':
      return performAudit(request, surroundings);
    case 'known-run':
      return inSession(request.flags, surroundings, (session) => knownRun(session, request.wanted));
    case 'run':
      return inSession(request.flags, surroundings, (session) => run({ ...session, ...request }));
  }
}

async function inSession(
  flags: Flags,
  surroundings: Surroundings,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { runbooks, targets, env } = surroundings;
  const config = await loadConfig(flags.config);
  const secrets = openSecrets(config);
  const log = createLog({ secrets: secrets.known, level: env['STORAGEBOT_LOG_LEVEL'] ?? 'fatal' });
  const options = { runbooks, secrets, log, buildVersion: await buildVersion(), ...(targets === undefined ? {} : { targets }) };
  const terminal = cleaned(surroundings.terminal, secrets.known);
  return told(terminal, () => work({ flags, config, options, terminal }));
}

async function performFreeze(request: Extract<Request, { do: 'freeze' | 'unfreeze' }>, surroundings: Surroundings) {
  const config = await loadConfig(request.flags.config);
  const secrets = openSecrets(config);
  const log = createLog({ secrets: secrets.known, level: 'fatal' });
  const terminal = cleaned(surroundings.terminal, secrets.known);
  return told(terminal, () => freeze({ kind: request.do, words: request.words, config, secrets, log, terminal }));
}

async function performAudit({ words, anchors, flags }: Extract<Request, { do: 'audit' }>, surroundings: Surroundings) {
  const config = await loadConfig(flags.config);
  const secrets = openSecrets(config);
  const terminal = cleaned(surroundings.terminal, secrets.known);
  return told(terminal, () => audit({ words, anchors, config, secrets, terminal }));
}

/** Nothing that is printed holds a secret, and no foreign text moves the cursor where a person decides. */
function cleaned(terminal: Terminal, secrets: () => readonly string[]): Terminal {
  const clean = createClean(secrets);
  return { ...terminal, out: (text) => terminal.out(clean(text)), note: (text) => terminal.note(visible(clean(text))) };
}
