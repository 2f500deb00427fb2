import type { Snapshot } from './snapshots.ts';

/** A ZFS file system. */
export interface Dataset {
  readonly name: string;
  readonly mountPoint: string;
  mounted: boolean;
  canMount: 'on' | 'off' | 'noauto';
  /** The snapshot that it was cloned from. */
  origin?: string;
  readOnly?: boolean;
  /** A block device: it is mounted nowhere and holds no directory. */
  readonly isVolume?: true;
  isEncrypted?: boolean;
  /** Properties that were set on itself. */
  readonly own?: Readonly<Record<string, string>>;
  /** Written since its last snapshot. */
  writtenBytes?: number;
}

/** A directory on a file system. `id` is what an NFS file handle names: a successor of the same name has another. */
export interface Directory {
  readonly id: number;
  readonly path: string;
  /** Name of the dataset that holds it; `/` for the system's own file system. */
  readonly dataset: string;
  uid: number;
  gid: number;
  mode: number;
  /** Names in it. */
  entries: string[];
  /** Of files that are not of the usual size. */
  sizes?: Readonly<Record<string, number>>;
  /** Those of the names that are symbolic links. */
  links?: readonly string[];
}

/** A directory as a snapshot keeps it: its path is below the mount point, `` for that itself. */
export type Stored = Omit<Directory, 'dataset'>;

const SYSTEM: Dataset = { name: '/', mountPoint: '/', mounted: true, canMount: 'on' };

/** The directories that matter of the NAS. What a path names depends on which datasets are mounted. */
export class Disk {
  readonly datasets: Dataset[] = [];
  readonly snapshots: Snapshot[] = [];
  readonly bookmarks: { readonly name: string; readonly createdMs: number }[] = [];
  readonly #directories: Directory[] = [];
  #lastId = 0;

  /** The mounted file system that holds this path. */
  holder(path: string): Dataset {
    const above = this.datasets.filter(({ mounted, mountPoint }) => mounted && isWithin(path, mountPoint));
    return above.toSorted((a, b) => b.mountPoint.length - a.mountPoint.length)[0] ?? SYSTEM;
  }

  at(path: string): Directory | undefined {
    const inside = /^(.*)\/\.zfs\/snapshot\/([^/]+)(.*)$/.exec(path);
    if (inside !== null) return this.#kept(path, inside);
    const { name } = this.holder(path);
    return this.#directories.find((directory) => directory.path === path && directory.dataset === name);
  }

  /** A directory in `.zfs/snapshot`, which nobody can change. */
  #kept(path: string, [, above = '', short = '', below = '']: readonly string[]): Directory | undefined {
    const dataset = this.datasets.find(({ mounted, mountPoint }) => mounted && mountPoint === above);
    const snapshot = this.snapshots.find((each) => each.dataset === dataset?.name && each.short === short);
    const found = snapshot?.content.find((each) => each.path === below);
    return found && { ...found, path, dataset: `${snapshot?.dataset}@${short}`, entries: [...found.entries] };
  }

  /** The directories of a dataset, mounted or not, and what lies in them. */
  content(dataset: Dataset): readonly Stored[] {
    const own = this.#directories.filter((each) => each.dataset === dataset.name);
    return own.map(({ dataset: _name, ...each }) => ({
      ...each,
      path: each.path.slice(dataset.mountPoint.length),
      entries: [...each.entries],
    }));
  }

  /** Makes the dataset hold this and nothing else. */
  fill(dataset: Dataset, content: readonly Stored[]): void {
    const others = this.#directories.filter((each) => each.dataset !== dataset.name);
    const own = content.map((each) => ({
      ...each,
      path: `${dataset.mountPoint}${each.path}`,
      dataset: dataset.name,
      entries: [...each.entries],
    }));
    this.#directories.splice(0, this.#directories.length, ...others, ...own);
  }

  /** The directories below this one, also of a snapshot; those of other datasets are not. */
  below(directory: Directory): Directory[] {
    const [name, short] = directory.dataset.split('@');
    const snapshot = this.snapshots.find((each) => each.dataset === name && each.short === short);
    const all = this.#directories.filter((each) => short === undefined && each.dataset === directory.dataset);
    const root = `${this.datasets.find((each) => each.name === name)?.mountPoint}/.zfs/snapshot/${short}`;
    const kept = snapshot?.content.map((each) => ({ ...each, dataset: directory.dataset, path: `${root}${each.path}` })) ?? [];
    return [...all, ...kept].filter(({ path }) => path.startsWith(`${directory.path}/`));
  }

  isEmpty(directory: Directory): boolean {
    return directory.entries.length === 0 && this.#directories.every(({ path }) => !path.startsWith(`${directory.path}/`));
  }

  /** Makes the directory and those above it that are missing. */
  make(path: string, { uid = 0, gid = 0, mode = 0o755, entries = [], sizes }: Partial<Directory> = {}): Directory {
    const present = this.at(path);
    if (present !== undefined) return Object.assign(present, { uid, gid, mode });
    const above = path.slice(0, path.lastIndexOf('/'));
    if (above !== '' && this.at(above) === undefined) this.make(above);
    const made = { id: ++this.#lastId, path, dataset: this.holder(path).name, uid, gid, mode, entries: [...entries] };
    this.#directories.push(sizes === undefined ? made : Object.assign(made, { sizes }));
    return made;
  }

  remove(path: string): void {
    const found = this.at(path);
    if (found !== undefined) this.#directories.splice(this.#directories.indexOf(found), 1);
  }

  /** Turns a path into a dataset of its own; what was there before lies hidden under it. */
  addDataset(name: string, mountPoint: string): Dataset {
    if (this.at(mountPoint) === undefined) this.make(mountPoint);
    const dataset: Dataset = { name, mountPoint, mounted: true, canMount: 'on' };
    this.datasets.push(dataset);
    this.make(mountPoint, { mode: 0o777 });
    return dataset;
  }
}

export function isWithin(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

/** May this user write there? */
export function mayWrite({ uid, gid, mode }: Directory, user: { readonly uid: number; readonly gid: number }): boolean {
  if (user.uid === 0) return true;
  const bits = user.uid === uid ? mode >> 6 : user.gid === gid ? mode >> 3 : mode;
  return (bits & 0o3) === 0o3;
}
