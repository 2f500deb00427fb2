import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
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
    const match = /^(\/.*?)\s+(\S+\(.*\))\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) throw new Error(`not an export: ${line}`);
    return { path: match[1], clients: match[2] };
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
function ownFile(path: string): string {
  return `/etc/exports.d/${path.slice(1).replaceAll('/', '+')}.exports`;
}

export function writeExportFile(nas: Host, path: string, network: string) {
  return defineChange({
    command: {
      ...asRoot(nas, 15_000, 'tee', ownFile(path)),
      input: `${path} ${network}(rw,sync,no_subtree_check,no_root_squash)`,
    },
    risk: 'normal',
  });
}

export function removeExportFile(nas: Host, path: string) {
  return defineChange({ command: asRoot(nas, 15_000, 'rm', ownFile(path)), risk: 'normal' });
}

const BEFORE_FSID_FIX = '.before-fsid-fix';

/** Takes fsid=0 out of /etc/exports and keeps the old file beside it. Empty parentheses mean the default options. */
export function dropFsidZero(nas: Host) {
  return defineChange({
    command: asRoot(
      nas,
      15_000,
      ...(['sed', `--in-place=${BEFORE_FSID_FIX}`, '--regexp-extended'] as const),
      's/,fsid=(0|root)\\b//g; s/\\bfsid=(0|root),//g; s/\\(fsid=(0|root)\\)/()/g',
      '/etc/exports',
    ),
    risk: 'high',
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

/** Adds the path to the site's script of exports, which regenerates all of them. */
export function addToScript(nas: Host, script: string, path: string) {
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
