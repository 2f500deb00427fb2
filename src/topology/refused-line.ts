import type { ServerLogLine } from '../commands/nas.ts';
import type { Known } from '../core/reading.ts';

/** The last time mountd said that it does not take the line of this path, as a finding without its proofs. */
export function refusedLine(path: string, log: Known<readonly ServerLogLine[]>) {
  const line = log.value.findLast(({ refusedPath }) => refusedPath === path);
  if (line === undefined) return undefined;
  return {
    code: 'export-line-refused',
    subject: path,
    says: `mountd refuses the line of ${path}: ${line.text.slice(0, 300)}`,
    remedy:
      "One file system may be exported to one network with one set of options only: merge the lines (on TrueNAS in the share's settings), then reload.",
    doNot: 'Do not run the script of exports again: it writes the same line, and mountd refuses it again.',
  } as const;
}
