import type { Command } from '../core/command.ts';
import { show } from '../core/command.ts';
import type { Failure, Outcome } from '../core/output.ts';
import { isFailure } from '../core/output.ts';
import type { Targets } from '../core/ports.ts';
import { MARK } from '../redaction/edits.ts';
import type { Clean } from '../redaction/index.ts';

/**
 * The only form in which targets reach the engine: no secret is in an outcome, which is journalled, recorded and shown. Having a
 * private field, it cannot be imitated by an object of the same shape.
 */
export class RedactedTargets implements Targets {
  readonly #targets: Targets;
  readonly #clean: Clean;

  constructor(targets: Targets, clean: Clean) {
    this.#targets = targets;
    this.#clean = clean;
  }

  readonly read = async (command: Command): Promise<Outcome> => this.#cleaned(await this.#targets.read(command));

  /** Sends nothing that people could not be shown as it is, and nothing that was made from an output out of which something was taken. */
  readonly change = async (command: Command): Promise<Outcome> => {
    const line = show(command);
    const shown = this.#clean(line);
    return shown === line && !line.includes(MARK) ? this.#cleaned(await this.#targets.change(command)) : holdsSecret(shown);
  };

  readonly close = (): Promise<void> => this.#targets.close();

  #cleaned(outcome: Outcome): Outcome {
    const clean = this.#clean;
    if (isFailure(outcome)) return { ...outcome, says: clean(outcome.says), toDo: clean(outcome.toDo) };
    return { ...outcome, stdout: clean(outcome.stdout), stderr: clean(outcome.stderr) };
  }
}

function holdsSecret(shown: string): Failure {
  return {
    failed: 'forbidden',
    says: `The command holds a secret, so nobody saw it as it is, and nothing was sent: ${shown}`,
    toDo: 'Take the secret out of the name or the setting that the command was made from.',
  };
}
