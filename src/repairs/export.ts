import type { ExportLine } from '../commands/exports.ts';
import * as exports from '../commands/exports.ts';
import * as middleware from '../commands/middleware.ts';
import type { Flavour } from '../commands/nas.ts';
import * as nas from '../commands/nas.ts';
import type { ExportEntry } from '../commands/nfs-client.ts';
import type { Dataset } from '../commands/zfs.ts';
import { datasetOf } from '../commands/zfs.ts';
import type { Finding } from '../core/finding.ts';
import type { Check, Step } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
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
  readonly because: Finding;
}

type ReloadSituation = Pick<ExportSituation, 'site' | 'flavour' | 'path' | 'because' | 'active' | 'file' | 'dropIns'>;

/** The directory itself: mode 0777, as the site's convention has it. Only for one that does not exist. */
export function directoryStep({ site, path, because }: Pick<ExportSituation, 'site' | 'path' | 'because'>): Step {
  const { host } = site.nas;
  const parent = path.slice(0, path.lastIndexOf('/'));
  const look = nas.directories(host, [path, parent]);
  const exists = (all: readonly nas.Directory[], wanted: string) => all.find((each) => each.path === wanted)?.found !== undefined;
  return {
    title: `Create the directory ${path}`,
    because,
    before: [check(`${parent} exists and ${path} does not`, look, (all) => exists(all, parent) && !exists(all, path))],
    change: nas.makeDirectory(host, path),
    after: verify(`${path} exists`, look, (all) => exists(all, path)),
    undo: nas.removeEmptyDirectory(host, path),
    warnings: ['Everybody in the client network may write there (mode 0777), as in all exported directories of the site.'],
  };
}

/**
 * Undefined where this server's exports are not ours to change: a switched-off share has the path, something is in force that
 * the middleware or the files do not know, or the site's script would hide the directory under a new dataset.
 */
export function exportSteps(situation: ExportSituation): [Step, ...Step[]] | undefined {
  const { site, flavour, shares, active } = situation;
  if (site.nas.exportsScript !== undefined) return scriptSteps(situation, site.nas.exportsScript);
  if (flavour === 'debian') return debianSteps(situation);
  if (shares === undefined) return undefined;
  if (shares.value.some((share) => !share.enabled && share.paths.includes(situation.path))) return undefined;
  if (!active.value.every(({ path }) => shares.value.some(({ paths }) => paths.includes(path)))) return undefined;
  return [flavour === 'scale' ? scaleStep(situation) : coreStep(situation, shares)];
}

/** For an export that the files name and the server has not read. undefined where a reload would drop another one. */
export function reloadStep(situation: ReloadSituation): Step | undefined {
  const { site, flavour, because } = situation;
  if (!isSafeToReload(situation)) return undefined;
  return {
    title: 'Reload the exports',
    because,
    before: [unchanged(situation), ...sameFiles(situation)],
    change: nas.reloadExports(site.nas.host, flavour),
    after: added(situation),
    undo: noUndo('Not needed: every export in force is in the files, so that a reload takes none away and changes no file.'),
  };
}

/** A reload takes away what is in force and in no file: made by hand, or by something that will make it again. */
export function isSafeToReload({ active, file, dropIns }: Pick<ExportSituation, 'active' | 'file' | 'dropIns'>): boolean {
  const named = [...file.value, ...(dropIns?.value ?? [])].map(({ path }) => path);
  return active.value.every(({ path }) => named.includes(path));
}

/** Binds a reload to the files that it was planned from. */
function sameFiles({ site, file, dropIns }: ReloadSituation): Check[] {
  const { host } = site.nas;
  const text = (lines: readonly ExportLine[]) => lines.map(({ path, rest }) => `${path} ${rest}`).join('\n');
  return [
    check('/etc/exports is as it was when this was planned', exports.exportsFile(host), (now) => text(now) === text(file.value)),
    ...(dropIns === undefined
      ? []
      : [
          check('So are the files in /etc/exports.d', exports.exportsDirectory(host), (now) => text(now) === text(dropIns.value)),
        ]),
  ];
}

function debianSteps(situation: ExportSituation): [Step, Step] | undefined {
  const { site, path, because, file } = situation;
  const { host, clientNetwork } = site.nas;
  const named = (lines: readonly ExportLine[]) => lines.some((line) => line.path === path);
  if (!isSafeToReload(situation)) return undefined;
  const write: Step = {
    title: `Write the export of ${path}`,
    because,
    before: [
      unchanged(situation),
      check(`No file in /etc/exports.d names ${path}`, exports.exportsDirectory(host), (all) => !named(all)),
    ],
    change: exports.writeExportFile(host, path, clientNetwork),
    after: verify(`A file in /etc/exports.d names ${path}`, exports.exportsDirectory(host), named),
    undo: exports.removeExportFile(host, path),
  };
  const reload: Step = {
    title: 'Reload the exports',
    because,
    before: [
      unchanged(situation),
      ...sameFiles({ site, flavour: 'debian', path, because, active: situation.active, file }),
      check(`A file in /etc/exports.d names ${path}`, exports.exportsDirectory(host), named),
    ],
    change: nas.reloadExports(host, 'debian'),
    after: added(situation),
    undo: noUndo('Undo the first step, then reload again: no other export is taken away by that.'),
  };
  return [write, reload];
}

function scaleStep(situation: ExportSituation): Step {
  const { site, path, because } = situation;
  const { host, clientNetwork } = site.nas;
  return {
    title: `Create the share ${path}`,
    because,
    before: [unchanged(situation), check(`No share has ${path}`, middleware.shares(host), (all) => !has(all, path))],
    change: middleware.createShare(host, { path, network: clientNetwork, flavour: 'scale' }),
    after: added(situation),
    undo: noUndo("The change prints the new share's id: midclt call sharing.nfs.delete with that id takes it away again."),
  };
}

/** CORE refuses a second share of one file system for one network: the path joins the share that is there. */
function coreStep(situation: ExportSituation, shares: Known<readonly middleware.Share[]>): Step {
  const { site, path, because } = situation;
  const { host, clientNetwork } = site.nas;
  const share = shareFor(situation, shares.value);
  if (share === undefined) {
    const create = middleware.createShare(host, { path, network: clientNetwork, flavour: 'core' });
    return { ...scaleStep(situation), change: create };
  }
  const isSame = (all: readonly middleware.Share[]) =>
    all.some(({ id, paths }) => id === share.id && paths.toSorted().join('\n') === share.paths.toSorted().join('\n'));
  const [first = path, ...more] = share.paths;
  return {
    title: `Add ${path} to share ${share.id}`,
    because,
    before: [
      unchanged(situation),
      check(`Share ${share.id} still has its ${share.paths.length} paths`, middleware.shares(host), isSame),
      check(
        'Every path of the share exists: one that does not makes the middleware refuse all',
        nas.directories(host, [path, first, ...more]),
        (all) => all.every(({ found }) => found !== undefined),
      ),
    ],
    change: middleware.setSharePaths(host, share.id, [...share.paths, path]),
    after: added(situation),
    undo: middleware.setSharePaths(host, share.id, share.paths),
  };
}

/** The share of the same file system for the clients' network, for writing. */
function shareFor({ site, path, datasets }: ExportSituation, shares: readonly middleware.Share[]): middleware.Share | undefined {
  const own = datasetOf(datasets.value, path)?.name;
  return shares.find(
    (share) =>
      share.enabled &&
      !share.readOnly &&
      share.hosts.length === 0 &&
      share.networks.includes(site.nas.clientNetwork) &&
      share.paths.some((each) => datasetOf(datasets.value, each)?.name === own),
  );
}

/** A script may make a dataset for each path, which would hide what is in a plain directory; an empty new one loses nothing. */
function scriptSteps(situation: ExportSituation, script: string): [Step, Step] | undefined {
  const { site, path, because, exists, datasets } = situation;
  if (exists && !datasets.value.some(({ mountPoint }) => mountPoint === path)) return undefined;
  const { host } = site.nas;
  const names = exports.scriptNames(host, script, path);
  const add: Step = {
    title: `Add ${path} to ${script}`,
    because,
    before: [unchanged(situation), check(`The script does not name ${path}`, names, (yes) => !yes)],
    change: exports.addToScript(host, script, path),
    after: verify(`The script names ${path}`, names, (yes) => yes),
    undo: noUndo(`Take the last line out of ${script} again.`),
  };
  const run: Step = {
    title: `Run ${script}`,
    because,
    before: [unchanged(situation), check(`The script names ${path}`, names, (yes) => yes)],
    change: exports.runScript(host, script),
    after: added(situation),
    undo: noUndo(`Take the last line out of ${script} and run it again.`),
    warnings: ['The script writes all exports anew. The verification fails if one of them disappears.'],
  };
  return [add, run];
}

function has(shares: readonly middleware.Share[], path: string): boolean {
  return shares.some(({ paths }) => paths.includes(path));
}

export function pathsIn(entries: readonly ExportEntry[]): readonly string[] {
  return [...new Set(entries.map(({ path }) => path))].toSorted();
}

/** Binds the approval to the list of exports that it was given for. */
export function unchanged({ site, flavour, active }: Pick<ExportSituation, 'site' | 'flavour' | 'active'>): Check {
  const then = pathsIn(active.value);
  return check(
    `The NAS exports the same ${then.length} paths as when this was planned`,
    exports.activeExports(site.nas.host, flavour),
    (now) => pathsIn(now).join('\n') === then.join('\n'),
  );
}

/** Nothing may disappear: a list that shrank cuts clients off at their next access. */
function added({ site, flavour, path, active }: Pick<ExportSituation, 'site' | 'flavour' | 'path' | 'active'>) {
  const then = pathsIn(active.value);
  return verify(
    `The NAS exports ${path}, and still the ${then.length} paths from before`,
    exports.activeExports(site.nas.host, flavour),
    (now) => [...then, path].every((wanted) => pathsIn(now).includes(wanted)),
  );
}
