import type { Host, Read } from '../core/command.ts';
import { defineRead, operand } from '../core/command.ts';
import { boundedAsRoot } from './bounded.ts';

/** Where a job leaves its backups, and how their names begin and end. */
export interface BackupNames {
  readonly path: string;
  readonly begins: string;
  readonly ends: string;
}

/** A backup as it lies on the NAS: a file, or a directory. */
export interface BackupFile {
  readonly name: string;
  readonly path: string;
  /** Of a directory that is what it takes itself, without what lies in it. */
  readonly bytes: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
  readonly isDirectory: boolean;
}

/** What lies in a directory, or one file of each directory in it. GNU's stat and FreeBSD's take other options; the third word is the mode. */
export const LIST_SCRIPT =
  'cd "$1" || exit 3; if stat --version >/dev/null 2>&1; then flag=-c; form="%Y %s %f %n"; else flag=-f; form="%m %z %Xp %N"; fi; if [ -z "$2" ]; then find . -mindepth 1 -maxdepth 1 -exec stat "$flag" "$form" {} + || exit 4; else for each in */"$2"; do [ ! -f "$each" ] || stat "$flag" "$form" "./$each" || exit 4; done; fi; echo end';

/** The backups, the newest first. What has another name is left out. */
export function backupFiles(nas: Host, { path, begins, ends }: BackupNames): Read<readonly BackupFile[]> {
  return defineRead({
    asks: `Which backups lie in ${path} on ${nas.name}?`,
    command: listing(nas, path, ''),
    answers: [0],
    parse: ({ stdout }) => parseListing(stdout, path).filter(({ name }) => isNamed(name, begins, ends)),
  });
}

/** One file of each backup that is a directory, by its path in there; a directory without it is left out. The newest first. */
export function filesInBackups(nas: Host, path: string, file: string): Read<readonly BackupFile[]> {
  return defineRead({
    asks: `How large is ${file} in each backup below ${path} on ${nas.name}?`,
    command: listing(nas, path, file),
    answers: [0],
    parse: ({ stdout }) => parseListing(stdout, path),
  });
}

function listing(nas: Host, path: string, file: string) {
  return boundedAsRoot(nas, 4, ['sh', '-c', LIST_SCRIPT, 'list', operand(path), operand(file)]);
}

/** Hidden files are those that a program is still writing, or leftovers of one. */
function isNamed(name: string, begins: string, ends: string): boolean {
  const isHidden = name.startsWith('.') && !begins.startsWith('.');
  return !isHidden && name.startsWith(begins) && name.endsWith(ends) && name.length >= begins.length + ends.length;
}

export function parseListing(stdout: string, directory: string): BackupFile[] {
  const lines = stdout.split('\n');
  if (lines.at(-2) !== 'end' || lines.at(-1) !== '') throw new Error('the list was cut');
  return lines
    .slice(0, -2)
    .map((line) => parseRow(line, directory))
    .toSorted((a, b) => b.modifiedAt - a.modifiedAt || (a.name < b.name ? 1 : -1));
}

const DIRECTORY = 0x4000;

function parseRow(line: string, directory: string): BackupFile {
  const [, modifiedAt, bytes, mode = '', name] = /^(\d+) (\d+) ([0-9a-fA-F]{4,}) \.\/(.+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a row of stat: ${line}`);
  const isDirectory = (Number.parseInt(mode, 16) & 0xf000) === DIRECTORY;
  return { name, path: `${directory}/${name}`, bytes: Number(bytes), modifiedAt: Number(modifiedAt), isDirectory };
}

/** How much more can be written there, by who is not root. */
export function freeSpaceAt(nas: Host, path: string): Read<{ readonly bytes: number }> {
  return defineRead({
    asks: `How much room is left where ${path} lies on ${nas.name}?`,
    command: boundedAsRoot(nas, 8, ['df', '-Pk', operand(path)]),
    answers: [0],
    parse: ({ stdout }) => {
      const kib = /^\S.*\s\d+\s+-?\d+\s+(-?\d+)\s+\d+%\s+\/.*\n$/.exec(stdout.slice(stdout.indexOf('\n') + 1))?.[1];
      if (kib === undefined) throw new Error(`not the table of df: ${stdout}`);
      return { bytes: Math.max(0, Number(kib)) * 1_024 };
    },
  });
}
