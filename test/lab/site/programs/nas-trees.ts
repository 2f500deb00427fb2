import type { Directory, Disk } from '../disk.ts';
import { type Answer, type Call, cannot, fail, ok } from '../shell.ts';
import { sizeOf } from './zfs-snapshots.ts';

/** What a path names that is no directory. */
export function entryAt(disk: Disk, path: string): { readonly is: 'file' | 'link'; readonly bytes: number } | undefined {
  const cut = path.lastIndexOf('/');
  const above = disk.at(path.slice(0, cut));
  const name = path.slice(cut + 1);
  if (above === undefined || disk.at(path) !== undefined || !above.entries.includes(name)) return undefined;
  return { is: above.links?.includes(name) === true ? 'link' : 'file', bytes: sizeOf(above, name) };
}

/** As ls -ldn prints it. */
export function entryRow(disk: Disk, path: string, at: string): string | undefined {
  const found = entryAt(disk, path);
  if (found === undefined) return undefined;
  return found.is === 'link' ? `lrwxrwxrwx 1 0 0 7 ${at} ${path} -> /srv` : `-rw-r--r-- 1 1000 1000 ${found.bytes} ${at} ${path}`;
}

const MISSING = 'No such file or directory';

/** Files and directories below a path, and the path itself, in its own file system. */
export function countTree(call: Call, [path = '']: readonly string[]): Answer {
  const { disk } = call.world.nas;
  const [root, file] = [disk.at(path), entryAt(disk, path)];
  if (root === undefined && file === undefined) return fail(3, cannot(call, 'find', { gnu: '', path, why: MISSING }));
  if (root === undefined) return ok(file?.is === 'file' ? `1 0 0 ${file.bytes}\n` : '0 0 1 0\n');
  const all = [root, ...disk.below(root)];
  const entries = all.flatMap((each) =>
    each.entries.filter((name) => !isDirectory(disk, each, name)).map((name) => ({ each, name })),
  );
  const links = entries.filter(({ each, name }) => each.links?.includes(name) === true);
  const files = entries.filter((entry) => !links.includes(entry));
  const bytes = files.reduce((sum, { each, name }) => sum + sizeOf(each, name), 0);
  return ok(`${files.length} ${all.length} ${links.length} ${bytes}\n`);
}

function isDirectory(disk: Disk, above: Directory, name: string): boolean {
  return disk.at(`${above.path}/${name}`) !== undefined;
}

/** `cp -a FROM TO` and `cp --archive --no-target-directory FROM TO`, to where nothing is yet. */
export function copyTree(call: Call, [from = '', to = '']: readonly string[]): Answer {
  const { disk } = call.world.nas;
  const [root, file] = [disk.at(from), entryAt(disk, from)];
  if (root === undefined && file === undefined)
    return fail(1, cannot(call, 'cp', { gnu: 'cannot stat', path: from, why: MISSING }));
  if (root === undefined) return copyFile(disk, from, to);
  for (const { path, uid, gid, mode, entries, sizes, links } of [root, ...disk.below(root)]) {
    const made = disk.make(`${to}${path.slice(from.length)}`, { uid, gid, mode });
    Object.assign(made, { entries: [...entries], ...(sizes && { sizes }), ...(links && { links }) });
  }
  return ok();
}

function copyFile(disk: Disk, from: string, to: string): Answer {
  const [source, target] = [from, to].map((path) => disk.at(path.slice(0, path.lastIndexOf('/'))));
  const [name = '', copy = ''] = [from, to].map((path) => path.slice(path.lastIndexOf('/') + 1));
  if (source === undefined || target === undefined) return fail(1, `cp: cannot create regular file '${to}': ${MISSING}`);
  target.entries = [...target.entries, copy];
  target.sizes = { ...target.sizes, [copy]: sizeOf(source, name) };
  return ok();
}
