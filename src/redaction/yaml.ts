import { type Edit, edited, masked, type Range } from './edits.ts';
import { isPlaceholder, isSecretName } from './names.ts';

/** What the keys of one column have told of their map so far. */
interface Frame {
  readonly column: number;
  kind?: string;
  name?: string;
  value?: Range;
  readonly data: Range[];
}

/** Lines deeper than this column are values, and of whom. */
interface Block {
  readonly column: number;
  readonly into: Range[];
}

const LINE =
  /^(?<indent> *(?:- +){0,4})(?:(?<quote>["']?)(?<key>[\w./-]{1,250})\k<quote>:(?:[ \t]+(?<value>.*))?|(?<item>--?[\w-]{1,80}|.*))$/;

const WORTH_READING =
  /kind:[ \t]{1,8}["']?Secret|\bvalue:|(?:pass|pwd|pw|secret|token|key|hash|word|wd|phrase)\d{0,3}["']?:[ \t]{1,8}[|>]|- --?\w/i;

/** Replaces what only its lines together show: `data` of Secrets, variables of pods, blocks of text, flags in lists. */
export function cleanYaml(text: string): string {
  if (!WORTH_READING.test(text)) return text;
  const secret: Range[] = [];
  const frames: Frame[] = [];
  let block: Block | undefined;
  let afterFlag = false;
  const close = (column: number): void => {
    while ((frames.at(-1)?.column ?? -1) > column) secret.push(...secretsOf(frames.pop()));
  };
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    const line = lineOf(text, start, end);
    start = end + 1;
    if (line === undefined) continue;
    if (block !== undefined && line.column > block.column) {
      block.into.push(line.value ?? line.whole);
      continue;
    }
    block = undefined;
    close(line.column);
    if (line.startsItem) close(line.column - 1);
    if (afterFlag && line.isItem) secret.push(line.whole);
    afterFlag = line.isItem && /^--?(?!-?no-)/.test(line.text) && isSecretName(line.text);
    if (line.key !== undefined) block = noted(frameAt(frames, line.column), line, secret);
  }
  close(-1);
  const edits: Edit[] = secret.filter(({ start, end }) => end > start).map(masked);
  return edited(text, edits);
}

interface Line {
  readonly column: number;
  readonly startsItem: boolean;
  readonly isItem: boolean;
  readonly key?: string;
  /** Where the value behind the key is, if there is one. */
  readonly value?: Range;
  /** Everything behind the indentation. */
  readonly whole: Range;
  /** The value, or the whole without a key. */
  readonly text: string;
}

function lineOf(text: string, start: number, lineEnd: number): Line | undefined {
  const end = text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd;
  // Longer lines hold no YAML that a person could have written.
  const { indent = '', key, value } = LINE.exec(text.slice(start, Math.min(end, start + 65_536)))?.groups ?? {};
  const whole = { start: start + indent.length, end };
  if (whole.start >= end) return undefined;
  const startsItem = indent.includes('-');
  const about = { column: indent.length, startsItem, isItem: startsItem && key === undefined, whole };
  if (key === undefined) return { ...about, text: text.slice(whole.start, Math.min(end, whole.start + 100)) };
  if (value === undefined || value === '') return { ...about, key, text: '' };
  return { ...about, key, value: { start: end - value.length, end }, text: value };
}

function frameAt(frames: Frame[], column: number): Frame {
  const top = frames.at(-1);
  if (top?.column === column) return top;
  const frame: Frame = { column, data: [] };
  frames.push(frame);
  return frame;
}

/** Takes note of a key, and says whose value the deeper lines are. */
function noted(frame: Frame, { column, key = '', value, text }: Line, secret: Range[]): Block | undefined {
  const said = text.replaceAll(/^["']|["']$/g, '');
  if (key === 'kind') frame.kind = said;
  if (key === 'name') frame.name = said;
  if (key === 'value' && value !== undefined && !isPlaceholder('password', said)) frame.value = value;
  const isData = key === 'data' || key === 'stringData';
  if (isData && value !== undefined && !/^[|>&{]?\W*$/.test(text)) frame.data.push(value);
  if (isData && value === undefined) return { column, into: frame.data };
  const isBlock = /^[|>][+-]?\d?$/.test(text);
  return isBlock && isSecretName(key) ? { column, into: secret } : undefined;
}

function secretsOf(frame: Frame | undefined): readonly Range[] {
  const ofVariable = frame?.value !== undefined && isSecretName(frame.name ?? '') ? [frame.value] : [];
  return frame?.kind === 'Secret' ? [...frame.data, ...ofVariable] : ofVariable;
}
