import { inspect } from 'node:util';

/** Where the engine tells its operator what went wrong in itself; a pino logger fits. */
export interface EngineLog {
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

/** Used where no logger is given, so that nothing that goes wrong is silent. */
export const stderrLog: EngineLog = { warn: toStderr, error: toStderr };

function toStderr(fields: Readonly<Record<string, unknown>>, message: string): void {
  process.stderr.write(`${message} ${inspect(fields)}\n`);
}
