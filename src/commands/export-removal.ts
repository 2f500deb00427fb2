import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { ownFile } from './exports.ts';

/** The main file of exports to the byte: what an edit of one line is planned from. */
export function exportsText(nas: Host) {
  return textOf(nas, '/etc/exports', `What does /etc/exports of ${nas.name} say, to the byte?`);
}

/** The file in /etc/exports.d that the bot would write for this path; undefined where there is none. */
export function ownExportText(nas: Host, path: string) {
  return defineRead<string | undefined>({
    asks: `What does the file of ${path} in /etc/exports.d of ${nas.name} say, to the byte?`,
    command: asRoot(nas, 7_000, 'cat', ownFile(path)),
    answers: [0, 1],
    parse: ({ exitCode, stdout, stderr }) => {
      if (exitCode === 0) return stdout;
      if (!/No such file or directory/.test(stderr)) throw new Error(stderr);
      return undefined;
    },
  });
}

/** Writes such a file again as it was: one line. */
export function restoreExportFile(nas: Host, path: string, line: string) {
  return defineChange({ command: { ...asRoot(nas, 15_000, 'tee', ownFile(path)), input: line }, risk: 'normal' });
}

const BEFORE_REMOVAL = '.before-removal';

/** Takes the line of this path out of /etc/exports and keeps the old file beside it. */
export function removeExportLine(nas: Host, path: string) {
  if (!isPlainPath(path)) {
    throw new Refusal('bad-request', `${JSON.stringify(path.slice(0, 300))} cannot be the address of a line for sed`);
  }
  const address = `\\,^"?${path.replaceAll('.', '\\.')}"?[[:blank:]],d`;
  return defineChange({
    command: asRoot(nas, 15_000, 'sed', `--in-place=${BEFORE_REMOVAL}`, '--regexp-extended', address, '/etc/exports'),
    risk: 'high',
  });
}

/** What removeExportLine leaves of a text; undefined where it would not take out exactly one whole line, of this path alone. */
export function withoutExportLine(text: string, path: string): string | undefined {
  const lines = text.split('\n');
  const own = lines.flatMap((line, index) => (isLineOf(line, path) ? [index] : []));
  const [index] = own;
  if (!isPlainPath(path) || index === undefined || own.length > 1) return undefined;
  const isContinued = [lines[index - 1], lines[index]].some((line) => line?.endsWith('\\') === true);
  if (isContinued) return undefined;
  const rest = lines.toSpliced(index, 1).join('\n');
  // A last line without a line feed leaves that of the line before it.
  return index > 0 && index === lines.length - 1 ? `${rest}\n` : rest;
}

function isPlainPath(path: string): boolean {
  return /^(?:\/[\w.-]+)+$/.test(path);
}

/** As the address of sed has it. */
function isLineOf(line: string, path: string): boolean {
  return [path, `"${path}"`, `"${path}`, `${path}"`].some((word) => line.startsWith(`${word} `) || line.startsWith(`${word}\t`));
}

/** The file from before removeExportLine, which restoreExportLine brings back. */
export function exportsTextBeforeRemoval(nas: Host) {
  const asks = `What did /etc/exports of ${nas.name} say before an export was taken out?`;
  return textOf(nas, `/etc/exports${BEFORE_REMOVAL}`, asks);
}

export function restoreExportLine(nas: Host) {
  return defineChange({
    command: asRoot(nas, 15_000, 'cp', '--preserve', `/etc/exports${BEFORE_REMOVAL}`, '/etc/exports'),
    risk: 'high',
  });
}

function textOf(nas: Host, file: string, asks: string) {
  return defineRead<string>({
    asks,
    command: asRoot(nas, 7_000, 'cat', file),
    answers: [0],
    parse: ({ stdout }) => stdout,
  });
}
