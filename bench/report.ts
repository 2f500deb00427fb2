import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';

/** One line of the table: storagebot beside something else, in the same unit. */
export interface Figure {
  readonly what: string;
  readonly storagebot: string;
  readonly other: string;
  /** What the other column shows. */
  readonly against: string;
  readonly ratio: number;
  readonly goal: Goal;
}

export interface Goal {
  readonly is: 'at most' | 'at least';
  readonly ratio: number;
}

/** What one section gives. `notes` say what was left out and where the time went. */
export interface Findings {
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

export function isMet({ ratio, goal }: Figure): boolean {
  return goal.is === 'at most' ? ratio <= goal.ratio : ratio >= goal.ratio;
}

export function tableOf(figures: readonly Figure[]): string {
  const head = ['', 'storagebot', 'other', 'which is', 'ratio', 'goal', ''];
  const rows = figures.map((figure) => [
    figure.what,
    figure.storagebot,
    figure.other,
    figure.against,
    figure.ratio.toFixed(2),
    `${figure.goal.is === 'at most' ? '≤' : '≥'} ${figure.goal.ratio}`,
    isMet(figure) ? 'pass' : 'MISS',
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Which machine the figures are of. */
export function machine(): string {
  const [first] = cpus();
  return `Node ${process.version}, ${platform()} ${arch()}, ${cpus().length} × ${first?.model.trim() ?? 'unknown processor'}`;
}

/** Writes all figures, and returns the path. */
export async function writeJson(root: URL, sections: Readonly<Record<string, Findings>>): Promise<URL> {
  const directory = new URL('.state/', root);
  const file = new URL('bench.json', directory);
  await mkdir(directory, { recursive: true });
  await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), machine: machine(), sections }, undefined, 2)}\n`);
  return file;
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
