import * as exports from '../commands/exports.ts';
import * as nas from '../commands/nas.ts';
import type { Step } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
import type { ExportSituation } from './export-checks.ts';
import { addedAlone, pathsIn, unchanged, usesTester } from './export-checks.ts';
import { debianSteps } from './export-files.ts';
import { changesExport, changesNas, usesDatasetOf, usesNas } from './holds.ts';
import { coreStep, scaleStep } from './share.ts';

/** The directory itself: mode 0777, as the site's convention has it. Only for one that does not exist. */
export function directoryStep(situation: Omit<ExportSituation, 'exists' | 'shares' | 'unused'>): Step {
  const { site, flavour, path, because, datasets } = situation;
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
    undo: {
      change: nas.removeEmptyDirectory(host, path),
      before: [
        check(`${path} is empty`, nas.isEmptyDirectory(host, path), (empty) => empty),
        check(`The NAS does not export ${path}`, exports.activeExports(host, flavour), (now) => !pathsIn(now).includes(path)),
      ],
      after: verify(`${path} does not exist`, look, (all) => exists(all, parent) && !exists(all, path)),
    },
    holds: [changesExport(path), ...usesDatasetOf(datasets.value, path), usesNas(site)],
    warnings: ['Everybody in the client network may write there (mode 0777), as in all exported directories of the site.'],
  };
}

/**
 * Undefined where this server's exports are not ours to change: the path lies outside of the site's roots, a switched-off share
 * has it, something is in force that the middleware or the files do not know, or the site's script would hide the directory
 * under a new dataset.
 */
export function exportSteps(situation: ExportSituation): [Step, ...Step[]] | undefined {
  const { site, flavour, shares, active, path } = situation;
  if (!site.nas.roots.some((root) => path.startsWith(`${root}/`)) || path.split('/').some((name) => /^\.{1,2}$/.test(name)))
    return undefined;
  if (site.nas.exportsScript !== undefined) return scriptSteps(situation, site.nas.exportsScript);
  if (flavour === 'debian') return debianSteps(situation);
  if (shares === undefined) return undefined;
  if (shares.value.some((share) => !share.enabled && share.paths.includes(path))) return undefined;
  if (!active.value.every(({ path }) => shares.value.some(({ paths }) => paths.includes(path)))) return undefined;
  return [flavour === 'scale' ? scaleStep(situation) : coreStep(situation, shares)];
}

/** A script may make a dataset for each path, which would hide what is in a plain directory; an empty new one loses nothing. */
function scriptSteps(situation: ExportSituation, script: string): [Step, Step] | undefined {
  const { site, path, because, exists, datasets } = situation;
  if (exists && !datasets.value.some(({ mountPoint }) => mountPoint === path)) return undefined;
  const { host } = site.nas;
  const names = exports.scriptNames(host, script, path);
  const whole = check(
    "The script's last line ends: another one is not glued to it",
    exports.scriptIsWhole(host, script),
    (yes) => yes,
  );
  const add: Step = {
    title: `Add ${path} to ${script}`,
    because,
    before: [unchanged(situation), check(`The script does not name ${path}`, names, (yes) => !yes), whole],
    change: exports.addToScript(host, script, path),
    after: verify(`The script names ${path}`, names, (yes) => yes),
    undo: noUndo(BY_HAND),
    holds: [changesExport(path), ...usesDatasetOf(datasets.value, path), usesNas(site)],
  };
  const run: Step = {
    title: `Run ${script}`,
    because,
    before: [unchanged(situation), check(`The script names ${path}`, names, (yes) => yes)],
    change: exports.runScript(host, script),
    after: addedAlone(situation),
    undo: noUndo(BY_HAND),
    holds: [changesNas(site), changesExport(path), ...usesTester(situation)],
    warnings: ['The script writes all exports anew. The verification fails if one of them disappears.'],
  };
  return [add, run];
}

const BY_HAND =
  'A person takes the line out of the script again and runs it: a dataset that the script made meanwhile is not destroyed by this bot.';
