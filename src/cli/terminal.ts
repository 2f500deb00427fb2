import { createInterface } from 'node:readline/promises';
import { visible } from '../slack/visible.ts';

/** Where the command line talks to a person or a script. */
export interface Terminal {
  /** The answer to what was asked: standard output. */
  readonly out: (text: string) => void;
  /** Everything else: standard error. */
  readonly note: (text: string) => void;
  /** True where a person can answer. */
  readonly interactive: boolean;
  /** The line that the person types; empty at the end of input. */
  readonly ask: (question: string) => Promise<string>;
}

export function systemTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    // What a host printed may stand in it, and an approver must see the command that is there.
    note: (text) => void process.stderr.write(visible(text)),
    interactive: process.stdin.isTTY && process.stdout.isTTY,
    ask: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
      return Promise.race([lines.question(question), ended]).finally(() => lines.close());
    },
  };
}
