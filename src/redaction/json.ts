import { type Edit, MARK, masked, type Range } from './edits.ts';
import { isPasswordName, isPlaceholder, isSecretName } from './names.ts';

/** One JSON value in a text: how far it goes, or how far it made sense, and what must be replaced in it. */
export interface JsonFragment {
  readonly end: number;
  /** Absent where it turned out to be no JSON. */
  readonly edits?: readonly Edit[];
}

/** Where a value stands: whose it is, and who must be told of texts that are secret if their object is. */
interface Place {
  readonly key: string;
  readonly frame: Frame;
  /** In an array, whether the element before was the flag of a password. */
  readonly afterFlag?: boolean;
}

/** What an object has told of itself so far. */
interface Frame {
  kind?: string;
  type?: string;
  name?: string;
  value?: Range;
  /** Texts of `data` and `stringData`. */
  readonly data: Range[];
  /** The same of the elements of `items` that do not say their kind. */
  readonly items: Range[];
  readonly parent?: Frame;
  /** True inside `data`, whose texts belong to the object around it. */
  readonly isData: boolean;
  readonly isItem: boolean;
}

const DEPTH_MAX = 200;
const LITERAL = /-?\d[\d.eE+-]{0,400}|true|false|null/y;
/** What a text must hold so that anything but a token can be secret in it. */
const WORTH_A_LOOK = /pass|pwd|pw|secret|token|key|hash|auth|cookie|\bdata\b/i;

/** Reads objects of one text. Each method that reads something returns whether it is whole, and leaves `at` where it ended. */
export class JsonReader {
  readonly #text: string;
  readonly #clean: (text: string) => string;
  #edits: Edit[] = [];
  #at = 0;
  #depth = 0;
  /** Where the line ends that is being read. */
  #newline = -1;

  /** `clean` is for texts inside the text, which may be documents themselves. */
  constructor(text: string, clean: (text: string) => string) {
    this.#text = text;
    this.#clean = clean;
  }

  /** Reads the object that begins at `start`. */
  read(start: number): JsonFragment {
    this.#at = start;
    this.#edits = [];
    const around: Frame = { data: [], items: [], isData: false, isItem: false };
    if (this.#value({ key: '', frame: around })) return { end: this.#at, edits: this.#edits };
    return { end: Math.max(this.#at, start + 1) };
  }

  #value(place: Place): boolean {
    const character = this.#text[this.#at];
    if (character === '"') return this.#leaf(place);
    if (character === '{') return this.#nested(() => this.#object(place));
    if (character === '[') return this.#nested(() => this.#array(place));
    return this.#literal(place.key);
  }

  #nested(read: () => boolean): boolean {
    this.#at += 1;
    this.#depth += 1;
    const isWhole = this.#depth <= DEPTH_MAX && read();
    this.#depth -= 1;
    return isWhole;
  }

  #object(place: Place): boolean {
    const isData = place.key === 'data' || place.key === 'stringData';
    const frame: Frame = { data: [], items: [], parent: place.frame, isData, isItem: place.key === 'items' };
    const isWhole = this.#elements('}', () => {
      const name = this.#text[this.#at] === '"' ? this.#string() : undefined;
      if (name === undefined) return false;
      this.#skipBlanks();
      if (this.#text[this.#at] !== ':') return false;
      this.#at += 1;
      this.#skipBlanks();
      return this.#value({ key: this.#text.slice(name.start, name.end), frame });
    });
    this.#mask(secretsOf(frame));
    return isWhole;
  }

  #array({ key, frame }: Place): boolean {
    let afterFlag = false;
    return this.#elements(']', () => {
      const from = this.#at;
      if (!this.#value({ key, frame, afterFlag })) return false;
      afterFlag = isSecretFlag(this.#text.slice(from, Math.min(this.#at, from + FLAG_MAX)));
      return true;
    });
  }

  #elements(close: string, element: () => boolean): boolean {
    for (let isFirst = true; ; isFirst = false) {
      this.#skipBlanks();
      if (this.#text[this.#at] === close) break;
      if (!isFirst && this.#text[this.#at] !== ',') return false;
      if (!isFirst) this.#at += 1;
      this.#skipBlanks();
      if (!element()) return false;
    }
    this.#at += 1;
    return true;
  }

  #leaf({ key, frame, afterFlag = false }: Place): boolean {
    const range = this.#string();
    if (range === undefined) return false;
    const raw = this.#text.slice(range.start, range.end);
    if (frame.isData) frame.parent?.data.push(range);
    note(frame, { key, range, raw });
    if ((isSecretName(key) || afterFlag) && !isPlaceholder(key, raw)) this.#mask([range]);
    // Behind an escaped line break no form of a token begins a word.
    else if (raw.includes('\\') || WORTH_A_LOOK.test(raw)) this.#cleanInside(range, raw);
    return true;
  }

  #cleanInside(range: Range, raw: string): void {
    const said = decoded(raw);
    if (said === undefined) return;
    const cleaned = this.#clean(said);
    if (cleaned !== said) this.#edits.push({ ...range, text: JSON.stringify(cleaned).slice(1, -1) });
  }

  #literal(key: string): boolean {
    LITERAL.lastIndex = this.#at;
    const [found] = LITERAL.exec(this.#text) ?? [];
    if (found === undefined) return false;
    const end = this.#at + found.length;
    if (/\d/.test(found) && isSecretName(key) && isPasswordName(key))
      this.#edits.push({ start: this.#at, end, text: JSON.stringify(MARK) });
    this.#at = end;
    return true;
  }

  /** The range between the quotation marks, if a whole text stands here on one line. */
  #string(): Range | undefined {
    const start = this.#at + 1;
    if (this.#newline < start) this.#newline = this.#find('\n', start);
    for (let end = this.#find('"', start); end < this.#newline; end = this.#find('"', end + 1)) {
      let slashes = end;
      while (slashes > start && this.#text[slashes - 1] === '\\') slashes -= 1;
      if ((end - slashes) % 2 === 1) continue;
      this.#at = end + 1;
      return { start, end };
    }
    this.#at = this.#newline;
    return undefined;
  }

  #find(character: string, from: number): number {
    const found = this.#text.indexOf(character, from);
    return found === -1 ? this.#text.length : found;
  }

  #skipBlanks(): void {
    while (this.#at < this.#text.length && ' \n\r\t'.includes(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #mask(ranges: readonly Range[]): void {
    for (const range of ranges) this.#edits.push(masked(range));
  }
}

/** Longer than any flag, with its quotation marks. */
const FLAG_MAX = 90;

function isSecretFlag(element: string): boolean {
  return /^"--?(?!-?no-)[\w-]{1,80}"$/.test(element) && isSecretName(element.slice(1, -1));
}

function decoded(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return undefined;
  }
}

function note(frame: Frame, { key, range, raw }: { readonly key: string; readonly range: Range; readonly raw: string }): void {
  if (key === 'kind') frame.kind = raw;
  if (key === 'type') frame.type = raw;
  if (key === 'name') frame.name = raw;
  // What `pveum user token add` answers.
  if (key === 'full-tokenid') frame.name = 'token';
  if (key === 'value' && !isPlaceholder('password', raw)) frame.value = range;
}

/** What turned out to be secret in this object when it was read to its end. What only the list around it can tell goes there. */
function secretsOf({ kind, type, name, value, data, items, parent, isItem }: Frame): readonly Range[] {
  const ofVariable = value !== undefined && name !== undefined && isSecretName(name) ? [value] : [];
  if (kind === 'SecretList') return [...items, ...ofVariable];
  if (kind === 'Secret' || (kind === undefined && type !== undefined && OF_SECRETS.test(type))) return [...data, ...ofVariable];
  if (kind === undefined && isItem) for (const range of data) parent?.items.push(range);
  return ofVariable;
}

const OF_SECRETS = /^(?:Opaque$|(?:bootstrap\.)?kubernetes\.io\/|helm\.sh\/release)/;
