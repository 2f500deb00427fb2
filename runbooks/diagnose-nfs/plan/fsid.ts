import * as exports from '../../../src/commands/exports.ts';
import * as nas from '../../../src/commands/nas.ts';
import type { Undo } from '../../../src/core/plan.ts';
import { check, noUndo, verify } from '../../../src/core/plan.ts';
import type { ExportSituation } from '../../../src/repairs/export-checks.ts';
import { isSafeToReload, pathsIn, safeToReload, sameLines, unchanged } from '../../../src/repairs/export-checks.ts';
import { changesNas } from '../../../src/repairs/holds.ts';
import type { Planner } from './planner.ts';

/** On TrueNAS the middleware owns the file: there a person takes fsid out of the share's settings. */
export const dropFsidZero: Planner = (because, { site, nas: { flavour, file, dropIns, active } }) => {
  if (flavour !== 'debian' || !file?.known || !active?.known || dropIns?.known === false) return [];
  const has = (lines: readonly exports.ExportLine[]) => exports.rootedAtFsidZero(lines) !== undefined;
  if (!has(file.value) || !isSafeToReload({ active, file, ...(dropIns && { dropIns }) })) return [];
  const { host } = site.nas;
  const look = exports.exportsFile(host);
  const then = pathsIn(active.value);
  const same = unchanged({ site, flavour, active });
  return [
    {
      title: 'Take fsid=0 out of /etc/exports',
      because,
      before: [same, check('/etc/exports has fsid=0', look, has)],
      change: exports.dropFsidZero(host),
      after: verify('/etc/exports has no fsid=0', look, (lines) => !has(lines)),
      undo: restoreFsidZero({ site, flavour, active, file }),
      holds: [changesNas(site)],
      warnings: ['The old file stays beside it as /etc/exports.before-fsid-fix.'],
    },
    {
      title: 'Reload the exports',
      because,
      before: [same, check('/etc/exports has no fsid=0', look, (lines) => !has(lines))],
      change: nas.reloadExports(host, flavour),
      after: verify(
        `No export in force has fsid=0, and the ${then.length} paths from before are still exported`,
        exports.activeExports(host, flavour),
        (now) => now.every(({ clients }) => !FSID_ZERO.test(clients)) && then.every((path) => pathsIn(now).includes(path)),
      ),
      undo: noUndo('Not by itself: the old file is followed by another reload.'),
      holds: [changesNas(site)],
    },
  ];
};

/** Only the file that the change made is replaced, and only by the one that was there; a reload follows at once. */
function restoreFsidZero({ site, flavour, active, file }: Pick<ExportSituation, 'site' | 'flavour' | 'active' | 'file'>): Undo {
  const { host } = site.nas;
  const then = pathsIn(active.value);
  const restored = verify('/etc/exports is as it was when this was planned', exports.exportsFile(host), (now) =>
    sameLines(now, file.value),
  );
  return {
    change: exports.restoreExportsFile(host),
    before: [
      check('/etc/exports is still as the change left it', exports.exportsFile(host), (now) =>
        sameLines(now, exports.withoutFsidZero(file.value)),
      ),
      check('The file beside it is the one from before', exports.exportsFileBeforeFix(host), (kept) =>
        sameLines(kept, file.value),
      ),
      safeToReload(site),
    ],
    after: restored,
    afterwards: {
      title: 'Reload the exports with fsid=0',
      before: [
        restored,
        check('No export in force has fsid=0', exports.activeExports(host, flavour), (now) =>
          now.every(({ clients }) => !FSID_ZERO.test(clients)),
        ),
        safeToReload(site),
      ],
      change: nas.reloadExports(host, flavour),
      after: verify(
        `An export in force has fsid=0, and the ${then.length} paths from before are exported`,
        exports.activeExports(host, flavour),
        (now) => now.some(({ clients }) => FSID_ZERO.test(clients)) && then.every((path) => pathsIn(now).includes(path)),
      ),
      holds: [changesNas(site)],
    },
  };
}

const FSID_ZERO = /\bfsid=(0|root)\b/;
