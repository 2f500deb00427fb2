import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead, on, operand } from '../core/command.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';

/** `core`: TrueNAS on FreeBSD. `scale`: TrueNAS on Linux. `debian`: a plain Linux NFS server. */
export type Flavour = 'core' | 'scale' | 'debian';

export function kernelOf(nas: Host) {
  return defineRead<'FreeBSD' | 'Linux'>({
    asks: `Which operating system does ${nas.name} run?`,
    command: on(nas, 7_000, 'uname', '-s'),
    answers: [0],
    parse: ({ stdout }) => {
      const name = stdout.trim();
      if (name !== 'FreeBSD' && name !== 'Linux') throw new Error(`unknown operating system: ${name}`);
      return name;
    },
  });
}

export function hasMiddleware(nas: Host) {
  return defineRead<boolean>({
    asks: `Does ${nas.name} have TrueNAS' middleware?`,
    command: on(nas, 7_000, 'which', 'midclt'),
    answers: [0, 1],
    parse: ({ exitCode }) => exitCode === 0,
  });
}

export type NfsService = 'nfsd' | 'mountd';

const UNIT = { nfsd: 'nfs-server', mountd: 'nfs-mountd' } as const;

/** On CORE `one…`, since a plain verb says "Set nfs_server_enable to YES" and does nothing where rc.conf does not enable the service. */
export function serviceRuns(nas: Host, flavour: Flavour, service: NfsService) {
  const core = flavour === 'core';
  return defineRead<boolean>({
    asks: `Does ${service} run on ${nas.name}?`,
    command: core ? asRoot(nas, 7_000, 'service', service, 'onestatus') : on(nas, 7_000, 'systemctl', 'is-active', UNIT[service]),
    answers: core ? [0, 1] : [0, 3],
    parse: ({ stdout }) => (core ? parseRcStatus(stdout) : parseIsActive(stdout)),
  });
}

function parseRcStatus(stdout: string): boolean {
  if (/is running as pid/.test(stdout)) return true;
  if (/is not running/.test(stdout)) return false;
  throw new Error(stdout);
}

function parseIsActive(stdout: string): boolean {
  const state = stdout.trim();
  if (state === 'active') return true;
  if (state === 'inactive' || state === 'failed') return false;
  throw new Error(`state ${state}`);
}

/** Starts a service that is not running. There is no restart here: it would break the mounts that still work. */
export function startService(nas: Host, flavour: Flavour, service: NfsService) {
  const command =
    flavour === 'core'
      ? asRoot(nas, 60_000, 'service', service, 'onestart')
      : asRoot(nas, 60_000, 'systemctl', 'start', UNIT[service]);
  return defineChange({ command, risk: service === 'nfsd' ? 'high' : 'normal' });
}

/** Makes mountd read its files again. Existing mounts are not dropped. */
export function reloadExports(nas: Host, flavour: Flavour) {
  const command =
    flavour === 'core' ? asRoot(nas, 30_000, 'service', 'mountd', 'onereload') : asRoot(nas, 30_000, 'exportfs', '-ra');
  return defineChange({ command, risk: 'normal' });
}

export interface ServerLogLine {
  readonly text: string;
  /** The export path a refused line is about, where the message names one. */
  readonly refusedPath?: string;
}

/** What mountd and nfsd logged lately, oldest first. */
export function serverLog(nas: Host, flavour: Flavour) {
  const command =
    flavour === 'core'
      ? asRoot(nas, 7_000, 'tail', '-n', '200', '/var/log/messages')
      : asRoot(
          nas,
          7_000,
          'journalctl',
          '--unit=nfs-mountd',
          '--unit=nfs-server',
          '--lines=200',
          '--no-pager',
          '--output=short-iso',
        );
  return defineRead<readonly ServerLogLine[]>({
    asks: `What did the NFS server of ${nas.name} log?`,
    command,
    answers: [0],
    parse: ({ stdout }) => parseServerLog(stdout),
  });
}

export function parseServerLog(text: string): ServerLogLine[] {
  return linesOf(text)
    .filter((line) => /mountd|nfsd|exportfs/.test(line))
    .map((line) => {
      const refused =
        /can't change attributes for (\/[^\s:]+)/.exec(line) ??
        /bad exports list line '?(\/[^\s']+)/.exec(line) ??
        /exportfs: (?:Failed to stat|No options for|duplicated export entries?:?) "?(\/[^\s":]+)/i.exec(line);
      return refused?.[1] === undefined ? { text: line } : { text: line, refusedPath: refused[1] };
    });
}

export interface Directory {
  readonly path: string;
  /** Absent: there is no such directory. */
  readonly found?: { readonly mode: string; readonly uid: number; readonly gid: number };
}

/** The directories themselves, with their owners; paths that do not exist are answers. */
export function directories(nas: Host, paths: readonly [string, ...string[]]) {
  return defineRead<readonly Directory[]>({
    asks: `Which of these directories exist on ${nas.name}?`,
    command: boundedAsRoot(nas, 4, ['ls', '-ldn', ...paths.map(operand)]),
    answers: [0, 1, 2],
    parse: ({ stdout, stderr }) => parseDirectories(paths, stdout, stderr),
  });
}

export function parseDirectories(paths: readonly string[], stdout: string, stderr: string): Directory[] {
  const rows = linesOf(stdout).map(parseRow);
  const missing = linesOf(stderr).map(missingPath);
  return paths.map((path) => {
    const row = rows.find(({ name }) => name === path || name.startsWith(`${path} -> `));
    if (row === undefined && missing.includes(path)) return { path };
    if (row === undefined) throw new Error(`ls says nothing about ${path}: ${stderr}`);
    const { mode, uid, gid } = row;
    if (!mode.startsWith('d')) throw new Error(`${path} is no directory`);
    return { path, found: { mode, uid, gid } };
  });
}

/** The name is what follows the date: its first slash is the row's first one after a blank. */
function parseRow(row: string) {
  const match = /^(\S+)\s+\d+\s+(\d+)\s+(\d+)\s.*?\s(\/.*)$/.exec(row);
  if (match?.[1] === undefined || match[4] === undefined) throw new Error(`not a row of ls: ${row}`);
  return { mode: match[1], uid: Number(match[2]), gid: Number(match[3]), name: match[4] };
}

/** GNU: `ls: cannot access '/p': No such file or directory`. FreeBSD: `ls: /p: No such file or directory`. */
function missingPath(line: string): string | undefined {
  const match = /^ls: (?:cannot access )?(?:['"‘](.*)['"’]|(\/.*)): No such file or directory$/.exec(line);
  return match?.[1] ?? match?.[2];
}

/** One entry of the directory is enough to know that it is not empty. */
export function isEmptyDirectory(nas: Host, path: string) {
  return defineRead<boolean>({
    asks: `Is ${path} empty on ${nas.name}?`,
    command: boundedAsRoot(nas, 4, ['find', operand(path), '-mindepth', '1', '-maxdepth', '1', '-print', '-quit']),
    answers: [0],
    parse: ({ stdout }) => stdout.trim() === '',
  });
}

/** Makes the directory itself, with mode 0777: fails where something of that name exists, or nothing above it does. */
export function makeDirectory(nas: Host, path: string) {
  return defineChange({ command: asRoot(nas, 15_000, 'mkdir', '-m', '0777', operand(path)), risk: 'normal' });
}

/** Removes the directory if it is empty: rmdir refuses any other. */
export function removeEmptyDirectory(nas: Host, path: string) {
  return defineChange({ command: asRoot(nas, 15_000, 'rmdir', operand(path)), risk: 'normal' });
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Gives the directory itself, and nothing below it, to another owner. */
export function giveDirectory(nas: Host, path: string, { uid, gid }: Owner) {
  return defineChange({ command: asRoot(nas, 15_000, 'chown', `${uid}:${gid}`, operand(path)), risk: 'normal' });
}
