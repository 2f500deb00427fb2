import { optionConflicts } from '../commands/export-clients.ts';
import { ownExportText } from '../commands/export-removal.ts';
import type { ExportLine } from '../commands/exports.ts';
import * as exports from '../commands/exports.ts';
import * as nas from '../commands/nas.ts';
import type { Step, Undo } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
import type { ExportSituation } from './export-checks.ts';
import {
  added,
  addedAlone,
  gone,
  isSafeToReload,
  pathsIn,
  reloadDrops,
  safeToReload,
  sameFiles,
  sameLines,
  unchanged,
  usesTester,
} from './export-checks.ts';
import { changesExport, changesNas, usesDatasetOf, usesExport, usesNas } from './holds.ts';

type ReloadSituation = Omit<ExportSituation, 'exists' | 'unused' | 'shares' | 'tester'>;

/** For an export that the files name and the server has not read. undefined where a reload would drop another one. */
export function reloadStep(situation: ReloadSituation): Step | undefined {
  const { site, flavour, path, because, active, file, datasets } = situation;
  const refused = flavour === 'core' ? pathsIn(optionConflicts(file.value, datasets.value)) : [];
  if (!isSafeToReload(situation) || pathsIn(active.value).some((each) => refused.includes(each))) return undefined;
  return {
    title: 'Reload the exports',
    because,
    before: [unchanged(situation), ...sameFiles(situation)],
    change: nas.reloadExports(site.nas.host, flavour),
    after: added(situation),
    undo: noUndo('Not needed: every export in force is in the files, so that a reload takes none away and changes no file.'),
    holds: [changesNas(site), usesExport(path)],
  };
}

export function debianSteps(situation: ExportSituation): [Step, Step] | undefined {
  const { site, path, because, file, dropIns, datasets } = situation;
  const { host, clientNetwork } = site.nas;
  const others = (lines: readonly ExportLine[] = []) => lines.filter((line) => line.path !== path);
  if (!isSafeToReload(situation)) return undefined;
  const write: Step = {
    title: `Write the export of ${path}`,
    because,
    before: [
      unchanged(situation),
      check(`No file in /etc/exports.d names ${path}`, exports.exportsDirectory(host), (all) => !names(all, path)),
      check('There is no file of the name that is written', ownExportText(host, path), (text) => text === undefined),
    ],
    change: exports.writeExportFile(host, path, clientNetwork),
    after: verify(`A file in /etc/exports.d names ${path}`, exports.exportsDirectory(host), (all) => names(all, path)),
    undo: removeFile(situation),
    holds: [changesExport(path), ...usesDatasetOf(datasets.value, path), usesNas(site)],
  };
  const reload: Step = {
    title: 'Reload the exports',
    because,
    before: [
      unchanged(situation),
      ...sameFiles({ site, file }),
      check(
        `A file in /etc/exports.d names ${path}, and the others are as they were`,
        exports.exportsDirectory(host),
        (all) => names(all, path) && sameLines(others(all), others(dropIns?.value)),
      ),
    ],
    change: nas.reloadExports(host, 'debian'),
    after: addedAlone(situation),
    undo: noUndo('Not by itself: taking the file away is followed by another reload.'),
    holds: [changesNas(site), usesExport(path), ...usesTester(situation)],
  };
  return [write, reload];
}

/** Only what was written is taken away, and a reload at once: an export that no file names would make every later reload unsafe. */
function removeFile({ site, flavour, path, unused }: ExportSituation): Undo {
  const { host, clientNetwork } = site.nas;
  const look = exports.exportsDirectory(host);
  const written = exports.ownLine(path, clientNetwork);
  const isGone = (all: readonly ExportLine[]) => !names(all, path);
  return {
    change: exports.removeExportFile(host, path),
    before: [
      check(`The line of ${path} in /etc/exports.d is the one that was written`, look, (all) =>
        sameLines(
          all.filter((line) => line.path === path),
          [written],
        ),
      ),
      safeToReload(site),
      unused,
    ],
    after: verify(`No file in /etc/exports.d names ${path}`, look, isGone),
    afterwards: {
      title: `Reload the exports without ${path}`,
      before: [reloadDrops(site, path)],
      change: nas.reloadExports(host, flavour),
      after: gone({ site, flavour, path }),
      holds: [changesNas(site), changesExport(path)],
    },
  };
}

function names(lines: readonly ExportLine[], path: string): boolean {
  return lines.some((line) => line.path === path);
}
