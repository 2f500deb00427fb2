/** What is said wherever a restore suggests itself and is not needed. */
export const NOT_LOST = 'Do not restore: nothing says that data are lost, and a restore would put older data in their place.';

/** What the operator calls a cluster that it has nothing to do for. */
export const HEALTHY = 'Cluster in healthy state';
export const UNRECOVERABLE = 'Cluster is unrecoverable and needs manual intervention';
export const NO_SPACE = 'Not enough disk space';

/** The words of PostgreSQL in a line of the instance manager, which writes JSON; else the line. */
export function spokenIn(line: string): string {
  const said = /"message":"((?:[^"\\]|\\.){1,400})/.exec(line)?.[1] ?? /"msg":"((?:[^"\\]|\\.){1,400})/.exec(line)?.[1];
  return (said ?? line).replaceAll('\\"', '"').slice(0, 300);
}

const SEVERE = /"error_severity":"(FATAL|PANIC)"|\b(FATAL|PANIC): /;

/** Told to clients while a server starts or stops: an echo of what ails it. */
const ECHOES =
  /the database system is (starting up|shutting down|in recovery mode|not (yet )?accepting connections)|terminating (connection|walreceiver)/;

/** What PostgreSQL failed of last. */
export function failureIn(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => SEVERE.test(line) && !ECHOES.test(line));
}

/** That, or the last error of whatever runs it, or the last line. */
export function lastWordsIn(lines: readonly string[]): string | undefined {
  const last = failureIn(lines) ?? lines.findLast((line) => line.includes('"level":"error"')) ?? lines.at(-1);
  return last === undefined ? undefined : spokenIn(last);
}
