import type { Host } from '../core/command.ts';
import { defineRead, kubernetes, operand } from '../core/command.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';

export interface SqliteFile {
  readonly bytes: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
  /** Absent where nobody asked. */
  readonly access?: SqliteAccess;
}

export interface SqliteAccess {
  /** The permissions as a number. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A database and what SQLite keeps beside it; absent ones are not there. */
export interface SqliteFiles {
  readonly database?: SqliteFile;
  /** Committed transactions that are not in the database yet: a part of it, as long as it is there. */
  readonly wal?: SqliteFile;
  readonly shm?: SqliteFile;
  /** What undoes a transaction that is going on, or that was cut off. */
  readonly journal?: SqliteFile;
  readonly directory?: SqliteFile;
}

const FORMAT = '%s %Y %a %u %g %F|%n';

export function sqliteFiles(node: Host, path: string) {
  const paths = pathsOf(path);
  return defineRead<SqliteFiles>({
    asks: `Which files does the database ${path} have on ${node.name}?`,
    command: boundedAsRoot(node, 4, ['stat', '--cached=never', `--format=${FORMAT}`, ...Object.values(paths).map(operand)]),
    answers: [0, 1],
    parse: ({ stdout, stderr }) => parseFiles(path, stdout, stderr),
  });
}

function pathsOf(path: string) {
  const directory = path.slice(0, path.lastIndexOf('/')) || '/';
  return { database: path, wal: `${path}-wal`, shm: `${path}-shm`, journal: `${path}-journal`, directory };
}

export function parseFiles(path: string, stdout: string, stderr: string): SqliteFiles {
  const rows = new Map(linesOf(stdout).map(parseRow));
  const absent = linesOf(stderr).map(absentPath);
  const found = Object.entries(pathsOf(path)).flatMap(([name, each]) => {
    const file = rows.get(each);
    if (file === undefined && !absent.includes(each)) throw new Error(`stat says nothing of ${each}: ${stderr}`);
    return file === undefined ? [] : [[name, file] as const];
  });
  return Object.fromEntries(found);
}

function parseRow(row: string): [path: string, file: SqliteFile] {
  const match = /^(\d+) (\d+) ([0-7]+) (\d+) (\d+) ([^|]+)\|(\/.*)$/.exec(row);
  const [, bytes, modifiedAt, mode = '', uid, gid, type = '', path] = match ?? [];
  if (path === undefined || !/^(regular( empty)? file|directory)$/.test(type)) throw new Error(`not a file: ${row}`);
  const access = { mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid) };
  return [path, { bytes: Number(bytes), modifiedAt: Number(modifiedAt), access }];
}

/** Any other problem, as a stale handle or an I/O error, is no answer. */
function absentPath(line: string): string {
  const [, path] = /^stat: cannot statx? ['‘](.*)['’]: No such file or directory$/.exec(line) ?? [];
  if (path === undefined) throw new Error(line);
  return path;
}

/** Of the file system under a directory. */
export interface Space {
  /** `ext4`, `nfs`, `nfs4` … */
  readonly type: string;
  readonly sizeBytes: number;
  /** What programs can still write. */
  readonly availableBytes: number;
  /** 0 where the file system does not count them. */
  readonly inodes: number;
  readonly inodesFree: number;
}

export function spaceAt(node: Host, directory: string) {
  return defineRead<Space>({
    asks: `How much room is there at ${directory} on ${node.name}?`,
    command: boundedAsRoot(node, 4, ['df', '--block-size=1', '--output=fstype,size,avail,itotal,iavail', operand(directory)]),
    answers: [0],
    parse: ({ stdout }) => parseSpace(stdout),
  });
}

export function parseSpace(table: string): Space {
  const [header = '', row = '', ...more] = linesOf(table);
  const [, type, size, available, inodes, free] = /^(\S+)\s+(\d+)\s+(\d+)\s+(\d+|-)\s+(\d+|-)\s*$/.exec(row) ?? [];
  if (!/^Type\s+1B-blocks\s+Avail\s+Inodes\s+IFree/.test(header) || type === undefined || more.length > 0)
    throw new Error(`no table of one file system: ${table}`);
  const figure = (text = '-') => (text === '-' ? 0 : Number(text));
  return {
    type,
    sizeBytes: Number(size),
    availableBytes: Number(available),
    inodes: figure(inodes),
    inodesFree: figure(free),
  };
}

/** What SQLite's messages in a program's log are called by; only the first two are corruption. */
const SIGNATURES = {
  11: 'database disk image is malformed',
  26: 'file is not a database',
  10: 'disk I/O error',
  5: 'database is locked',
  8: 'attempt to write a readonly database',
  14: 'unable to open database file',
  13: 'database or disk is full',
} as const;

export interface LogSignature {
  readonly code: number;
  readonly text: string;
  readonly lines: number;
}

const LINES = 1_000;

/** How often the last lines of a container have each message of SQLite; the lines themselves are not kept. */
export function logSignatures({ namespace, pod, container }: { namespace: string; pod: string; container: string }) {
  return defineRead<readonly LogSignature[]>({
    asks: `Which messages of SQLite are among the last ${LINES} lines of ${container} in ${namespace}/${pod}?`,
    command: kubernetes({ verb: 'logs', namespace, name: pod, container, previous: false, tailLines: LINES }),
    answers: [0],
    parse: ({ stdout }) => parseSignatures(linesOf(stdout)),
  });
}

export function parseSignatures(lines: readonly string[]): readonly LogSignature[] {
  return Object.entries(SIGNATURES).flatMap(([code, text]) => {
    const count = lines.filter((line) => line.toLowerCase().includes(text.toLowerCase())).length;
    return count === 0 ? [] : [{ code: Number(code), text, lines: count }];
  });
}
