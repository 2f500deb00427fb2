import type { Host } from '../core/command.ts';
import { asRoot, defineChange, defineRead } from '../core/command.ts';
import { Refusal } from '../core/errors.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';
import type { Flavour } from './nas.ts';
import type { Dataset } from './zfs.ts';
import { requireDataset, requireShort } from './zfs-snapshots.ts';

/** A file system or a volume of ZFS, with its figures in bytes. */
export interface StoredDataset {
  readonly name: string;
  readonly kind: 'filesystem' | 'volume';
  /** False for a volume. */
  readonly mounted: boolean;
  /** A path, `none`, `legacy`; for a volume `-`. */
  readonly mountPoint: string;
  readonly canMount: Dataset['canMount'];
  readonly usedBytes: number;
  /** What can still be written there, with quotas and reservations in account. */
  readonly availableBytes: number;
  readonly referencedBytes: number;
  /** Written since its newest snapshot. */
  readonly writtenBytes: number;
  /** The snapshot that it was cloned from. */
  readonly origin?: string;
}

const COLUMNS = 'name,type,mounted,mountpoint,canmount,used,avail,refer,written,origin';

/** A dataset with the mount point `legacy` may be mounted, at a path that ZFS does not know. */
export function hasPath({ mounted, mountPoint }: StoredDataset): boolean {
  return mounted && mountPoint.startsWith('/');
}

/** The datasets of all pools, volumes among them. A plain Linux server may have no ZFS: then the list is empty. */
export function storedDatasets(nas: Host, flavour: Flavour) {
  return defineRead<readonly StoredDataset[]>({
    asks: `Which datasets does ${nas.name} have, how big are they, and what was written since their last snapshots?`,
    command: boundedAsRoot(nas, 10, ['zfs', 'list', '-H', '-p', '-t', 'filesystem,volume', '-o', COLUMNS]),
    answers: flavour === 'debian' ? [0, 127] : [0],
    parse: ({ exitCode, stdout }) => {
      if (exitCode === 127) return [];
      const all = parseStoredDatasets(stdout);
      if (all.length === 0 && flavour !== 'debian') throw new Error('a TrueNAS without any dataset');
      return all;
    },
  });
}

export function parseStoredDatasets(text: string): StoredDataset[] {
  return linesOf(text).map((line) => {
    const [name, kind, mounted, mountPoint, canMount, ...figures] = line.split('\t');
    const [used, available, referenced, written, origin] = figures;
    if (!name || (kind !== 'filesystem' && kind !== 'volume') || mountPoint === undefined || origin === undefined)
      throw new Error(`not a dataset: ${line}`);
    return {
      name,
      kind,
      mounted: mounted === 'yes',
      mountPoint,
      canMount: canMount === 'off' || canMount === 'noauto' ? canMount : 'on',
      usedBytes: bytes(used, line),
      availableBytes: bytes(available, line),
      referencedBytes: bytes(referenced, line),
      writtenBytes: bytes(written, line),
      ...(origin !== '-' && origin !== '' && { origin }),
    };
  });
}

function bytes(text: string | undefined, line: string): number {
  if (text === undefined || !/^\d+$/.test(text)) throw new Error(`not a number of bytes: ${text} in ${line}`);
  return Number(text);
}

/**
 * A file system that shows the snapshot, beside its origin: read-only, so that it stays what the snapshot was, and shared by nobody.
 * The snapshot cannot be destroyed while it is there.
 */
export function cloneSnapshot(nas: Host, snapshot: string, clone: string) {
  const options = ['-o', 'readonly=on', '-o', 'sharenfs=off', '-o', 'sharesmb=off'];
  const command = asRoot(nas, 60_000, 'zfs', 'clone', ...options, requireSnapshot(snapshot), requireOwnClone(clone));
  return defineChange({ command, risk: 'normal' });
}

/** Only of a clone that the bot made. Without an option, zfs refuses where it has snapshots, children or somebody in it. */
export function destroyClone(nas: Host, clone: string) {
  return defineChange({ command: asRoot(nas, 60_000, 'zfs', 'destroy', requireOwnClone(clone)), risk: 'high' });
}

/** Everything that was written since is gone. Never of a pool's own dataset, which holds every service; without `-r`, zfs takes the newest only. */
export function rollbackTo(nas: Host, snapshot: string) {
  if (!requireSnapshot(snapshot).includes('/'))
    throw new Refusal(
      'bad-request',
      `${snapshot} is a snapshot of a pool's own dataset: going back to it takes every service back`,
    );
  return defineChange({ command: asRoot(nas, 120_000, 'zfs', 'rollback', snapshot), risk: 'destructive' });
}

export interface ChangedFile {
  /** Made, changed, gone, or under another name. */
  readonly how: 'made' | 'changed' | 'gone' | 'renamed';
  readonly path: string;
}

const SHOWN = 200;
export const DIFF_SCRIPT = '{ zfs diff -H -F "$1" "$2" || echo "failed $?"; } | head -n 201';

/** What differs from the snapshot now, at most 200 of it. zfs makes a snapshot for the moment and takes it away itself. */
export function changedSince(nas: Host, snapshot: string) {
  const dataset = requireSnapshot(snapshot).split('@', 1)[0] ?? snapshot;
  return defineRead<{ readonly files: readonly ChangedFile[]; readonly isAll: boolean }>({
    asks: `Which files of ${dataset} differ from ${snapshot}?`,
    command: boundedAsRoot(nas, 30, ['sh', '-c', DIFF_SCRIPT, 'diff', snapshot, dataset]),
    answers: [0],
    parse: ({ stdout }) => {
      const all = linesOf(stdout).map(parseChanged);
      return { files: all.slice(0, SHOWN), isAll: all.length <= SHOWN };
    },
  });
}

const HOW = { '+': 'made', M: 'changed', '-': 'gone', R: 'renamed' } as const;

function parseChanged(line: string): ChangedFile {
  const [sign, kind, path] = line.split('\t');
  const how = sign === '+' || sign === 'M' || sign === '-' || sign === 'R' ? HOW[sign] : undefined;
  if (how === undefined || kind?.length !== 1 || !path?.startsWith('/')) throw new Error(`zfs diff: ${line}`);
  return { how, path };
}

/** `main/immich@auto-2026-04-03_00-00` */
export function requireSnapshot(name: string): string {
  const [dataset = '', short = '', ...more] = name.split('@');
  if (more.length === 0) return `${requireDataset(dataset)}@${requireShort(short)}`;
  throw new Refusal('bad-request', `${JSON.stringify(name.slice(0, 300))} is no name of a snapshot`);
}

function requireOwnClone(name: string): string {
  if (/-storagebot-[^/]*$/.test(name)) return requireDataset(name);
  throw new Refusal('bad-request', `${JSON.stringify(name.slice(0, 300))} is no clone of this bot: …-storagebot-…`);
}
