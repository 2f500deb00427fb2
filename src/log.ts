import { Writable } from 'node:stream';
import pino from 'pino';

export type Log = pino.Logger;

export interface LogOptions {
  /** Asked for every record, because secrets become known over time. */
  readonly secrets: () => readonly string[];
  readonly level?: string;
  /** Where lines go; absent: standard error. */
  readonly write?: (line: string) => void;
}

/** A log of JSON lines in which no known secret appears, wherever in a record it stood. */
export function createLog({ secrets, level = 'info', write = (line) => void process.stderr.write(line) }: LogOptions): Log {
  // On the finished record, so that no serializer, child logger or error can add a secret afterwards.
  const destination = new Writable({
    decodeStrings: false,
    write: (chunk: unknown, _encoding, done) => {
      write(`${JSON.stringify(redacted(JSON.parse(String(chunk)), redactor(secrets())))}\n`);
      done();
    },
  });
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: pino.stdSerializers.err } },
    destination,
  );
}

/** A shorter one may be an ordinary word (a passphrase), and replacing it would falsify commands and outputs. */
const MIN_SECRET_LENGTH = 8;

/** Replaces every known secret in a text, also as it stands in JSON, in a URL and in base64, and each line of a key. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  const forms = [...new Set(long.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
  return (text) => forms.reduce((clean, form) => clean.replaceAll(form, '[secret]'), text);
}

const MIN_LINE_LENGTH = 16;

function formsOf(secret: string): string[] {
  const lines = secret.split('\n').filter((line) => line.length >= MIN_LINE_LENGTH && !line.startsWith('-----'));
  const forms = [secret, ...lines].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    Buffer.from(text).toString('base64'),
    ...[0, 1, 2].map((offset) => insideBase64(text, offset)),
  ]);
  return forms.filter(({ length }) => length >= MIN_SECRET_LENGTH);
}

/** What of its base64 text is the same whatever stands before it, as many bytes of it as `offset`, and after it. */
function insideBase64(secret: string, offset: number): string {
  const text = Buffer.from(`${'.'.repeat(offset)}${secret}`)
    .toString('base64')
    .replace(/=+$/, '');
  return text.slice(offset === 0 ? 0 : 4, -4);
}

function redacted(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((item) => redacted(item, clean));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), redacted(item, clean)]));
}
