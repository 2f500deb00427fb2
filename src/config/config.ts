import { readFile } from 'node:fs/promises';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { messageOf } from '../core/errors.ts';
import { showPath } from './path.ts';
import { type Problem, problemsOf } from './problem.ts';
import { referenceProblems } from './references.ts';
import { Config } from './schema.ts';

/** The configuration cannot be used. `problems` holds everything that is wrong with it, not the first thing only. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG';
  readonly problems: readonly LocatedProblem[];
  constructor(file: string, problems: readonly LocatedProblem[]) {
    super([`${file} cannot be used: ${count(problems.length)}.`, ...problems.map(showProblem)].join('\n'));
    this.problems = problems;
  }
}

export interface LocatedProblem extends Problem {
  /** Counted from 1. */
  readonly line?: number;
}

export async function loadConfig(path: string): Promise<Config> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const says = `cannot be read: ${messageOf(error)}. Name the configuration with --config or STORAGEBOT_CONFIG`;
    throw new ConfigError(path, [{ path: [], says }]);
  });
  return parseConfig(text, { file: path });
}

/** Throws a ConfigError that names every problem, with its line. `file` is the name it uses. */
export function parseConfig(text: string, { file = 'storagebot.yaml' }: { readonly file?: string } = {}): Config {
  const lines = new LineCounter();
  // Without pretty errors: they quote the line, and on the line may be a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) throw new ConfigError(file, syntaxProblems(document, lines));
  const written: unknown = document.toJS();
  const parsed = Config.safeParse(written);
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, Config, written));
  const problems = [...issues, ...referenceProblems(written)].map((problem) => locate(problem, document, lines));
  if (!parsed.success || problems.length > 0) throw new ConfigError(file, problems.toSorted(byLine));
  return parsed.data;
}

function syntaxProblems(document: Document, lines: LineCounter): LocatedProblem[] {
  return document.errors.map(({ message, pos }) => {
    const says = `is not YAML here: ${message.replace(/".*"/s, '…')}`;
    return { path: [], says, line: lines.linePos(pos[0]).line };
  });
}

/** The line of the setting, or of the nearest one around it that is in the file. */
function locate(problem: Problem, document: Document, lines: LineCounter): LocatedProblem {
  for (let length = problem.path.length; length > 0; length -= 1) {
    const start = startOf(document.getIn(problem.path.slice(0, length), true));
    if (start !== undefined) return { ...problem, line: lines.linePos(start).line };
  }
  return problem;
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  return Number(node.range[0]);
}

function byLine(one: LocatedProblem, other: LocatedProblem): number {
  return (one.line ?? 0) - (other.line ?? 0);
}

function showProblem({ path, says, example, line }: LocatedProblem): string {
  const where = line === undefined ? '' : `line ${line}: `;
  const right = example === undefined ? '' : `; for example ${typeof example === 'string' ? example : JSON.stringify(example)}`;
  return `  ${where}${showPath(path)} ${says}${right}`;
}

function count(problems: number): string {
  return problems === 1 ? '1 problem' : `${problems} problems`;
}
