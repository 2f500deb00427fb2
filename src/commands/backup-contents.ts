import type { Host, Read } from '../core/command.ts';
import { defineRead, operand } from '../core/command.ts';
import type { LookS } from './backup-dumps.ts';
import { DIRECTORY_SCRIPT, ETCD_SCRIPT, RAFT_SCRIPT, RDB_SCRIPT, TAR_SCRIPT } from './backup-scripts.ts';
import { boundedAsRoot } from './bounded.ts';

const SCRIPTS = { rdb: RDB_SCRIPT, etcd: ETCD_SCRIPT, raft: RAFT_SCRIPT, tar: TAR_SCRIPT } as const;

/** Kinds of backups whose form alone tells whether they are whole. */
export type CheckedKind = keyof typeof SCRIPTS;

export interface CheckedBackup {
  readonly isWhole: boolean;
  /** What is wrong with it, or what was found in it. */
  readonly says: string;
}

interface Check {
  readonly kind: CheckedKind;
  readonly withinS: LookS;
}

export function checkedBackup(nas: Host, path: string, { kind, withinS }: Check): Read<CheckedBackup> {
  return defineRead({
    asks: `Is the backup ${path} on ${nas.name} whole?`,
    command: boundedAsRoot(nas, withinS, ['nice', '-n', '19', 'sh', '-c', SCRIPTS[kind], 'look', operand(path)]),
    answers: [0],
    parse: ({ stdout }) => parseCheck(stdout),
  });
}

export function parseCheck(stdout: string): CheckedBackup {
  const [, entries, verdict, said = ''] = /^(?:count (\d+)\n)?(good|bad) (.*)\nend\n$/.exec(stdout) ?? [];
  if (verdict === undefined) throw new Error(`the report was cut: ${stdout}`);
  const says = said.trim().slice(0, 300);
  return { isWhole: verdict === 'good' && entries !== '0', says: entries === undefined ? says : `${says}, ${entries} entries` };
}

/** A backup that is a directory with copies of files. */
export interface CopiedDirectory {
  readonly files: number;
  readonly bytes: number;
  /** Seconds since 1970; 0 where it has no file. */
  readonly newestAt: number;
}

export function copiedDirectory(nas: Host, path: string, withinS: LookS = 600): Read<CopiedDirectory> {
  return defineRead({
    asks: `How many files are in the backup ${path} on ${nas.name}?`,
    command: boundedAsRoot(nas, withinS, ['nice', '-n', '19', 'sh', '-c', DIRECTORY_SCRIPT, 'look', operand(path)]),
    answers: [0],
    parse: ({ stdout, stderr }) => {
      const [, files, bytes, newestAt] = /^(\d+) (\d+) (\d+)\n$/.exec(stdout) ?? [];
      if (newestAt === undefined || stderr !== '') throw new Error(stderr || stdout);
      return { files: Number(files), bytes: Number(bytes), newestAt: Number(newestAt) };
    },
  });
}
