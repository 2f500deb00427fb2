import type { BackupFile } from '../commands/backup-files.ts';
import { backupFiles } from '../commands/backup-files.ts';
import type { Host, Read } from '../core/command.ts';
import type { Check, NoUndo, Verification } from '../core/plan.ts';
import { check, noUndo, verify, within } from '../core/plan.ts';
import { sizeOf } from '../core/size.ts';

// What the Jobs that restore one database beside the one that is used have in common, whatever the server is.

/** How long its verification waits for a Job, which is ended after so many seconds. */
export function afterJobMs(deadlineS: number): number {
  return (deadlineS + 120) * 1_000;
}

export interface SafetyCopy {
  readonly nas: Host;
  /** The directory of the dumps. */
  readonly path: string;
  readonly name: string;
  /** Its name while it is being written. */
  readonly unfinished: string;
  readonly deadlineS: number;
}

export interface SafetyCopyChecks {
  readonly isFree: Check;
  readonly progress: Read<string>;
  readonly isThere: Verification;
  readonly undo: NoUndo;
}

/** The database as it is, as a file beside its dumps, under a name that nothing has. */
export function safetyCopy({ nas, path, name, unfinished, deadlineS }: SafetyCopy): SafetyCopyChecks {
  const files = backupFiles(nas, { path, begins: 'pre_restore_', ends: '' });
  const sizeIn = (all: readonly BackupFile[]) => all.find((each) => each.name === unfinished)?.bytes ?? 0;
  return {
    isFree: check(`${path} has no ${name}`, files, (all) => all.every((each) => each.name !== name)),
    progress: {
      ...files,
      asks: `How large is the copy ${name}?`,
      parse: (output) => `${sizeOf(sizeIn(files.parse(output)))} written`,
    },
    isThere: within(
      afterJobMs(deadlineS),
      verify(`${path} has ${name}`, files, (all) => all.some((each) => each.name === name && each.bytes > 0)),
    ),
    undo: noUndo(`Nothing to take back: a file was added. A person who no longer needs it removes ${path}/${name}`),
  };
}

/** The dump is the very file that was looked into. */
export function dumpStays(nas: Host, { path, name, bytes, modifiedAt }: BackupFile): Check {
  const files = backupFiles(nas, { path: path.slice(0, path.lastIndexOf('/')), begins: '', ends: '' });
  return check(`${path} still has ${bytes} bytes, and was not written since`, files, (all) =>
    all.some((each) => each.name === name && each.bytes === bytes && each.modifiedAt === modifiedAt),
  );
}

interface Sized {
  readonly name: string;
  readonly bytes: number;
}

/** How much of it has come in, as the server itself tells. */
export function databaseGrows(databases: Read<readonly Sized[]>, made: string): Read<string> {
  return {
    ...databases,
    asks: `How large is ${made}?`,
    parse: (output) => `${sizeOf(databases.parse(output).find(({ name }) => name === made)?.bytes ?? 0)} restored`,
  };
}
