/** A ZFS file system. */
export interface Dataset {
  readonly name: string;
  readonly mountPoint: string;
  mounted: boolean;
  canMount: 'on' | 'off' | 'noauto';
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
}

const SYSTEM: Dataset = { name: '/', mountPoint: '/', mounted: true, canMount: 'on' };

/** The directories that matter of the NAS. What a path names depends on which datasets are mounted. */
export class Disk {
  readonly datasets: Dataset[] = [];
  readonly #directories: Directory[] = [];
  #lastId = 0;

  /** The mounted file system that holds this path. */
  holder(path: string): Dataset {
    const above = this.datasets.filter(({ mounted, mountPoint }) => mounted && isWithin(path, mountPoint));
    return above.toSorted((a, b) => b.mountPoint.length - a.mountPoint.length)[0] ?? SYSTEM;
  }

  at(path: string): Directory | undefined {
    const { name } = this.holder(path);
    return this.#directories.find((directory) => directory.path === path && directory.dataset === name);
  }

  isEmpty(directory: Directory): boolean {
    return directory.entries.length === 0 && this.#directories.every(({ path }) => !path.startsWith(`${directory.path}/`));
  }

  /** Makes the directory and those above it that are missing. */
  make(path: string, { uid = 0, gid = 0, mode = 0o755, entries = [] }: Partial<Directory> = {}): Directory {
    const present = this.at(path);
    if (present !== undefined) return Object.assign(present, { uid, gid, mode });
    const above = path.slice(0, path.lastIndexOf('/'));
    if (above !== '' && this.at(above) === undefined) this.make(above);
    const made = { id: ++this.#lastId, path, dataset: this.holder(path).name, uid, gid, mode, entries: [...entries] };
    this.#directories.push(made);
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
