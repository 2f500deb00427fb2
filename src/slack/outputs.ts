import type { Output } from '../core/output.ts';
import { isFailure } from '../core/output.ts';
import type { Seen } from '../core/reading.ts';
import type { RoundView } from '../core/run.ts';

/** Every command of a round with all that it printed, verbatim, the ones that prove findings first. */
export function renderOutputs(round: RoundView): string {
  return seenIn(round).map(renderSeen).join('\n');
}

/** Everything that was seen in a round, once for each command. */
export function seenIn({ diagnosis }: RoundView): readonly Seen<unknown>[] {
  const all = [...diagnosis.findings, ...diagnosis.evidence].flatMap(({ seen }): readonly Seen<unknown>[] => seen);
  return [...new Map(all.map((seen) => [seen.line, seen])).values()];
}

export function renderOutput({ exitCode, stdout, stderr }: Output): string {
  return [`exit code: ${exitCode}`, stream('stdout', stdout), stream('stderr', stderr), ''].join('\n');
}

function renderSeen({ line, asks, outcome }: Seen<unknown>): string {
  const head = `=== ${line}\nasks: ${asks}\n`;
  if (!isFailure(outcome)) return head + renderOutput(outcome);
  return `${head}could not look (${outcome.failed}): ${outcome.says}\nwhat to do: ${outcome.toDo}\n`;
}

/** Indented, so that nothing that was printed can look like the next command or its exit code. */
function stream(name: string, text: string): string {
  return text === '' ? `--- ${name}: empty` : `--- ${name}:\n${text.replace(/\n$/, '').replaceAll(/^/gm, '  ')}`;
}
