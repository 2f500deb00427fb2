import { Writable } from 'node:stream';
import pino from 'pino';
import { cleanValue, createClean } from './redaction/index.ts';
import { plainJson } from './text/json.ts';

export type Log = pino.Logger;

export interface LogOptions {
  /** Asked for every record, because secrets become known over time. */
  readonly secrets: () => readonly string[];
  readonly level?: string;
  /** Where lines go; absent: standard error. */
  readonly write?: (line: string) => void;
}

/** A log of JSON lines in which no secret appears, known or recognised, wherever in a record it stood. */
export function createLog({ secrets, level = 'info', write = (line) => void process.stderr.write(line) }: LogOptions): Log {
  const clean = createClean(secrets);
  // On the finished record, so that no serializer, child logger or error can add a secret afterwards.
  const destination = new Writable({
    decodeStrings: false,
    write: (chunk: unknown, _encoding, done) => {
      write(`${plainJson(cleanValue(JSON.parse(String(chunk)), clean))}\n`);
      done();
    },
  });
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: pino.stdSerializers.err } },
    destination,
  );
}
