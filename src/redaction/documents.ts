import { cleanAssignments } from './assignments.ts';
import { type Edit, edited } from './edits.ts';
import { JsonReader } from './json.ts';
import { cleanYaml } from './yaml.ts';

const OPENS_JSON = /\{\s{0,200}"/g;

/**
 * Replaces what its place shows to be secret: the values of secret names, and of Kubernetes Secrets in JSON and YAML. What a text
 * quotes is unquoted and given to `clean`.
 */
export function cleanDocuments(text: string, clean: (quoted: string) => string): string {
  const lines = /^\s{0,200}\{/.test(text) ? text : cleanYaml(text);
  const parts: string[] = [];
  let done = 0;
  const reader = new JsonReader(lines, clean);
  for (let at = nextJson(lines, 0); at !== -1; ) {
    const { end, edits } = reader.read(at);
    if (edits !== undefined) {
      const fragment = lines.slice(at, end);
      const moved = edits.map((edit) => ({ ...edit, start: edit.start - at, end: edit.end - at }));
      parts.push(cleanWords(lines.slice(done, at), clean), edited(fragment, moved));
      done = end;
    }
    at = nextJson(lines, end);
  }
  parts.push(cleanWords(lines.slice(done), clean));
  return parts.join('');
}

function nextJson(text: string, from: number): number {
  OPENS_JSON.lastIndex = from;
  return OPENS_JSON.exec(text)?.index ?? -1;
}

function cleanWords(text: string, clean: (quoted: string) => string): string {
  return cleanAssignments(cleanEscaped(text, clean));
}

/** Shorter than any object of Kubernetes. */
const ESCAPED_MIN = 24;
const FAILURES_MAX = 1000;

/** Cleans JSON that stands inside a quotation, as logs print it: `msg="{\"kind\":\"Secret\" …}"`. */
function cleanEscaped(text: string, clean: (quoted: string) => string): string {
  const edits: Edit[] = [];
  let failures = 0;
  for (let at = text.indexOf('{\\"'); at !== -1 && failures < FAILURES_MAX; ) {
    const end = quotationEnd(text, at + 3);
    const quoted = text.slice(at, end);
    const said = quoted.length < ESCAPED_MIN ? '' : unquoted(quoted);
    const cleaned = said === undefined || said === '' ? said : clean(said);
    if (said === undefined) failures += 1;
    if (cleaned !== said) edits.push({ start: at, end, text: JSON.stringify(cleaned).slice(1, -1) });
    at = text.indexOf('{\\"', end);
  }
  return edited(text, edits);
}

/** Where a quotation mark or a line break ends it that is not escaped. */
function quotationEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '"' && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at, text.length);
}

function unquoted(text: string): string | undefined {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return undefined;
  }
}
