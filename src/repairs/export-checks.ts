import type { ExportLine } from '../commands/exports.ts';
import * as exports from '../commands/exports.ts';
import type * as middleware from '../commands/middleware.ts';
import type { Flavour } from '../commands/nas.ts';
import type { ExportEntry } from '../commands/nfs-client.ts';
import { testMount } from '../commands/nfs-client.ts';
import type { Dataset } from '../commands/zfs.ts';
import type { Host } from '../core/command.ts';
import { commandLine, show } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import type { Hold } from '../core/hold.ts';
import { uses } from '../core/hold.ts';
import type { Check, Verification } from '../core/plan.ts';
import { check, verify } from '../core/plan.ts';
import type { Known } from '../core/reading.ts';
import type { Site } from '../core/site.ts';

/** What an export is planned from: all of it was seen. */
export interface ExportSituation {
  readonly site: Site;
  readonly flavour: Flavour;
  readonly path: string;
  /** Whether the directory is there already. */
  readonly exists: boolean;
  readonly active: Known<readonly ExportEntry[]>;
  readonly file: Known<readonly ExportLine[]>;
  /** Linux only. */
  readonly dropIns?: Known<readonly ExportLine[]>;
  readonly datasets: Known<readonly Dataset[]>;
  /** Where the middleware keeps the exports. */
  readonly shares?: Known<readonly middleware.Share[]>;
  /** The node that mounts it afresh once it is exported, and the name by which it knows the server; absent where none could. */
  readonly tester?: { readonly node: Host; readonly server: string };
  /** That no pod uses the path: asked before the export is taken back. */
  readonly unused: Check;
  readonly because: Finding;
}

type Active = Pick<ExportSituation, 'site' | 'flavour' | 'active'>;
type Files = Pick<ExportSituation, 'site' | 'file' | 'dropIns'>;

export function pathsIn(entries: readonly { readonly path: string }[]): readonly string[] {
  return [...new Set(entries.map(({ path }) => path))].toSorted();
}

/** Binds the approval to the list of exports that it was given for. */
export function unchanged({ site, flavour, active }: Active): Check {
  const then = pathsIn(active.value);
  return check(
    `The NAS exports the same ${then.length} paths as when this was planned`,
    exports.activeExports(site.nas.host, flavour),
    (now) => pathsIn(now).join('\n') === then.join('\n'),
  );
}

/** Of a reload, which reads in whatever the files name. Nothing may disappear: a list that shrank cuts clients off at their next access. */
export function added({ site, flavour, path, active }: Active & { readonly path: string }): Verification {
  const then = pathsIn(active.value);
  return verify(
    `The NAS exports ${path}, and still the ${then.length} paths from before`,
    exports.activeExports(site.nas.host, flavour),
    (now) => [...then, path].every((wanted) => pathsIn(now).includes(wanted)),
  );
}

type Addition = Pick<ExportSituation, 'site' | 'flavour' | 'path' | 'active' | 'file' | 'dropIns' | 'shares' | 'tester'>;

/** The path is in force, no other has disappeared, none came that nobody wrote down, and a node can mount it. */
export function addedAlone({ site, flavour, path, tester, ...seen }: Addition): Verification {
  const then = pathsIn(seen.active.value);
  const shared = seen.shares?.value.flatMap(({ enabled, paths }) => (enabled ? paths : [])) ?? [];
  const written = [...pathsIn([...seen.file.value, ...(seen.dropIns?.value ?? [])]), ...shared];
  const may = new Set([...then, path, ...written]);
  const active = exports.activeExports(site.nas.host, flavour);
  const mount = tester && testMount(tester.node, tester.server, { path });
  const waiting = may.size - new Set([...then, path]).size;
  const more = waiting === 0 ? '' : `, with up to ${waiting} more that are written already`;
  const mounts = tester === undefined ? '' : `; ${tester.node.name} mounts it`;
  return {
    says: `The NAS exports ${path}, and still the ${then.length} paths from before: ${may.size - waiting} in all${more}${mounts}`,
    line: mount === undefined ? show(active.command) : `${show(active.command)}; ${show(mount.command)}`,
    withinMs: 30_000,
    holds: async (read) => {
      const list = await read(active);
      if (!list.known) return { answer: 'unknown', seen: list };
      const now = pathsIn(list.value);
      const isExact = [...then, path].every((each) => now.includes(each)) && now.every((each) => may.has(each));
      if (!isExact || mount === undefined) return { answer: isExact ? 'yes' : 'no', seen: list };
      const result = await read(mount);
      return { answer: result.known ? (result.value === 'mounts' ? 'yes' : 'no') : 'unknown', seen: result };
    },
  };
}

/** The node of the test mount: while it is restarted the verification would not know. */
export function usesTester({ tester }: Pick<ExportSituation, 'tester'>): readonly Hold[] {
  return tester === undefined ? [] : [uses('node', tester.node.name)];
}

/** Exactly these paths are in force: none that is not wanted, and none has disappeared. */
export function exportsExactly({ site, flavour }: Omit<Active, 'active'>, wanted: readonly string[], says: string): Verification {
  const paths = [...new Set(wanted)].toSorted();
  return verify(
    `${says}: ${paths.length} paths in all`,
    exports.activeExports(site.nas.host, flavour),
    (now) => pathsIn(now).join('\n') === paths.join('\n'),
  );
}

/** Of an export that is taken back: it alone may disappear, and these paths stay. */
export function gone({ site, flavour, path }: Omit<Active, 'active'> & { readonly path: string }, stay: readonly string[] = []) {
  return verify(
    `The NAS does not export ${path}${stay.length === 0 ? '' : `, and still the ${stay.length} other paths of the share`}`,
    exports.activeExports(site.nas.host, flavour),
    (now) => !pathsIn(now).includes(path) && stay.every((each) => pathsIn(now).includes(each)),
  );
}

/** A reload takes away what is in force and in no file: made by hand, or by something that will make it again. One may be meant. */
export function isSafeToReload(seen: Pick<ExportSituation, 'active' | 'file' | 'dropIns'>, but?: string): boolean {
  const { active, file, dropIns } = seen;
  return straysOf(active.value, [...file.value, ...(dropIns?.value ?? [])]).every((path) => path === but);
}

/** The paths in force that no line names. */
function straysOf(active: readonly ExportEntry[], lines: readonly ExportLine[]): readonly string[] {
  const named = pathsIn(lines);
  return pathsIn(active).filter((path) => !named.includes(path));
}

/** The same of a Linux server, read again. */
export function safeToReload(site: Site): Check {
  return straysCheck(site, 'Every export in force is in the files, so that a reload keeps it', (strays) => strays.length === 0);
}

/** That a reload takes this path away, and no other. */
export function reloadDrops(site: Site, path: string): Check {
  const says = `${path} is the only export in force that no file names, so that a reload takes it away and keeps the others`;
  return straysCheck(site, says, (strays) => strays.join() === path);
}

/** The same, but for one path that is about to be written into a file again. */
export function safeToReloadWith(site: Site, path: string): Check {
  const says = `Every export in force is in the files, or is that of ${path}, so that a reload keeps it`;
  return straysCheck(site, says, (strays) => strays.every((each) => each === path));
}

/** About the paths in force that no file names; asked of the server and of its files at once. */
function straysCheck({ nas: { host } }: Site, says: string, holds: (strays: readonly string[]) => boolean): Check {
  const active = exports.activeExports(host, 'debian');
  const [file, dropIns] = [exports.exportsFile(host), exports.exportsDirectory(host)];
  return {
    says,
    line: [show(active.command), commandLine(file.command), commandLine(dropIns.command)].join('; '),
    holds: async (read) => {
      const [seen, main, more] = await Promise.all([read(active), read(file), read(dropIns)]);
      if (!main.known) return { answer: 'unknown', seen: main };
      if (!more.known) return { answer: 'unknown', seen: more };
      if (!seen.known) return { answer: 'unknown', seen };
      return { answer: holds(straysOf(seen.value, [...main.value, ...more.value])) ? 'yes' : 'no', seen };
    },
  };
}

/** Binds a reload to the files that it was planned from. */
export function sameFiles({ site, file, dropIns }: Files): readonly [Check, ...Check[]] {
  const { host } = site.nas;
  const main = check('/etc/exports is as it was when this was planned', exports.exportsFile(host), (now) =>
    sameLines(now, file.value),
  );
  if (dropIns === undefined) return [main];
  return [
    main,
    check('So are the files in /etc/exports.d', exports.exportsDirectory(host), (now) => sameLines(now, dropIns.value)),
  ];
}

export function sameLines(some: readonly ExportLine[], others: readonly ExportLine[]): boolean {
  const text = (lines: readonly ExportLine[]) => lines.map(({ path, rest }) => `${path} ${rest}`).join('\n');
  return text(some) === text(others);
}
