import type { Host, SshCommand } from '../core/command.ts';
import { asRoot, on } from '../core/command.ts';
import type { Output } from '../core/output.ts';

/** Exit codes of timeout(1) that ended its command: by TERM, or by KILL a second later. */
export const ENDED_BY_TIMEOUT: readonly number[] = [124, 137];

type Argv = readonly [string, ...string[]];

/** A command that may hang, ended on the far side after `seconds`. The local deadline is 3 s later, for what cannot be killed. */
export function bounded(host: Host, seconds: number, argv: Argv): SshCommand {
  return on(host, (seconds + 3) * 1000, 'timeout', '-k', '1', `${seconds}`, ...argv);
}

export function boundedAsRoot(host: Host, seconds: number, argv: Argv): SshCommand {
  return asRoot(host, (seconds + 3) * 1000, 'timeout', '-k', '1', `${seconds}`, ...argv);
}

export function endedByTimeout({ exitCode }: Output): boolean {
  return ENDED_BY_TIMEOUT.includes(exitCode);
}

/** Lines that are not empty. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
