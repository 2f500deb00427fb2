import type { Outcome } from '../core/output.ts';
import { isFailure } from '../core/output.ts';
import type { Targets } from '../core/ports.ts';

/** Outputs are journalled, recorded and shown: none of the bot's own secrets may be in one. */
export function redactedTargets(targets: Targets, clean: (text: string) => string): Targets {
  return {
    ...targets,
    read: async (command) => cleaned(await targets.read(command), clean),
    change: async (command) => cleaned(await targets.change(command), clean),
  };
}

function cleaned(outcome: Outcome, clean: (text: string) => string): Outcome {
  if (isFailure(outcome)) return { ...outcome, says: clean(outcome.says), toDo: clean(outcome.toDo) };
  return { ...outcome, stdout: clean(outcome.stdout), stderr: clean(outcome.stderr) };
}
