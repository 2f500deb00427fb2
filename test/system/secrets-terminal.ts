import { vi } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { main } from '../../src/cli/main.ts';
import type { Exit } from './canaries.ts';
import { TYPED } from './canaries.ts';
import { type Failing, PLAIN } from './careless-site.ts';
import type { Ended, Product } from './product.ts';

/** What programs printed, by what they were asked for. */
export interface Printed {
  readonly commands: readonly Ended[];
  readonly trail: readonly Ended[];
  readonly starts: readonly Ended[];
}

/** While the bot runs: a look, a run in the audit trail, and a freeze. */
export async function playTerminal({ storagebot }: Product, run: string): Promise<Printed> {
  const [look, ...trail] = await Promise.all([
    storagebot('diagnose', 'nfs', 'immich', '--json'),
    storagebot('audit', 'show', run),
    storagebot('audit', 'report', run),
  ]);
  const freeze = await storagebot('freeze', 'it', 'says', TYPED.freezeInTerminal.secret, PLAIN.secretId);
  return { commands: [look, freeze], trail, starts: [] };
}

/** Everything that can fail, and what is refused. A start is one of a process, the rest runs here to save the time of that. */
export async function failInTerminal(product: Product, { looks, starts }: Failing): Promise<Printed> {
  const { configPath } = product.site;
  vi.stubEnv('VAULT_ROLE_ID', PLAIN.roleId);
  const commands = [
    ...(await Promise.all(looks.map((config) => inProcess(config, 'diagnose', 'nfs', 'immich')))),
    ...(await Promise.all([configPath, ...starts].map((config) => inProcess(config, 'config', 'check')))),
    await inProcess(configPath, 'run', 'diagnose', 'nfs', TYPED.argument.secret),
    await inProcess(configPath, 'run', 'diagnose', 'nfs', PLAIN.secretId),
    await inProcess(configPath, TYPED.argument.secret),
    await inProcess(configPath, 'freeze', TYPED.freezeInTerminal.secret),
    await inProcess(configPath, 'unfreeze', 'it', 'says', TYPED.freezeInTerminal.secret),
  ];
  const trail = [
    await inProcess(configPath, 'audit', 'verify'),
    await inProcess(configPath, 'audit', 'verify', '--anchor', TYPED.argument.secret),
    await inProcess(configPath, 'audit', 'show', TYPED.argument.secret),
  ];
  vi.unstubAllEnvs();
  return { commands, trail, starts: await startInVain(product, starts) };
}

/** The first two, of which each gets as far as Vault; what is wrong with the others is told by `config check` too. */
export function startInVain({ bootInVain }: Product, starts: readonly string[]): Promise<readonly Ended[]> {
  return Promise.all(starts.slice(0, 2).map((config) => bootInVain('--config', config)));
}

async function inProcess(config: string, ...words: string[]): Promise<Ended> {
  const printed = { out: '', err: '' };
  const terminal = {
    out: (text: string) => void (printed.out += text),
    note: (text: string) => void (printed.err += text),
    interactive: false,
    ask: async () => '',
  };
  const exitCode = await main(words, { terminal, runbooks, env: { STORAGEBOT_CONFIG: config } });
  return { exitCode, ...printed };
}

export function exitOf(what: string): (ended: Ended, index: number) => Exit {
  return ({ out, err }, index) => ({ name: `what ${what} printed (${index + 1})`, content: out + err });
}
