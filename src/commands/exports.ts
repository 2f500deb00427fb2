import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import type { Flavour } from './nas.ts';
import type { ExportEntry } from './nfs-client.ts';
import { decodeVis } from './vis.ts';

/** A path as a file of exports names it, with all that follows it on its line. */
export interface ExportLine {
  readonly path: string;
  readonly rest: string;
}

/** The file that the server's exports come from. On TrueNAS the middleware writes it; an edit by hand is lost. */
export function exportsFile(nas: Host) {
  return defineRead<readonly ExportLine[]>({
    asks: `Which exports does /etc/exports of ${nas.name} name?`,
    command: asRoot(nas, 7_000, 'cat', '/etc/exports'),
    answers: [0],
    parse: ({ stdout }) => parseExportsFile(stdout),
  });
}

/** The further files of a Linux server; one without that directory has none. sed parts files whose last line has no line feed. */
export function exportsDirectory(nas: Host) {
  return defineRead<readonly ExportLine[]>({
    asks: `Which exports do the files in /etc/exports.d of ${nas.name} name?`,
    command: asRoot(nas, 7_000, 'find', '/etc/exports.d', '-name', '*.exports', '-exec', 'sed', '-n', 'p', '{}', '+'),
    answers: [0, 1],
    parse: ({ exitCode, stdout, stderr }) => {
      if (exitCode === 1 && !/exports\.d.*No such file or directory/.test(stderr)) throw new Error(stderr);
      return parseExportsFile(stdout);
    },
  });
}

/** Reads both forms: FreeBSD's (several paths, then options with a dash) and Linux's (path, then clients). */
export function parseExportsFile(text: string): ExportLine[] {
  const lines = text.split('\n').map(withoutComment);
  return linesOf(lines.join('\n').replaceAll(/\\\n/g, ' '))
    .map((line) => line.trim())
    .filter((line) => line.startsWith('/') || line.startsWith('"'))
    .flatMap(parseLine);
}

/** A comment begins at a line's start or after a blank, and not in quotes. */
function withoutComment(line: string): string {
  return line.replaceAll(/("[^"]*")|(?:^|\s)#.*$/g, (_, quoted: string | undefined) => quoted ?? '');
}

function parseLine(line: string): ExportLine[] {
  const paths: string[] = [];
  let rest = line;
  for (let match = nextPath(rest); match !== null; match = nextPath(rest)) {
    paths.push(match[1] ?? match[2] ?? '');
    rest = rest.slice(match[0].length).trimStart();
  }
  return paths.map((path) => ({ path, rest }));
}

function nextPath(text: string): RegExpExecArray | null {
  return /^(?:"(\/[^"]*)"|(\/\S*))/.exec(text);
}

/** What the server exports at this moment, asked on the server itself. */
export function activeExports(nas: Host, flavour: Flavour) {
  return flavour === 'core' ? activeOnFreeBsd(nas) : activeOnLinux(nas);
}

function activeOnFreeBsd(nas: Host) {
  return defineRead<readonly ExportEntry[]>({
    asks: `What does ${nas.name} export now?`,
    command: boundedAsRoot(nas, 4, ['showmount', '-E', '127.0.0.1']),
    answers: [0],
    parse: ({ stdout }) => parseExportedPaths(stdout),
  });
}

/** `showmount -E` of FreeBSD: one encoded path in a line, without its clients. It refuses `-e` beside `-E`. */
export function parseExportedPaths(text: string): ExportEntry[] {
  return linesOf(text).map((line) => {
    if (!line.startsWith('/')) throw new Error(`not an export: ${line}`);
    return { path: decodeVis(line), clients: '' };
  });
}

function activeOnLinux(nas: Host) {
  return defineRead<readonly ExportEntry[]>({
    asks: `What does ${nas.name} export now?`,
    command: asRoot(nas, 7_000, 'exportfs', '-s'),
    answers: [0],
    parse: ({ stdout }) => parseExportfs(stdout),
  });
}

/** `exportfs -s`: a path, blanks, a client with its options in parentheses. `-v` breaks long lines; this does not. */
export function parseExportfs(text: string): ExportEntry[] {
  return linesOf(text).map((line) => {
    const blank = line.search(/(?<=\S)\s+(?=[^\s(]+\()/);
    const clients = line.slice(blank).trim();
    if (!line.startsWith('/') || blank < 0 || !clients.endsWith(')')) throw new Error(`not an export: ${line}`);
    return { path: line.slice(0, blank), clients };
  });
}

/** True where clients may mount this path: it is exported itself, or lies below an exported directory. */
export function covers(exports: readonly { readonly path: string }[], path: string): boolean {
  return exports.some((entry) => path === entry.path || path.startsWith(`${entry.path === '/' ? '' : entry.path}/`));
}

/** NFSv4 clients see a directory exported with fsid=0 as the root of the server: every other path is gone for them. */
export function rootedAtFsidZero(lines: readonly ExportLine[]): ExportLine | undefined {
  return lines.find(({ rest }) => /\bfsid=(0|root)\b/.test(rest));
}

/** A file of its own for each path that the bot exports; the server's main file stays as it is. */
export function ownFile(path: string): string {
  return `/etc/exports.d/${path.slice(1).replaceAll('/', '+')}.exports`;
}

/** What the bot writes into such a file. */
export function ownLine(path: string, network: string): ExportLine {
  return { path, rest: `${network}(rw,sync,no_subtree_check,no_root_squash)` };
}

export function writeExportFile(nas: Host, path: string, network: string) {
  return defineChange({
    command: { ...asRoot(nas, 15_000, 'tee', ownFile(path)), input: `${exportsWord(path)} ${ownLine(path, network).rest}` },
    risk: 'normal',
  });
}

/** In a file of exports a blank ends the path: what follows it would be clients that may mount what stands before it. */
function exportsWord(path: string): string {
  if (/^\/[\w\-./:=@,+%]*$/.test(path)) return path;
  if (/^\/[^"\\]*$/.test(path)) return `"${path}"`;
  throw new Refusal('bad-request', `${JSON.stringify(path.slice(0, 300))} cannot be written into a file of exports`);
}

export function removeExportFile(nas: Host, path: string) {
  return defineChange({ command: asRoot(nas, 15_000, 'rm', ownFile(path)), risk: 'normal' });
}

const BEFORE_FSID_FIX = '.before-fsid-fix';

/** Pattern and replacement, the same for sed and here. Empty parentheses mean the default options. */
const FSID_ZERO = [
  [',fsid=(0|root)\\b', ''],
  ['\\bfsid=(0|root),', ''],
  ['\\(fsid=(0|root)\\)', '()'],
] as const;

/** The lines as dropFsidZero leaves them. */
export function withoutFsidZero(lines: readonly ExportLine[]): ExportLine[] {
  return lines.map(({ path, rest }) => ({
    path,
    rest: FSID_ZERO.reduce((text, [pattern, replacement]) => text.replaceAll(new RegExp(pattern, 'g'), replacement), rest),
  }));
}

/** Takes fsid=0 out of /etc/exports and keeps the old file beside it. */
export function dropFsidZero(nas: Host) {
  return defineChange({
    command: asRoot(
      nas,
      15_000,
      ...(['sed', `--in-place=${BEFORE_FSID_FIX}`, '--regexp-extended'] as const),
      FSID_ZERO.map(([pattern, replacement]) => `s/${pattern}/${replacement}/g`).join('; '),
      '/etc/exports',
    ),
    risk: 'high',
  });
}

/** The file from before dropFsidZero, which restoreExportsFile brings back. */
export function exportsFileBeforeFix(nas: Host) {
  return defineRead<readonly ExportLine[]>({
    asks: `Which exports did /etc/exports of ${nas.name} name before fsid=0 was taken out?`,
    command: asRoot(nas, 7_000, 'cat', `/etc/exports${BEFORE_FSID_FIX}`),
    answers: [0],
    parse: ({ stdout }) => parseExportsFile(stdout),
  });
}

export function restoreExportsFile(nas: Host) {
  return defineChange({
    command: asRoot(nas, 15_000, 'cp', '--preserve', `/etc/exports${BEFORE_FSID_FIX}`, '/etc/exports'),
    risk: 'high',
  });
}

/** Whether the site's script of exports already names this path. */
export function scriptNames(nas: Host, script: string, path: string) {
  return defineRead<boolean>({
    asks: `Does ${script} on ${nas.name} name ${path}?`,
    command: asRoot(nas, 7_000, 'grep', '-cF', `"${path}"`, script),
    answers: [0, 1],
    parse: ({ exitCode }) => exitCode === 0,
  });
}

/** Whether a line that is added to the script begins on a line of its own. */
export function scriptIsWhole(nas: Host, script: string) {
  return defineRead<boolean>({
    asks: `Does ${script} on ${nas.name} end with a line feed?`,
    command: asRoot(nas, 7_000, 'tail', '-c', '1', script),
    answers: [0],
    parse: ({ stdout }) => stdout === '\n',
  });
}

/** Adds the path to the site's script of exports, which regenerates all of them. */
export function addToScript(nas: Host, script: string, path: string) {
  // Inside double quotes a shell still obeys some characters.
  if (!/^\/[^"$`\\!]*$/.test(path)) {
    throw new Refusal('bad-request', `${JSON.stringify(path.slice(0, 300))} cannot be written into a shell script`);
  }
  return defineChange({
    command: {
      ...asRoot(nas, 15_000, 'tee', '-a', script),
      input: `create_nfs_export "${path.replace(/^\/mnt\//, '')}" "${path}"`,
    },
    risk: 'normal',
  });
}

export function runScript(nas: Host, script: string) {
  return defineChange({ command: asRoot(nas, 120_000, script), risk: 'normal' });
}
