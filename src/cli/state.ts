import { Refusal } from '../core/errors.ts';
import { lockState } from '../engine/lock.ts';
import { checkState } from '../store/keeping-check.ts';
import { listCopies } from '../store/keeping-copies.ts';
import { showAge, showDamage } from '../store/keeping-damage.ts';
import { prepareDirectory } from '../store/keeping-place.ts';
import type { Restored } from '../store/keeping-restore.ts';
import { restoreState } from '../store/keeping-restore.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { giveBack } from './give-back.ts';
import type { Terminal } from './terminal.ts';

export interface StateRequest {
  readonly words: readonly string[];
  /** The state directory of the configuration. */
  readonly directory: string;
  readonly terminal: Terminal;
}

/** `state check` looks, also while the bot runs. `state restore [copy]` puts a copy back, never while it runs. */
export async function state({ words, directory, terminal }: StateRequest): Promise<ExitCode> {
  const [what, name, ...more] = words;
  if (what === 'check' && name === undefined) return check(directory, terminal);
  if (what === 'restore' && more.length === 0) return restore(directory, name, terminal);
  throw new Refusal(
    'bad-request',
    'There are two commands for the state: storagebot state check, storagebot state restore [copy]',
  );
}

function check(directory: string, { out }: Terminal): ExitCode {
  prepareDirectory(directory);
  const damages = checkState(directory);
  for (const damage of damages) out(`damaged  ${showDamage(directory, damage)}\n`);
  if (damages.length === 0) out(`The state in ${directory} is sound.\n`);
  for (const { path, at } of listCopies(directory)) out(`copy     ${path}, ${showAge(Date.now() - at)} old\n`);
  return damages.length === 0 ? EXIT.well : EXIT.ill;
}

async function restore(directory: string, name: string | undefined, { out }: Terminal): Promise<ExitCode> {
  prepareDirectory(directory);
  const lock = lockState(directory);
  try {
    out(wordsOf(await restoreState(directory, { now: Date.now(), ...(name === undefined ? {} : { name }) })));
    return EXIT.well;
  } finally {
    lock.release();
    giveBack(directory);
  }
}

function wordsOf({ copy, aside, brokenRuns }: Restored): string {
  const moved = `What was there is in ${aside}.\n`;
  if (copy === undefined) return `The journal is sound and stays. ${moved}Start the bot again: no run is lost.\n`;
  return [
    `The copy of ${new Date(copy.at).toISOString()} is in place. ${moved}`,
    `What happened after it is not in it: ${aside}/audit.jsonl says what was done. Keep it.\n`,
    brokenRuns === 0 ? '' : `Runs that were not finished in it and do not go on: ${brokenRuns}. Look what they did by hand.\n`,
    'Start the bot again.\n',
  ].join('');
}
