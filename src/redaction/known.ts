import { MARK } from './edits.ts';

/** A shorter one may be an ordinary word (a passphrase), and replacing it would falsify commands and outputs. */
const MIN_SECRET_LENGTH = 8;
const MIN_LINE_LENGTH = 16;

/** Replaces every known secret, also as it stands in JSON, in a URL, in base64 and in hexadecimal, and each line of a key. */
export function knownCleaner(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  const forms = [...new Set(long.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
  return (text) => forms.reduce((clean, form) => clean.replaceAll(form, MARK), text);
}

function formsOf(secret: string): string[] {
  const lines = secret.split('\n').filter((line) => line.length >= MIN_LINE_LENGTH && !line.startsWith('-----'));
  return [secret, ...lines].flatMap(formsOfText).filter(({ length }) => length >= MIN_SECRET_LENGTH);
}

function formsOfText(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const url = encodeURIComponent(text);
  const hexadecimal = Buffer.from(text).toString('hex');
  const base64 = [Buffer.from(text).toString('base64'), ...[0, 1, 2].map((offset) => insideBase64(text, offset))];
  return [
    text,
    json,
    JSON.stringify(json).slice(1, -1),
    url,
    url.replaceAll(/%../g, (code) => code.toLowerCase()),
    hexadecimal,
    hexadecimal.toUpperCase(),
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')),
  ];
}

/** What of its base64 text is the same whatever stands before it, as many bytes of it as `offset`, and after it. */
function insideBase64(secret: string, offset: number): string {
  const text = Buffer.from(`${'.'.repeat(offset)}${secret}`)
    .toString('base64')
    .replace(/=+$/, '');
  return text.slice(offset === 0 ? 0 : 4, -4);
}
