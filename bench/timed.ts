import type { Command } from '../src/core/command.ts';
import { show } from '../src/core/command.ts';
import type { Outcome } from '../src/core/output.ts';
import type { Reader } from '../src/core/reading.ts';
import type { Runbook } from '../src/core/runbook.ts';
import type { Span } from './stats.ts';

/** One command of a look, from the runbook's question to its answer; a command that was asked twice counts once. */
export interface TimedRead extends Span {
  readonly line: string;
  readonly command: Command;
  readonly outcome: Outcome;
}

/** The same runbook, which tells of each look what it read and when. */
export function timed(runbook: Runbook, onLook: (reads: readonly TimedRead[]) => void): Runbook {
  return {
    ...runbook,
    async look(rawParams, read, site) {
      const reads = new Map<string, TimedRead>();
      const timing: Reader = async (one) => {
        const line = show(one.command);
        const startMs = performance.now();
        const seen = await read(one);
        if (!reads.has(line))
          reads.set(line, { line, command: one.command, outcome: seen.outcome, startMs, endMs: performance.now() });
        return seen;
      };
      const look = await runbook.look(rawParams, timing, site);
      onLook([...reads.values()]);
      return look;
    },
  };
}
