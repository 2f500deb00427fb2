import { type Edit, edited, masked, type Range } from './edits.ts';
import { isPasswordName, isPlaceholder, isSecretName } from './names.ts';

/** The end of a name that may be a secret's, and what leads from there to its value. Each part is bounded: it is never scanned twice. */
const LEADS_TO_VALUE =
  /(?:pass(?:word|wd|phrase|code)?|pwd|pw|secret|token|key(?:[_-]?data)?|hash|authcookie)\d{0,3}(?:[_-](?:in|mutual))?(?:(?:\\{0,15}["'])?[ \t]{0,20}(=>|:=|[=:])[ \t]{0,20}|[ \t]{1,20}(?:((?:-v|--value)[ =]{1,4})|(?<=(?<![\w-])--?[\w-]{1,80}[ \t]{1,20})|(?=')))/gi;

/** Replaces values that stand behind the name of a secret: `password=…`, `"apiKey": "…"`, `--token …`, `Password: …`. */
export function cleanAssignments(text: string): string {
  const edits: Edit[] = [];
  let done = 0;
  for (let hit = nextHit(text, 0); hit !== null; hit = nextHit(text, done)) {
    const value = valueOf(text, hit);
    if (value !== undefined) edits.push(masked(value));
    done = value?.end ?? hit.index + hit[0].length;
  }
  return edited(text, edits);
}

function nextHit(text: string, from: number): RegExpExecArray | null {
  LEADS_TO_VALUE.lastIndex = from;
  return LEADS_TO_VALUE.exec(text);
}

function valueOf(text: string, hit: RegExpExecArray): Range | undefined {
  const [led, sign, flag] = hit;
  const named = nameAround(text, hit.index);
  const at = hit.index + led.length;
  if (!isSecretName(named.name)) return undefined;
  if (sign === undefined && flag === undefined && !/^--?(?!-?no-)/.test(named.name)) return quotedInSql(text, named.name, at);
  const range = rangeAt(text, at, { ...named, colon: sign === ':' });
  return range === undefined || isNoSecret(text, range, { ...named, sign }) ? undefined : range;
}

/** `ALTER USER x PASSWORD 'y'` */
function quotedInSql(text: string, name: string, at: number): Range | undefined {
  return /^password$/i.test(name) && text[at] === "'" ? quotedAt(text, at) : undefined;
}

interface Named {
  readonly name: string;
  readonly start: number;
  /** The character before the name and its quotes. */
  readonly before: string;
}

const NAME_MAX = 80;

function nameAround(text: string, at: number): Named {
  let end = at;
  while (isOfName(text.charCodeAt(end)) && end - at < NAME_MAX) end += 1;
  let start = at;
  while (isOfName(text.charCodeAt(start - 1)) && at - start < NAME_MAX) start -= 1;
  let before = start - 1;
  while (start - before < NAME_MAX && isOfQuotation(text.charAt(before))) before -= 1;
  return { name: text.slice(start, end), start, before: text.charAt(before) };
}

/** A letter, a digit, or one of `_-.` */
function isOfName(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || [95, 45, 46].includes(code);
}

function isOfQuotation(character: string): boolean {
  return character === '"' || character === "'" || character === '\\';
}

interface Place extends Named {
  readonly colon: boolean;
}

function rangeAt(text: string, at: number, place: Place): Range | undefined {
  if (isQuote(text, at)) return quotedAt(text, at);
  if ('{[|>'.includes(text.charAt(at)) && opensContainer(text.slice(at, at + 64))) return undefined;
  const wholeLine = place.colon && beginsLine(text, place.start);
  const range = { start: at, end: wholeLine ? lineEnd(text, at) : wordEnd(text, at, place.before) };
  return range.end > range.start ? range : undefined;
}

function isQuote(text: string, at: number): boolean {
  return isOfQuotation(text.charAt(at)) && /^\\{0,15}["']/.test(text.slice(at, at + 16));
}

/** A map, a list or the mark of a block of lines: what is in it is looked at by itself. */
function opensContainer(text: string): boolean {
  return /^(?:\{\s*(?:["'}]|[\w-]*:)|\{\s*$|\[\s*["'{\]]|[|>][+-]?\d?\s*(?:\n|$))/.test(text);
}

/** True where only indentation or the dash of a list stands before. */
function beginsLine(text: string, start: number): boolean {
  let at = start - 1;
  while (at >= 0 && start - at < NAME_MAX && /[ \t-]/.test(text.charAt(at))) at -= 1;
  return at < 0 || text[at] === '\n';
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  const line = end === -1 ? text.length : end;
  return text[line - 1] === '\r' ? line - 1 : line;
}

/** Up to a blank or a quotation mark, or to the sign that also stood before the name: `username=u,password=p,vers=3`. */
function wordEnd(text: string, at: number, before: string): number {
  const separators = before === '?' ? '&' : ',;&|'.includes(before) ? before : '';
  let end = at;
  for (; end < text.length; end += 1) {
    const character = text.charAt(end);
    if (character <= ' ' || character === '"' || character === "'" || character === separators) break;
  }
  // The backslashes that belong to the quotation mark behind them.
  while (end > at && /["']/.test(text.charAt(end)) && text[end - 1] === '\\') end -= 1;
  return end;
}

/**
 * What stands between a quotation mark and its other half, on one line. Escaped n times, a mark has 2ⁿ-1 backslashes, and one that
 * belongs to the value has more; fewer end what is around it.
 */
function quotedAt(text: string, at: number): Range | undefined {
  const mark = /^\\*/.exec(text.slice(at, at + 16))?.[0].length ?? 0;
  const quote = text.charAt(at + mark);
  const start = at + mark + 1;
  // It rather ends a quotation: `echo "Password:" …`.
  if (/^(?:[\s,;)}\]]|$)/.test(text.slice(start, start + 1))) return undefined;
  let seen = start;
  for (let end = text.indexOf(quote, start); end !== -1; end = text.indexOf(quote, end + 1)) {
    if (text.slice(seen, end).includes('\n')) break;
    seen = end;
    const backslashes = backslashesBefore(text, end, start);
    if (backslashes > mark && backslashes % (2 * (mark + 1)) !== mark) continue;
    if (quote === "'" && (text[end + 1] === "'" || text.startsWith("\\''", end + 1))) {
      end += text[end + 1] === "'" ? 1 : 3;
      continue;
    }
    return { start, end: end - Math.min(backslashes, mark) };
  }
  return { start, end: lineEnd(text, start) };
}

function backslashesBefore(text: string, end: number, start: number): number {
  let at = end;
  while (at > start && text[at - 1] === '\\') at -= 1;
  return end - at;
}

interface Assigned extends Named {
  readonly sign: string | undefined;
}

function isNoSecret(text: string, { start, end }: Range, { name, start: nameStart, sign }: Assigned): boolean {
  const value = text.slice(start, Math.min(end, start + 1000));
  if (sign === undefined && value.startsWith('-')) return true;
  if (isPlaceholder(name, value)) return true;
  // The program of that name speaks.
  if (sign === ':' && name === 'passwd' && /\s/.test(value)) return true;
  // In a sentence: `invalid token: expired`.
  const inSentence = sign === ':' && /^[a-z]+$/i.test(name) && !isPasswordName(name) && !beginsLine(text, nameStart);
  return inSentence && !/["']/.test(text.charAt(start - 1)) && !looksRandom(value);
}

function looksRandom(value: string): boolean {
  return /\d/.test(value) || /[a-z][A-Z]/.test(value) || value.length >= 20;
}
