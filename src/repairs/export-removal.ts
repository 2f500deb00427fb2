import * as removal from '../commands/export-removal.ts';
import * as exports from '../commands/exports.ts';
import * as nas from '../commands/nas.ts';
import type { Check, Step, Undo } from '../core/plan.ts';
import { check, noUndo, verify } from '../core/plan.ts';
import {
  exportsExactly,
  isSafeToReload,
  pathsIn,
  safeToReload,
  safeToReloadWith,
  sameLines,
  unchanged,
} from './export-checks.ts';
import { changesExport, changesNas, usesDatasetOf, usesNas } from './holds.ts';
import type { RemovalSituation } from './removal-situation.ts';
import { KEEPS_DATA, MAY_BE_MOUNTED, othersThan } from './removal-situation.ts';
import { unshareStep } from './share-removal.ts';

/** undefined where the export comes from something that is not ours to edit. */
export function removalSteps(situation: RemovalSituation): readonly [Step, ...Step[]] | undefined {
  const { site, flavour } = situation;
  if (site.nas.exportsScript !== undefined) return undefined;
  return flavour === 'debian' ? removalFromFiles(situation) : unshareStep(situation);
}

function removalFromFiles(situation: RemovalSituation): readonly [Step, ...Step[]] | undefined {
  const { path, file, dropIns, active } = situation;
  const [main = 0, more = 0] = [file, dropIns].map((lines) => lines?.value.filter((line) => line.path === path).length ?? 0);
  const inForce = pathsIn(active.value).includes(path);
  if (main + more > 1 || !isSafeToReload(situation, path)) return undefined;
  if (main + more === 0) return inForce ? [{ ...reloadWithout(situation), undo: noUndo(IN_NO_FILE) }] : undefined;
  const edit = main === 1 ? takeOutLine(situation) : removeOwnFile(situation);
  if (edit === undefined) return undefined;
  return inForce ? [edit, reloadWithout(situation)] : [edit];
}

const IN_NO_FILE =
  'No file says to whom it is exported. Where a run took its line out before, that run can be taken back; else /storage add export makes a new one.';

/** What both ways to take an export out of a file have in common. */
function editOf(situation: RemovalSituation): Pick<Step, 'because' | 'holds' | 'warnings'> {
  const { site, path, because, datasets } = situation;
  return {
    because,
    holds: [changesExport(path), ...usesDatasetOf(datasets.value, path), usesNas(site)],
    warnings: [KEEPS_DATA, MAY_BE_MOUNTED],
  };
}

function removeOwnFile(situation: RemovalSituation): Step | undefined {
  const { site, path, ownText, file, dropIns, unused } = situation;
  const { host } = site.nas;
  const text = ownText?.value;
  if (text === undefined || dropIns === undefined || !isOneLine(text, path)) return undefined;
  const own = removal.ownExportText(host, path);
  const others = dropIns.value.filter((line) => line.path !== path);
  const back: Undo = {
    change: removal.restoreExportFile(host, path, text.trimEnd()),
    before: [
      check(`No file in /etc/exports.d names ${path}`, exports.exportsDirectory(host), (all) => sameLines(all, others)),
      check('/etc/exports is as it was when this was planned', exports.exportsFile(host), (all) => sameLines(all, file.value)),
      safeToReloadWith(site, path),
    ],
    after: verify(`The file of ${path} says what it said before`, own, (now) => now === text),
    ...reloadWith(
      situation,
      check(`The file of ${path} says what it said before`, own, (now) => now === text),
    ),
  };
  return {
    ...editOf(situation),
    title: `Remove the file of ${path} from /etc/exports.d`,
    before: [
      unchanged(situation),
      check('It holds the one line that was seen, and nothing else', own, (now) => now === text),
      ...unused,
    ],
    change: { ...exports.removeExportFile(host, path), risk: 'high' },
    after: verify(
      `No file in /etc/exports.d names ${path}, and the others are as before`,
      exports.exportsDirectory(host),
      (all) => sameLines(all, others),
    ),
    undo: back,
  };
}

/** Only a file of one line is written again to the byte. */
export function isOneLine(text: string, path: string): boolean {
  const isWhole = /^[^\n\\]+\n$/.test(text) && text.trimEnd() === text.slice(0, -1);
  return (
    isWhole &&
    exports
      .parseExportsFile(text)
      .map((line) => line.path)
      .join() === path
  );
}

/** The main file without the line of this path; undefined where more than that would go with it. */
export function textWithout(text: string, path: string): string | undefined {
  const rest = removal.withoutExportLine(text, path);
  const others = exports.parseExportsFile(text).filter((line) => line.path !== path);
  return rest !== undefined && sameLines(exports.parseExportsFile(rest), others) ? rest : undefined;
}

function takeOutLine(situation: RemovalSituation): Step | undefined {
  const { site, path, mainText, unused } = situation;
  const { host } = site.nas;
  const text = mainText?.value;
  const rest = text === undefined ? undefined : textWithout(text, path);
  if (text === undefined || rest === undefined) return undefined;
  const main = removal.exportsText(host);
  const isBack = check('/etc/exports is to the byte what it was before', main, (now) => now === text);
  return {
    ...editOf(situation),
    title: `Take the line of ${path} out of /etc/exports`,
    before: [unchanged(situation), check('/etc/exports is to the byte what was seen', main, (now) => now === text), ...unused],
    change: removal.removeExportLine(host, path),
    after: verify('/etc/exports is what it was, without that one line', main, (now) => now === rest),
    undo: {
      change: removal.restoreExportLine(host),
      before: [
        check('/etc/exports is still as the change left it', main, (now) => now === rest),
        check('The file beside it is the one from before', removal.exportsTextBeforeRemoval(host), (kept) => kept === text),
        safeToReloadWith(site, path),
      ],
      after: { ...isBack, withinMs: 30_000 },
      ...reloadWith(situation, isBack),
    },
    warnings: [KEEPS_DATA, MAY_BE_MOUNTED, 'The old file stays beside it as /etc/exports.before-removal.'],
  };
}

function reloadWithout(situation: RemovalSituation): Step {
  const { site, flavour, path, because } = situation;
  return {
    title: `Reload the exports without ${path}`,
    because,
    before: [unchanged(situation), ...filesWithout(situation), ...situation.unused],
    change: { ...nas.reloadExports(site.nas.host, flavour), risk: 'high' },
    after: exportsExactly(situation, othersThan(situation), `The NAS exports what it did, but not ${path}`),
    undo: noUndo('Not by itself: the line or file that comes back is followed by another reload.'),
    holds: [changesNas(site), changesExport(path)],
    warnings: [KEEPS_DATA, MAY_BE_MOUNTED],
  };
}

/** Every other export in force was in these files when this was planned: a reload takes this one away alone. */
function filesWithout({ site, path, file, dropIns }: RemovalSituation): readonly Check[] {
  const { host } = site.nas;
  const others = (lines: readonly exports.ExportLine[]) => lines.filter((line) => line.path !== path);
  const main = check(`/etc/exports names what it did, and not ${path}`, exports.exportsFile(host), (now) =>
    sameLines(now, others(file.value)),
  );
  if (dropIns === undefined) return [main];
  return [
    main,
    check('So do the files in /etc/exports.d', exports.exportsDirectory(host), (now) => sameLines(now, others(dropIns.value))),
  ];
}

/** The reload that follows when the line or file came back; none where it had not been read before. */
function reloadWith(situation: RemovalSituation, isBack: Check): Pick<Undo, 'afterwards'> {
  const { site, flavour, path, active } = situation;
  if (!pathsIn(active.value).includes(path)) return {};
  const afterwards: Undo['afterwards'] = {
    title: `Reload the exports with ${path}`,
    before: [isBack, safeToReload(site)],
    change: nas.reloadExports(site.nas.host, flavour),
    after: exportsExactly(situation, pathsIn(active.value), 'The NAS exports what it did before'),
    holds: [changesNas(site), changesExport(path)],
  };
  return { afterwards };
}
