/** What a run of tests amounts to, with a line for each test that did not pass. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
  readonly skips: readonly string[];
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
    skips: [...a.skips, ...b.skips],
  };
}

/** The closing lines; the last one is the one that machines read. */
export function reportOf({ passed, failed, skipped, failures, skips }: Tally, seconds: number): string {
  return [
    ...listed('Skipped', skips),
    ...listed('Failed', failures),
    `${seconds.toFixed(1)} s`,
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  ].join('\n');
}

function listed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ''];
}
